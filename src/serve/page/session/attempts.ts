import { formatDay, formatElapsed, formatTime } from '../../../sdk/format.ts';
import type { AttemptSpan } from '../../../words/attempts.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import { KeyedList } from '../dom/keyed-list.ts';
import type { GroupContext } from '../group/part.ts';
import { endOf, lengthOf, stretchesOf } from '../model/stretches.ts';

/** The attempts of a session: when each began, how long it took, and how it ended. */
export function attemptsView({ model }: Pick<GroupContext, 'model'>): {
  readonly node: Element;
  show(spans: readonly AttemptSpan[]): void;
} {
  const empty = el('p', { class: 'empty' }, 'It has not started yet.');
  const body = el('tbody');
  const heads = ['Attempt', 'Began', 'Took', 'Ended'].map(name => el('th', { scope: 'col' }, name));
  const table = el('table', { class: 'attempts' }, el('thead', {}, el('tr', {}, ...heads)), body);
  const list = new KeyedList<AttemptSpan>(
    body,
    ({ attempt, startedAt }) => `${attempt} ${startedAt}`,
    ({ attempt, startedAt }) => {
      const start = Date.parse(startedAt);
      const took = el('td', { class: 'number' });
      const ended = el('td');
      const began = el('td', {}, `${formatDay(start)} ${formatTime(start)}`);
      return {
        node: el('tr', {}, el('th', { scope: 'row' }, String(attempt)), began, took, ended),
        update(span) {
          const stretches = stretchesOf(span, model.totals.suspensions, Date.now());
          text(took, formatElapsed(lengthOf(stretches)));
          const { word, tone } = endOf(span, model.sessions.get(span.sessionId)?.status);
          text(ended, word);
          attr(ended, 'data-tone', tone);
        },
      };
    },
  );
  return {
    node: el('div', {}, empty, table),
    show(spans) {
      visible(empty, spans.length === 0);
      visible(table, spans.length > 0);
      list.show(spans);
    },
  };
}
