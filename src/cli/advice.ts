import type { GroupProgress } from '../sdk/group/progress/progress.ts';
import { failedByLogin, type ShownResult } from './groups/status.ts';

/** The commands that people are told to type next: always with the whole id, ready to be pasted. */

export const resumeCommand = (id: string): string => `session-groups group resume ${id}`;
export const retryCommand = (id: string): string => `session-groups group retry ${id}`;
export const runCommand = (id: string): string => `session-groups group run ${id}`;
export const watchCommand = (id: string): string => `session-groups group watch ${id}`;
export const approveCommand = (id: string, session: string): string =>
  `session-groups session approve ${id} ${session}`;

/** How a group that did not complete goes on; undefined where nothing is left to be done. */
export function nextStep(
  result: Pick<ShownResult, 'groupId' | 'status' | 'reason' | 'totalCostUsd'> &
    Partial<Pick<ShownResult, 'sessions'>>,
  limitUsd?: GroupProgress['limitUsd'],
): string | undefined {
  const { groupId, status, reason } = result;
  if (status === 'created') return `Start it with: ${runCommand(groupId)}`;
  if (status === 'failed' || status === 'stopped') {
    const login = result.sessions && failedByLogin({ status, sessions: result.sessions });
    return `${login ? 'See `session-groups doctor`, then run' : 'Run'} again what did not complete: ${retryCommand(groupId)}`;
  }
  if (status === 'interrupted') return `Nobody runs it any more. Resume it with: ${resumeCommand(groupId)}`;
  if (status !== 'paused') return undefined;
  if (reason === 'budget_exceeded') {
    return `Raise the limit and resume it with: ${resumeCommand(groupId)} --max-budget-usd ${raised(result.totalCostUsd, limitUsd)}`;
  }
  const doctor = reason === 'agent_unavailable' ? 'See `session-groups doctor`, then resume it' : 'Resume it';
  return `${doctor} with: ${resumeCommand(groupId)}`;
}

/** Twice what is spent or allowed: an amount that can be resumed with. */
function raised(spentUsd: number, limitUsd = 0): number {
  return Math.max(1, Math.ceil(2 * Math.max(spentUsd, limitUsd)));
}
