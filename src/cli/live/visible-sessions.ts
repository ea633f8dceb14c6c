import { phaseOf, type SessionStatus } from '../../../machines/vocabulary.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
import { fanOutStatus, foldedRows, type Row } from '../../words/fan-outs.ts';
import type { StandsStill } from '../../words/marks.ts';
import { sessionMark } from './marks.ts';

/** The order of importance: what asks for a person, what has failed, live, waiting in play, then the rest. */
const RANK = {
  asking: 0,
  failed: 1,
  working: 2,
  waiting: 3,
  paused: 3,
  stopped: 4,
  pending: 5,
  skipped: 6,
  completed: 7,
} as const;

const rankOf = (status: SessionStatus): number => RANK[phaseOf(status)];

/** A line of the live view: a session, or a fan-out, whose sessions that people have to know of follow as lines of their own. */
export type LiveRow = Row<SessionProgress>;

/** Identifies a row: no id of a session has brackets. */
export const keyOf = (row: LiveRow): string => (row.kind === 'session' ? row.session.id : `${row.name}[*]`);

/**
 * All rows there are, in the order in which they are shown: if they fit into `lines`, what asks for a person and what has
 * failed comes first, and the others are in the order of the definition; else the more important ones come first.
 * @param unfolded the keys of the fan-outs of which all sessions are shown. Default: none.
 */
export function arrangedRows(
  sessions: readonly SessionProgress[],
  lines: number,
  unfolded: ReadonlySet<string> = NONE,
): readonly LiveRow[] {
  const blocks = foldedRows(sessions).map((row): Block => {
    const isOpen = unfolded.has(keyOf(row));
    return { rank: rankOf(statusOf(row)), rows: unfoldedRow(row, isOpen), isOpen };
  });
  const count = blocks.reduce((sum, { rows }) => sum + rows.length, 0);
  if (count <= lines) return rowsBy(blocks, ({ rank }) => Math.min(rank, RANK.working));
  const single = blocks.flatMap(block => (block.isOpen ? [block] : block.rows.map(alone)));
  return rowsBy(single, ({ rank }) => rank);
}

/** Rows that stay together, since they have to or have been unfolded. */
interface Block {
  readonly rank: number;
  readonly rows: readonly LiveRow[];
  readonly isOpen: boolean;
}

const NONE: ReadonlySet<string> = new Set();

const alone = (row: LiveRow): Block => ({ rank: rankOf(statusOf(row)), rows: [row], isOpen: false });

const rowsBy = (blocks: readonly Block[], order: (block: Block) => number): LiveRow[] =>
  [...blocks].sort((a, b) => order(a) - order(b)).flatMap(({ rows }) => rows);

const statusOf = (row: LiveRow): SessionStatus =>
  row.kind === 'session' ? row.session.status : fanOutStatus(row.sessions);

/** A fan-out, and those of its sessions that are at work, wait for a person, or have failed; or all of them. */
function unfoldedRow(row: LiveRow, isOpen: boolean): LiveRow[] {
  if (row.kind === 'session') return [row];
  const own = row.sessions.filter(({ status }) => isOpen || rankOf(status) <= RANK.paused);
  return [row, ...own.map(session => ({ kind: 'session', session }) as const)];
}

export interface Visible {
  readonly shown: readonly LiveRow[];
  /** Sessions that neither have a line nor are counted in one. */
  readonly hidden: readonly SessionProgress[];
}

/**
 * Those rows that fit into `lines`, with a line left to count the others if not all do: the first ones, or those around
 * the selected one.
 */
export function visibleRows(
  rows: readonly LiveRow[],
  sessions: readonly SessionProgress[],
  lines: number,
  selected?: string,
): Visible {
  if (rows.length <= lines) return { shown: rows, hidden: [] };
  const room = Math.max(0, lines - 1);
  const at = rows.findIndex(row => keyOf(row) === selected);
  const from = Math.max(0, Math.min(at - Math.floor(room / 2), rows.length - room));
  const shown = rows.slice(from, from + room);
  const told = new Set(shown.flatMap(row => (row.kind === 'session' ? [row.session] : row.sessions)));
  return { shown, hidden: sessions.filter(session => !told.has(session)) };
}

/** `20 pending, 14 completed`: the largest share first. */
export function countedByStatus(statuses: readonly (SessionStatus | StandsStill)[]): string {
  const counts = new Map<SessionStatus | StandsStill, number>();
  for (const status of statuses) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([status, count]) => `${count} ${sessionMark(status).word}`)
    .join(', ');
}
