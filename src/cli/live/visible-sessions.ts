import { phaseOf, type SessionStatus } from '../../../machines/vocabulary.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
import { fanOutStatus, foldedRows, type Row } from '../../words/fan-outs.ts';
import { sessionMark } from './marks.ts';

/** The order of importance if not all fit: live, waiting in play, failed, then the rest. */
const RANK = {
  asking: 0,
  working: 1,
  waiting: 2,
  paused: 2,
  failed: 3,
  stopped: 4,
  pending: 5,
  skipped: 6,
  completed: 7,
} as const;

const rankOf = (status: SessionStatus): number => RANK[phaseOf(status)];

const LAST_RANK = Math.max(...Object.values(RANK));

/** A line of the live view: a session, or a fan-out, whose sessions that people have to know of follow as lines of their own. */
export type LiveRow = Row<SessionProgress>;

export interface Visible {
  /** In the order of the definition. */
  readonly shown: readonly LiveRow[];
  /** Sessions that neither have a line nor are counted in one. */
  readonly hidden: readonly SessionProgress[];
}

/** All rows if they fit into `lines`, else the most important ones, with a line left to count the others. */
export function visibleSessions(sessions: readonly SessionProgress[], lines: number): Visible {
  const rows = foldedRows(sessions).flatMap(unfolded);
  if (rows.length <= lines) return { shown: rows, hidden: [] };
  const room = Math.max(0, lines - 1);
  const chosen = new Set<number>();
  for (let rank = 0; rank <= LAST_RANK; rank += 1) {
    for (let index = 0; index < rows.length && chosen.size < room; index += 1) {
      const row = rows[index];
      if (row !== undefined && rankOf(statusOf(row)) === rank) chosen.add(index);
    }
  }
  const shown = rows.filter((_, index) => chosen.has(index));
  const told = new Set(shown.flatMap(row => (row.kind === 'session' ? [row.session] : row.sessions)));
  return { shown, hidden: sessions.filter(session => !told.has(session)) };
}

const statusOf = (row: LiveRow): SessionStatus =>
  row.kind === 'session' ? row.session.status : fanOutStatus(row.sessions);

/** A fan-out, and those of its sessions that are at work, wait for a person, or have failed. */
function unfolded(row: LiveRow): LiveRow[] {
  if (row.kind === 'session') return [row];
  const own = row.sessions.filter(({ status }) => rankOf(status) <= RANK.failed);
  return [row, ...own.map(session => ({ kind: 'session', session }) as const)];
}

/** `20 pending, 14 completed`: the largest share first. */
export function countedByStatus(sessions: readonly { readonly status: SessionStatus }[]): string {
  const counts = new Map<SessionStatus, number>();
  for (const { status } of sessions) counts.set(status, (counts.get(status) ?? 0) + 1);
  return [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([status, count]) => `${count} ${sessionMark(status).word}`)
    .join(', ');
}
