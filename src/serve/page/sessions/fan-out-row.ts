import { formatTokens, formatUsd } from '../../../sdk/format.ts';
import { fanOutStatus, fanOutWords } from '../../../words/fan-outs.ts';
import { SESSION_MARKS } from '../../../words/marks.ts';
import { attr, el, text } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import type { Row } from '../dom/keyed-list.ts';
import type { ShownSession } from '../model/shown-session.ts';

/** The sessions of a fan-out in one row. */
export interface FanOutItem {
  readonly kind: 'fan-out';
  readonly key: string;
  readonly name: string;
  readonly sessions: readonly ShownSession[];
  readonly open: boolean;
  readonly place: number;
  /** Nothing of its cost is real. */
  readonly rehearsal: boolean;
}

export function fanOutRow({ name }: FanOutItem, toggle: (name: string) => void): Row<FanOutItem> {
  const sign = icon('circle');
  const word = el('span');
  const detail = el('td', { class: 'detail' });
  const cost = el('td', { class: 'number' });
  const tokens = el('td', { class: 'number wide' });
  const press = el(
    'button',
    { type: 'button', class: 'fold', title: name, click: () => toggle(name) },
    icon('back').node,
    name,
  );
  const status = el('td', { class: 'status' }, sign.node, word);
  const node = el(
    'tr',
    { class: 'fan-out' },
    el('th', { scope: 'row' }, press),
    status,
    detail,
    el('td', { class: 'wide path' }),
    cost,
    tokens,
    el('td', { class: 'number' }),
    el('td', { class: 'number wide' }),
  );
  return {
    node,
    update({ sessions, open, place, rehearsal }) {
      const mark = SESSION_MARKS[fanOutStatus(sessions)];
      const words = fanOutWords(sessions);
      sign.set(mark.icon);
      text(word, mark.word);
      attr(status, 'data-tone', mark.tone);
      text(detail, words);
      attr(detail, 'title', words);
      attr(press, 'aria-expanded', String(open));
      attr(press, 'aria-label', `${name}: ${words}`);
      const spent = sessions.reduce((sum, { costUsd }) => sum + costUsd, 0);
      const isEstimate = sessions.some(({ estimated }) => estimated);
      text(cost, rehearsal || (spent === 0 && !isEstimate) ? '' : formatUsd(spent, isEstimate));
      const used = formatTokens(sumOf(sessions));
      text(tokens, used === '0' ? '' : used);
      attr(node, 'aria-rowindex', place + 1);
    },
  };
}

function sumOf(sessions: readonly ShownSession[]): ShownSession['tokens'] {
  const sum = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
  for (const { tokens } of sessions) {
    sum.input += tokens.input;
    sum.output += tokens.output;
    sum.cacheRead += tokens.cacheRead;
    sum.cacheWrite += tokens.cacheWrite;
  }
  return sum;
}
