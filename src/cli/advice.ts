import { QUESTION_TOOL } from '../../machines/vocabulary.ts';
import type { GroupProgress } from '../sdk/group/progress/progress.ts';
import { failedByLogin, type ShownResult } from './groups/status.ts';

/** The commands to suggest next, with the full id, ready to paste. */

export const resumeCommand = (id: string): string => `session-groups group resume ${id}`;
export const retryCommand = (id: string): string => `session-groups group retry ${id}`;
export const runCommand = (id: string): string => `session-groups group run ${id}`;
const integrateCommand = (id: string): string => `session-groups group integrate ${id}`;
const showCommand = (id: string): string => `session-groups group show ${id}`;
export const sessionCommand = (id: string, session: string): string =>
  `session-groups session show ${id} ${session}`;
export const watchCommand = (id: string): string => `session-groups group watch ${id}`;
/** `tool`: what it asks for; a question needs an answer. */
export const approveCommand = (id: string, session: string, tool: string): string =>
  `session-groups session approve ${id} ${session}${tool === QUESTION_TOOL ? ' --answer TEXT' : ''}`;

/**
 * What to do next with a group that did not complete; undefined if there is nothing to do.
 * @param isDelivery all of its sessions have completed: if it is stuck, then in its delivery.
 */
export function nextStep(
  result: Pick<ShownResult, 'groupId' | 'status' | 'reason' | 'totalCostUsd'> &
    Partial<Pick<ShownResult, 'sessions'>>,
  limitUsd?: GroupProgress['limitUsd'],
  isDelivery = Object.values(result.sessions ?? {}).every(({ status }) => status === 'completed'),
): string | undefined {
  const { groupId, status, reason } = result;
  if (status === 'created') return `Start it with: ${runCommand(groupId)}`;
  if (status === 'failed' || status === 'stopped') {
    const login = result.sessions && failedByLogin({ status, sessions: result.sessions });
    const refused = refusedConversations(result.sessions ?? {});
    const fresh = refused.map(id => ` --session ${id}`).join('');
    const again =
      fresh === '' ? '' : `\nWhere a conversation is refused: ${retryCommand(groupId)}${fresh} --fresh`;
    return `${login ? 'Check `session-groups doctor`, then retry' : 'Retry'} the sessions that did not complete: ${retryCommand(groupId)}${again}`;
  }
  if (status === 'interrupted') return `It is no longer running. Resume it with: ${resumeCommand(groupId)}`;
  if (status !== 'paused') return undefined;
  if (reason === 'budget_exceeded') {
    return `Raise the limit and resume it with: ${resumeCommand(groupId)} --max-budget-usd ${raised(result.totalCostUsd, limitUsd)}`;
  }
  if (reason === 'conflict' || reason === 'delivery_refused') {
    const see = `See what is in the way: ${showCommand(groupId)}`;
    const then = `Then resume it with: ${resumeCommand(groupId)}`;
    if (!isDelivery) return `${see}\n${then}`;
    const back = `Or take back what part of a delivery has moved: ${integrateCommand(groupId)} --undo`;
    return `${see}, ${integrateCommand(groupId)} --dry-run\n${then}\n${back}`;
  }
  const doctor =
    reason === 'agent_unavailable' ? 'Check `session-groups doctor`, then resume it' : 'Resume it';
  return `${doctor} with: ${resumeCommand(groupId)}`;
}

/** Sessions that failed when they went on in a conversation, for what may be in it. */
const refusedConversations = (sessions: ShownResult['sessions']): string[] =>
  Object.entries(sessions).flatMap(([id, { status, error, attempts }]) => {
    const refused = error?.code === 'invalid_request' || error?.code === 'prompt_too_long';
    return status === 'failed' && refused && attempts > 1 ? [id] : [];
  });

/** Twice the spent or allowed amount, so that the group can resume. */
function raised(spentUsd: number, limitUsd = 0): number {
  return Math.max(1, Math.ceil(2 * Math.max(spentUsd, limitUsd)));
}
