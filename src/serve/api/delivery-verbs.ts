import { open } from 'node:fs/promises';
import { z } from 'zod';
import { takingOver } from '../../control/reach.ts';
import { RefusedError } from '../../sdk/errors.ts';
import type { PullRequest } from '../../sdk/group/delivery/delivered.ts';
import { openPullRequest, planPullRequests } from '../../sdk/group/delivery/pull-requests.ts';
import { recheckSession } from '../../sdk/group/delivery/recheck.ts';
import { sessionLogs } from '../../sdk/group/delivery/session-log.ts';
import type {
  CheckOutcome,
  ChecksDetail,
  CleanedGroup,
  LogEnd,
  OpenedRequest,
  OpenedRequests,
  UndoneDelivery,
} from '../delivery-types.ts';
import { checkSession } from './session-of.ts';
import type { Leaving, Taking } from './verbs.ts';
import type { ApiWorld } from './world.ts';

/*
 * What is done with a group's work besides integrating it. Commands of the definition run in the server's process, with
 * its environment, and end with the request that asked for them.
 */

export const PrBody = z.strictObject({ dryRun: z.boolean().default(false) });

export async function cleanGroup(
  id: string,
  options: z.output<typeof Leaving>,
  { access, manager, clock }: ApiWorld,
): Promise<CleanedGroup> {
  await access.read(id);
  return takingOver(manager.clean(id, options), () => access.read(id), clock);
}

/** Takes back a delivery that stopped part-way. @throws RefusedError `workspace_moved`, `not_in_this_state`. */
export async function undoDelivery(
  id: string,
  options: z.output<typeof Taking>,
  { access, manager, clock }: ApiWorld,
): Promise<UndoneDelivery> {
  await access.read(id);
  const undoing = manager.undoDelivery(id, options);
  return { repositories: await takingOver(undoing, () => access.read(id), clock) };
}

/** The ends of its logs. @throws SessionGroupsError `unknown_session`. */
export async function sessionChecks(
  id: string,
  session: string,
  { access }: ApiWorld,
): Promise<ChecksDetail> {
  const stored = await access.read(id);
  checkSession(session, stored);
  const logOf = sessionLogs(stored.dir);
  const ends: { setup?: LogEnd; verify?: LogEnd } = {};
  for (const name of ['setup', 'verify'] as const) {
    const path = logOf(session, `${name}.log`);
    if (path !== undefined) ends[name] = await endOf(path);
  }
  return ends;
}

const MOST_BYTES = 64 * 1024;

async function endOf(path: string): Promise<LogEnd> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const from = Math.max(0, size - MOST_BYTES);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - from), 0, size - from, from);
    const text = buffer.toString('utf8', 0, bytesRead);
    // A character or a line may be cut.
    return { text: from === 0 ? text : text.slice(text.indexOf('\n') + 1), cut: from > 0 };
  } finally {
    await file.close();
  }
}

/** Whose checks run for a request. */
const checking = new Set<string>();

/** Runs its checks again. @throws SessionGroupsError `unknown_session`, `not_in_this_state`. */
export async function checkAgain(
  id: string,
  session: string,
  { access, clock, env }: ApiWorld,
  signal: AbortSignal,
): Promise<CheckOutcome> {
  const stored = await access.read(id);
  checkSession(session, stored);
  const key = JSON.stringify([stored.group.id, session]);
  if (checking.has(key)) throw new RefusedError('not_in_this_state', `the checks of ${session} are running`);
  checking.add(key);
  try {
    const began = clock.monotonic();
    const outcome = await recheckSession(stored, session, { clock, env, signal });
    return { ...outcome, durationMs: clock.monotonic() - began };
  } finally {
    checking.delete(key);
  }
}

/** Opens its pull requests, one after the other. @throws RefusedError `not_in_this_state`. */
export async function openRequests(
  id: string,
  { dryRun }: z.output<typeof PrBody>,
  { access, clock, env }: ApiWorld,
  signal: AbortSignal,
): Promise<OpenedRequests> {
  const stored = await access.read(id);
  const { command, ready, others } = await planPullRequests(stored, { clock, env, signal });
  const opened = async (request: PullRequest): Promise<OpenedRequest> => {
    if (dryRun) return { ...request, outcome: 'planned' };
    const outcome = await openPullRequest(stored.group.id, command, request, { clock, env, signal });
    if (outcome.kind === 'green') return { ...request, outcome: 'opened' };
    const how = outcome.kind === 'red' ? { how: outcome.how, output: outcome.output } : { how: 'cut off' };
    return { ...request, outcome: 'failed', ...how };
  };
  const requests: OpenedRequest[] = [];
  for (const request of ready) requests.push(await opened(request));
  return { requests, others };
}
