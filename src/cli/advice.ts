import type { GroupProgress } from '../sdk/group/progress/progress.ts';
import { failedByLogin, type ShownResult } from './groups/status.ts';

/** The commands to suggest next, with the full id, ready to paste. */

export const resumeCommand = (id: string): string => `session-groups group resume ${id}`;
export const retryCommand = (id: string): string => `session-groups group retry ${id}`;
export const runCommand = (id: string): string => `session-groups group run ${id}`;
export const watchCommand = (id: string): string => `session-groups group watch ${id}`;
export const approveCommand = (id: string, session: string): string =>
  `session-groups session approve ${id} ${session}`;

/** What to do next with a group that did not complete; undefined if there is nothing to do. */
export function nextStep(
  result: Pick<ShownResult, 'groupId' | 'status' | 'reason' | 'totalCostUsd'> &
    Partial<Pick<ShownResult, 'sessions'>>,
  limitUsd?: GroupProgress['limitUsd'],
): string | undefined {
  const { groupId, status, reason } = result;
  if (status === 'created') return `Start it with: ${runCommand(groupId)}`;
  if (status === 'failed' || status === 'stopped') {
    const login = result.sessions && failedByLogin({ status, sessions: result.sessions });
    return `${login ? 'Check `session-groups doctor`, then retry' : 'Retry'} the sessions that did not complete: ${retryCommand(groupId)}`;
  }
  if (status === 'interrupted') return `It is no longer running. Resume it with: ${resumeCommand(groupId)}`;
  if (status !== 'paused') return undefined;
  if (reason === 'budget_exceeded') {
    return `Raise the limit and resume it with: ${resumeCommand(groupId)} --max-budget-usd ${raised(result.totalCostUsd, limitUsd)}`;
  }
  const doctor =
    reason === 'agent_unavailable' ? 'Check `session-groups doctor`, then resume it' : 'Resume it';
  return `${doctor} with: ${resumeCommand(groupId)}`;
}

/** Twice the spent or allowed amount, so that the group can resume. */
function raised(spentUsd: number, limitUsd = 0): number {
  return Math.max(1, Math.ceil(2 * Math.max(spentUsd, limitUsd)));
}
