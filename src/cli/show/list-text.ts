import { formatElapsed, formatUsd } from '../../sdk/format.ts';
import type { Attention } from '../../sdk/group/standing/attention.ts';
import type { ListedMeta } from '../../sdk/group/standing/kept-status.ts';
import { META_DAMAGED } from '../../sdk/group/store/group-meta.ts';
import type { GroupMeta } from '../../sdk/group/store/store.ts';
import { unreadableWords } from '../../sdk/take-over-words.ts';
import { attentionWords } from '../../words/attention.ts';
import { shownStatus } from '../../words/marks.ts';
import { suspendedAdvice } from '../../words/wait-words.ts';
import { groupMark } from '../live/marks.ts';
import { type Format, type Look, painter } from '../terminal.ts';
import { cleanLine } from '../text.ts';
import { widest, wrapWords } from '../width.ts';

/** A listed group, with what of it waits for a person. */
export interface ListedGroup extends ListedMeta {
  readonly attention?: Attention;
  /** As in `CurrentGroup`. */
  readonly suspendedAt?: string;
}

/**
 * A header, and a row per group: status, id, completed sessions, cost, age, what waits for a person if anything does, and
 * name. Where the lines of a terminal are too short for that, what does not fit stands below its row.
 */
export function renderList(groups: readonly ListedGroup[], look: Look & { readonly now: number }): string {
  const paint = painter(look.color);
  const { columns = Number.POSITIVE_INFINITY } = look;
  const rows = groups.map(group => rowOf(group, look));
  const waits = rows.some(({ waiting }) => waiting !== '');
  const cellsOf = ({ cells, waiting }: Row) => [...cells, ...(waits ? [waiting] : [])];
  const widths = cellsOf(TITLES).map((_, at) => widest([TITLES, ...rows].map(row => cellsOf(row)[at] ?? '')));
  const widthOf = (count: number) => widths.slice(0, count).reduce((sum, width) => sum + width + 2, 0);
  const isWhole = widthOf(widths.length) + widest(rows.map(({ name }) => name)) <= columns;
  const count = isWhole
    ? widths.length
    : widthOf(TITLES.cells.length) - 2 <= columns
      ? TITLES.cells.length
      : 2;
  const padded = (row: Row) =>
    cellsOf(row)
      .slice(0, count)
      .map((cell, at) => (RIGHT.has(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)));
  const below = (words: string) => wrapWords(words, columns - 4).map(line => `    ${line}`);
  const lines = rows.flatMap(row => {
    const { format, name, waiting, remark } = row;
    const [status = '', ...others] = padded(row);
    const line = [paint(format, status), ...others, ...(isWhole ? [name] : [])].join('  ').trimEnd();
    const figures = row.cells.slice(count).filter(cell => cell !== '');
    const left = [name, ...figures, ...(waiting === '' ? [] : [`waits for you: ${waiting}`])];
    return [line, ...(isWhole ? [] : below(left.join(', '))), ...(remark === undefined ? [] : below(remark))];
  });
  const header = [...padded(TITLES), ...(isWhole ? [TITLES.name] : [])].join('  ').trimEnd();
  return `${[paint('dim', header), ...lines].join('\n')}\n`;
}

interface Row {
  /** Status, id, completed sessions, cost and age. */
  readonly cells: readonly string[];
  readonly waiting: string;
  readonly name: string;
  /** Of the status. */
  readonly format: Format;
  /** What else is to be known of it. */
  readonly remark?: string;
}

const TITLES: Row = {
  cells: ['STATUS', 'ID', 'DONE', 'COST', 'CREATED'],
  waiting: 'WAITS FOR YOU',
  name: 'NAME',
  format: 'dim',
};
const RIGHT: ReadonlySet<number> = new Set([2, 3, 4]);

function rowOf(group: ListedGroup, { unicode, now }: Look & { readonly now: number }): Row {
  const { unreadable, damage, ownerUnreadable, owner, suspendedAt, attention = {}, counts } = group;
  const shown = shownStatus(group.status, owner);
  const damaged = unreadable === undefined ? DAMAGED : UNREADABLE;
  const mark = damage !== undefined || isDamaged(group) ? damaged : groupMark(shown);
  const { completed = 0, total } = counts;
  const suspended = owner && shown === 'suspended' ? suspendedAdvice(owner.pid, suspendedAt, now) : undefined;
  const remark = unreadable ?? damage ?? suspended ?? (ownerUnreadable && unreadableWords(ownerUnreadable));
  return {
    cells: [
      `${unicode ? mark.sign : mark.ascii} ${mark.word}`,
      group.id,
      total === undefined ? '' : `${completed}/${total}`,
      group.rehearsal ? 'rehearsal' : formatUsd(group.totalCostUsd),
      `${ageOf(group, now)} ago`,
    ],
    waiting: cleanLine(attentionWords(attention)),
    name: cleanLine(group.name),
    format: mark.format,
    ...(remark === undefined ? {} : { remark: cleanLine(remark) }),
  };
}

const DAMAGED = { ...groupMark('interrupted'), word: 'damaged' };
const UNREADABLE = { ...DAMAGED, word: 'unreadable' };

function ageOf({ createdAt }: ListedMeta, now: number): string {
  const ms = Math.max(0, now - Date.parse(createdAt));
  const days = Math.floor(ms / 86_400_000);
  return days > 1 ? `${days} days` : formatElapsed(ms);
}

/** Its meta cannot be read: its status means nothing. */
export const isDamaged = ({ reason }: Pick<GroupMeta, 'reason'>): boolean => reason === META_DAMAGED;
