import { formatTokens } from '../../../sdk/format.ts';
import { errorWords } from '../../../words/error-words.ts';
import { SESSION_MARKS } from '../../../words/marks.ts';
import { attr, el, text } from '../dom/el.ts';
import { icon } from '../dom/icons.ts';
import type { Row } from '../dom/keyed-list.ts';
import { costWords, detailWords, startWords, timeWords } from '../model/session-words.ts';
import type { ShownSession } from '../model/shown-session.ts';

/** The data of a table row. */
export interface SessionItem {
  readonly kind: 'session';
  readonly key: string;
  /** It stands below its fan-out. */
  readonly inner: boolean;
  /** The first line of its result. */
  readonly result: string;
  /** What its agent said last. */
  readonly said: string;
  /** Nothing of its cost is real. */
  readonly rehearsal: boolean;
  readonly session: ShownSession;
  /** Row number, from 1. */
  readonly place: number;
  readonly now: number;
  /** Milliseconds since the last update. */
  readonly age: number;
  readonly chosen: boolean;
}

export function sessionRow({ session: { id, projectPath } }: SessionItem, href: string): Row<SessionItem> {
  const sign = icon('circle');
  const word = el('span');
  const detail = el('td', { class: 'detail' });
  const cost = el('td', { class: 'number' });
  const tokens = el('td', { class: 'number wide' });
  const time = el('td', { class: 'number' });
  const attempts = el('td', { class: 'number wide' });
  const project = el('td', { class: 'wide path', title: projectPath }, projectPath.split('/').at(-1) ?? '');
  const status = el('td', { class: 'status' }, sign.node, word);
  const node = el(
    'tr',
    {},
    el('th', { scope: 'row' }, el('a', { href, title: id }, id)),
    status,
    detail,
    project,
    cost,
    tokens,
    time,
    attempts,
  );
  return {
    node,
    update({ session, place, now, age, chosen, inner, result, said, rehearsal }) {
      const mark = SESSION_MARKS[session.status];
      sign.set(mark.icon);
      text(word, mark.word);
      attr(status, 'data-tone', mark.tone);
      const failed = session.status === 'failed' && session.error ? errorWords(session.error) : '';
      const words = session.status === 'completed' ? result : failed || detailWords(session, now) || said;
      text(detail, words);
      attr(detail, 'title', session.error ? errorWords(session.error) : words || undefined);
      text(cost, rehearsal ? '' : costWords(session));
      const used = formatTokens(session.tokens);
      text(tokens, used === '0' ? '' : used);
      text(time, timeWords(session, age));
      attr(time, 'title', startWords(session) || undefined);
      attr(node, 'class', inner ? 'inner' : undefined);
      text(attempts, session.attempts === 0 ? '' : String(session.attempts));
      attr(node, 'aria-rowindex', place + 1);
      attr(node, 'aria-current', chosen ? 'true' : undefined);
    },
  };
}
