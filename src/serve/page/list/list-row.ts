import { hasReason } from '../../../../machines/vocabulary.ts';
import { counted, formatDay, formatElapsed, formatTime, formatUsd } from '../../../sdk/format.ts';
import { unreadableWords } from '../../../sdk/take-over-words.ts';
import { attentionWords } from '../../../words/attention.ts';
import { GROUP_MARKS, shownStatus } from '../../../words/marks.ts';
import { pauseWords } from '../../../words/wait-words.ts';
import type { ListedGroupView } from '../../api-types.ts';
import { badge } from '../controls/badge.ts';
import { attr, el, text, visible } from '../dom/el.ts';
import type { Row } from '../dom/keyed-list.ts';
import { COUNTS, countMark } from '../model/marks.ts';
import { groupHash } from '../model/route.ts';

/** A group in the list: status, progress, cost and age. */
export function listRow(first: ListedGroupView): Row<ListedGroupView> {
  const status = badge(GROUP_MARKS[shownStatus(first.status, first.owner)]);
  const link = el('a', { href: groupHash(first.id) });
  const below = el('span', { class: 'small' });
  const waits = el('strong', { class: 'waits' });
  const done = el('span', { class: 'number' });
  const cost = el('span', { class: 'number' });
  const age = el('time', { class: 'number', datetime: first.createdAt, title: absolute(first.createdAt) });
  const pieces = COUNTS.map(({ key, tone }) => [key, el('div', { 'data-tone': tone, class: key })] as const);
  const bar = el('div', { class: 'bar stacked', role: 'img' }, ...pieces.map(([, piece]) => piece));
  const node = el(
    'li',
    {},
    status.node,
    el('span', { class: 'naming' }, link, waits, below),
    el('span', { class: 'progress' }, bar, done),
    cost,
    age,
  );
  return {
    node,
    update(group) {
      const shown = shownStatus(group.status, group.owner);
      status.set(group.damage === undefined ? GROUP_MARKS[shown] : DAMAGED);
      text(link, group.name);
      text(below, belowWords(group));
      const asked = attentionWords(group.attention ?? {});
      text(waits, asked === '' ? '' : `Waits for you: ${asked}`);
      visible(waits, asked !== '');
      text(cost, group.rehearsal ? 'rehearsal' : formatUsd(group.totalCostUsd));
      text(age, `${formatElapsed(Date.now() - Date.parse(group.createdAt)).split(' ')[0]} ago`);
      const total = group.counts.total ?? 0;
      text(done, `${group.counts.completed ?? 0} of ${total}`);
      for (const [key, piece] of pieces) {
        attr(piece, 'data-tone', countMark(key, shown).tone);
        piece.style.setProperty('width', `${(100 * (group.counts[key] ?? 0)) / Math.max(1, total)}%`);
      }
      const said = COUNTS.flatMap(({ key }) =>
        group.counts[key] ? [`${group.counts[key]} ${countMark(key, shown).word}`] : [],
      );
      attr(bar, 'aria-label', `${counted(total, 'session')}: ${said.join(', ')}`);
      attr(node, 'data-archived', group.archivedAt === undefined ? undefined : 'true');
    },
  };
}

const absolute = (time: string): string =>
  `created ${formatDay(Date.parse(time))} ${formatTime(Date.parse(time))}`;

const DAMAGED = { ...GROUP_MARKS.interrupted, word: 'damaged' };

function belowWords({
  id,
  reason,
  status,
  owner,
  ownerUnreadable,
  unreadable,
  damage = unreadable,
  archivedAt,
  description,
}: ListedGroupView): string {
  const parts = [
    id,
    ...(reason !== undefined && status !== 'paused' && hasReason(status) ? [pauseWords(reason)] : []),
    ...(owner?.alive ? [`process ${owner.pid}${owner.unchecked ? ` on ${owner.host}` : ''}`] : []),
    ...(ownerUnreadable === undefined ? [] : [unreadableWords(ownerUnreadable)]),
    ...(damage === undefined ? [] : [damage]),
    ...(archivedAt === undefined ? [] : ['archived']),
    ...(description === undefined ? [] : [description]),
  ];
  return parts.join(' · ');
}
