import { phaseOf, type SessionStatus } from '../../../machines/vocabulary.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
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

export interface Visible {
  /** In the order of the definition. */
  readonly shown: readonly SessionProgress[];
  readonly hidden: readonly SessionProgress[];
}

/** All sessions if they fit into `lines`, else the most important ones, with a line left to count the others. */
export function visibleSessions(sessions: readonly SessionProgress[], lines: number): Visible {
  if (sessions.length <= lines) return { shown: sessions, hidden: [] };
  const room = Math.max(0, lines - 1);
  const chosen = new Set<number>();
  for (let rank = 0; rank <= LAST_RANK; rank += 1) {
    for (let index = 0; index < sessions.length && chosen.size < room; index += 1) {
      const session = sessions[index];
      if (session !== undefined && rankOf(session.status) === rank) chosen.add(index);
    }
  }
  return {
    shown: sessions.filter((_, index) => chosen.has(index)),
    hidden: sessions.filter((_, index) => !chosen.has(index)),
  };
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
