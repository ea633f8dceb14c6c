import { endedBadly } from '../../machines/vocabulary.ts';
import type { JournalRecord } from '../sdk/group/journal/records.ts';
import type { GroupProgress, SessionResult } from '../sdk/group/progress/progress.ts';
import { mergedBranch, shortName } from '../sdk/workspace/names.ts';
import {
  diffCommand,
  integrateCommand,
  letGoCommand,
  pullRequestsCommand,
  raiseCommand,
  resumeCommand,
  retryCommand,
  runCommand,
  showCommand,
  updateCommand,
} from '../words/commands.ts';
import { isPossible } from '../words/possible.ts';
import { isHeld, listOf } from '../words/wait-words.ts';
import { failedByLogin, type ShownResult, type ShownStatus } from './groups/status.ts';

export {
  approveCommand,
  resumeCommand,
  runCommand,
  sessionCommand,
  watchCommand,
} from '../words/commands.ts';

/**
 * What to do next with a group that did not complete, or has something to deliver; undefined if there is nothing to do.
 * @param isDelivery all of its sessions have completed: if it is stuck, then in its delivery.
 */
export function nextStep(
  result: Pick<ShownResult, 'groupId' | 'status' | 'reason' | 'totalCostUsd'> &
    Partial<Pick<ShownResult, 'sessions' | 'toDeliver'>> &
    Unfinished,
  limitUsd?: GroupProgress['limitUsd'],
  isDelivery = areCompleted(result.sessions ?? {}),
): string | undefined {
  const { groupId, status, reason } = result;
  if (status === 'created') return `Start it with: ${runCommand(groupId)}`;
  const branch = shortName(mergedBranch(groupId));
  const deliver = `${integrateCommand(groupId)}${result.into === undefined ? ' --into BRANCH' : ''}`;
  if (status === 'failed' || status === 'stopped') {
    const retry = retryAdvice(result);
    const merged = `What was merged so far is in ${branch}. Deliver that with: ${deliver}`;
    const lines = [
      ...(isDelivery ? [] : [retry]),
      ...(result.toDeliver ? [merged] : []),
      ...branchAdvice(result),
    ];
    return lines.length === 0 ? undefined : lines.join('\n');
  }
  if (status === 'interrupted' && result.wasStopping)
    return `It was stopping when its process ended. Finish that with: ${resumeCommand(groupId)}`;
  if (status === 'interrupted') return `It is no longer running. Resume it with: ${resumeCommand(groupId)}`;
  if (status === 'completed' && result.toDeliver)
    return `What it merged is in ${branch}. Deliver it with: ${deliver}`;
  if (status === 'completed') return branchAdvice(result)[0];
  if (status !== 'paused') return undefined;
  if (reason === 'budget_exceeded') {
    return `Raise the limit and resume it with: ${raiseCommand(groupId, result.totalCostUsd, limitUsd)}`;
  }
  if (reason === 'sessions_paused') {
    const held = result.held ?? pausedIn(result.sessions ?? {});
    const [first = 'SESSION'] = held;
    if (result.held?.length === 0)
      return `No session is held any more. Resume it with: ${resumeCommand(groupId)}`;
    return `Let a held session go on: ${letGoCommand(groupId, first)}\nThen resume it with: ${resumeCommand(groupId)}`;
  }
  if (reason === 'conflict' || reason === 'delivery_refused') {
    const dryRun = isDelivery ? `, ${integrateCommand(groupId)} --dry-run` : '';
    const see = `See what is in the way: ${showCommand(groupId)}${dryRun}`;
    const then = `Then resume it with: ${resumeCommand(groupId)}`;
    if (!isDelivery || result.hasMoved === false) return `${see}\n${then}`;
    return `${see}\n${then}\nOr take back what part of a delivery has moved: ${integrateCommand(groupId)} --undo`;
  }
  const doctor =
    reason === 'agent_unavailable' ? 'Check `session-groups doctor`, then resume it' : 'Resume it';
  return `${doctor} with: ${resumeCommand(groupId)}`;
}

function areCompleted(sessions: ShownResult['sessions']): boolean {
  const all = Object.values(sessions);
  return all.length > 0 && all.every(({ status }) => status === 'completed');
}

/** Where the changes are that the group has not merged; no line if there are none. */
function branchAdvice({ groupId, sessions = {}, toDeliver, opensPullRequests }: Settled): string[] {
  const changed = Object.entries(sessions).flatMap(([id, { branch }]) =>
    branch === undefined ? [] : [{ id, branch }],
  );
  const [first] = changed;
  if (first === undefined) return [];
  const branches = changed.map(({ branch }) => branch);
  const named = listOf(branches, MOST_NAMED);
  const what = toDeliver ? 'Other changes are' : 'Changes are';
  const where =
    branches.length === 1 ? `${what} in ${named}` : `${what} in their sessions' branches: ${named}`;
  const see = `. See them with: ${diffCommand(groupId, first.id)}`;
  const open = opensPullRequests ? `\nOpen pull requests with: ${pullRequestsCommand(groupId)}` : '';
  return [`${where}${see}${open}`];
}

/**
 * What runs a failed or stopped session again; undefined for any other.
 * @param status the group's
 */
export function retryOfSession(
  groupId: string,
  id: string,
  session: SessionResult,
  { status, resumed, rehearsal }: Pick<Settled, 'status' | 'resumed' | 'rehearsal'>,
): string | undefined {
  if (!endedBadly(session.status)) return undefined;
  const retry = retryCommand(groupId, [id]);
  const when = isPossible('retry', status) ? '' : ', once the group has settled or is paused';
  if (rehearsal && session.status === 'failed')
    return `What is rehearsed fails again as it is. Change the definition, then: ${updateCommand(groupId)} FILE && ${retry}`;
  const sessions = { [id]: session };
  if (refusedConversations(sessions, resumed).length > 0)
    return `Begin its conversation anew${when}: ${retry} --fresh`;
  const first = failedByLogin({ status: 'failed', sessions })
    ? 'Check `session-groups doctor`, then retry'
    : 'Retry';
  return `${first} it${when}: ${retry}`;
}

/** First what a plain retry would not help: a conversation that its agent refuses fails again. */
function retryAdvice(result: Settled): string {
  const { groupId, status, sessions = {}, resumed, rehearsal } = result;
  if (rehearsal && status === 'failed')
    return `What is rehearsed fails again as it is. Change the definition, then: ${updateCommand(groupId)} FILE && ${retryCommand(groupId)}`;
  const refused = refusedConversations(sessions, resumed);
  const bad = Object.keys(sessions).filter(id => endedBadly(sessions[id]?.status));
  const others = bad.filter(id => !refused.includes(id));
  const first = failedByLogin({ status, sessions }) ? 'Check `session-groups doctor`, then retry' : 'Retry';
  if (refused.length === 0) return `${first} the sessions that did not complete: ${retryCommand(groupId)}`;
  const what = refused.length === 1 ? 'a refused conversation' : 'refused conversations';
  const anew = `Begin ${what} anew: ${retryCommand(groupId, refused)} --fresh`;
  if (others.length === 0) return anew;
  const [which, named] = others.length > MOST_NAMED ? ['all', []] : ['the others', others];
  return `${anew}\n${first} ${which} that did not complete: ${retryCommand(groupId, named)}`;
}

type Settled = Pick<ShownResult, 'groupId' | 'status'> &
  Partial<Pick<ShownResult, 'sessions' | 'toDeliver'>> &
  Unfinished;

/** A command names at most so many sessions; where there are more, it is for all. */
export const MOST_NAMED = 5;

/** What lets a session go on that is no longer held; undefined in a group that runs. */
export function afterLettingGo(id: string, status: ShownStatus): string | undefined {
  if (status === 'created') return `Then start its group: ${runCommand(id)}`;
  return isPossible('resume', status) ? `Then resume its group: ${resumeCommand(id)}` : undefined;
}

/** What a group at rest has left, beyond its result. */
export interface Unfinished {
  /** Of an interrupted group: its process ended while it was stopping. */
  readonly wasStopping?: boolean;
  /** The ids of its held sessions. Default: those that are paused. */
  readonly held?: readonly string[];
  /** Of a failed group: those whose last attempt went on with a conversation. Default: those with several attempts. */
  readonly resumed?: ReadonlySet<string>;
  /** It is a rehearsal. Default: false. */
  readonly rehearsal?: boolean;
  /** The branch that its definition names for deliveries. */
  readonly into?: string;
  /** Whether part of a delivery may have moved a branch. Default: true. */
  readonly hasMoved?: boolean;
  /** Its definition has a command that opens pull requests. Default: false. */
  readonly opensPullRequests?: boolean;
}

/** Those that are held, whatever their status. */
export const heldIn = (sessions: GroupProgress['sessions']): string[] =>
  sessions.filter(isHeld).map(({ id }) => id);

const pausedIn = (sessions: ShownResult['sessions']): string[] =>
  Object.entries(sessions).flatMap(([id, { status }]) => (status === 'paused' ? [id] : []));

/** `resumed` as `nextStep` takes it, from a group's events; undefined where it makes no difference. */
export async function resumedIn(
  sessions: ShownResult['sessions'],
  events: () => AsyncIterable<JournalRecord> | Iterable<JournalRecord>,
): Promise<ReadonlySet<string> | undefined> {
  if (refusedConversations(sessions).length === 0) return undefined;
  const resumed = new Set<string>();
  for await (const event of events()) {
    if (event.type === 'session_resumed') resumed.add(event.sessionId);
    else if (event.type === 'session_started') resumed.delete(event.sessionId);
  }
  return resumed;
}

/** Sessions that failed when they went on in a conversation, for what may be in it. */
const refusedConversations = (sessions: ShownResult['sessions'], resumed?: ReadonlySet<string>): string[] =>
  Object.entries(sessions).flatMap(([id, { status, error, attempts }]) => {
    const refused = error?.code === 'invalid_request' || error?.code === 'prompt_too_long';
    return status === 'failed' && refused && (resumed?.has(id) ?? attempts > 1) ? [id] : [];
  });
