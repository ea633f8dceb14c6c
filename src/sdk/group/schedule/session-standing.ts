import type { Admissions } from './admissions.ts';
import type { Players } from './players.ts';
import type { SessionStanding } from './roster-spec.ts';
import type { Schedule } from './schedule.ts';

/** What keeps a session from going on that is not in play, or has no slot. */
export type SessionWait = 'dependency' | 'slot' | 'project' | 'account' | 'held';

export function waitOf(
  index: number,
  schedule: Schedule,
  players: Players,
  admissions: Admissions,
): SessionWait | undefined {
  const player = players.at(index);
  if (schedule.outcomeOf(index) !== undefined || player?.slot) return undefined;
  if (player?.held) return 'held';
  if (schedule.isWaiting(index)) return 'dependency';
  return admissions.kindOf(index) ?? (player?.parked === undefined ? 'slot' : undefined);
}

/** How it stands towards a new definition. @param attempts how often it was started. */
export function standingOf(
  index: number,
  attempts: number,
  schedule: Schedule,
  players: Players,
): Exclude<SessionStanding, 'unknown'> {
  const outcome = schedule.outcomeOf(index);
  if (outcome === 'completed' || outcome === 'failed') return outcome;
  if (outcome !== undefined) return attempts > 0 ? 'ended' : 'never_ran';
  return attempts > 0 || players.has(index) ? 'in_play' : 'pending';
}
