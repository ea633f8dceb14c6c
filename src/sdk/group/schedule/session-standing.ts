import type { SessionDependency } from '../types.ts';
import type { Admissions } from './admissions.ts';
import type { SessionStanding } from './roster-spec.ts';
import type { Schedule } from './schedule.ts';
import type { SessionsInPlay } from './sessions-in-play.ts';

/** What a session without a slot waits for. */
export type SessionWait = 'dependency' | 'slot' | 'project' | 'account' | 'held';

export function waitOf(
  index: number,
  schedule: Schedule,
  inPlay: SessionsInPlay,
  admissions: Admissions,
): SessionWait | undefined {
  const session = inPlay.at(index);
  if (schedule.outcomeOf(index) !== undefined || session?.slot) return undefined;
  if (session?.held ?? schedule.held.has(index)) return 'held';
  if (schedule.isWaiting(index)) return 'dependency';
  return admissions.kindOf(index) ?? (session?.parked === undefined ? 'slot' : undefined);
}

/** See SessionStanding. @param attempts how often the session was started. */
export function standingOf(
  index: number,
  attempts: number,
  schedule: Schedule,
  inPlay: SessionsInPlay,
): Exclude<SessionStanding, 'unknown'> {
  const outcome = schedule.outcomeOf(index);
  if (outcome === 'completed' || outcome === 'failed') return outcome;
  if (outcome !== undefined) return attempts > 0 ? 'ended' : 'never_ran';
  return attempts > 0 || inPlay.has(index) ? 'in_play' : 'pending';
}

/** The edges to upstream sessions that haven't settled. */
export const openEdges = (id: string, schedule: Schedule): SessionDependency[] =>
  (schedule.graph.node(id)?.dependencies ?? []).flatMap(({ to, when }) =>
    schedule.outcomeOf(to) === undefined ? [{ session: schedule.idOf(to), when }] : [],
  );
