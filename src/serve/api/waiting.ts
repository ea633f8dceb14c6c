import { ACCEPTED, type Accepted } from '../../control/verbs.ts';
import { untilAborted } from '../../sdk/abort.ts';
import type { OpenOptions } from '../../sdk/group/api/take-over.ts';
import type { GroupResult } from '../../sdk/group/progress/progress.ts';
import type { GroupRunner } from '../../sdk/group/runner.ts';
import { begun, type Residents } from '../live/residents.ts';

/** How long to wait for a request's outcome. */
export interface Waiting {
  /** false: only until it is accepted. */
  readonly wait: boolean;
  /** Ends the wait without undoing the request. */
  readonly signal: AbortSignal;
}

export type Outcome = GroupResult | Accepted;

/** Takes over a group that is not running and starts it. */
export async function host(
  id: string,
  options: OpenOptions,
  begin: (group: GroupRunner) => Promise<GroupResult>,
  { residents, waiting }: { readonly residents: Residents; readonly waiting: Waiting },
): Promise<Outcome> {
  const { rest } = await residents.host(id, options, begin);
  return waiting.wait ? untilAborted(rest, waiting.signal) : ACCEPTED;
}

/** The same for a group that is already open in this process and stays open. */
export async function awaited(
  group: GroupRunner,
  rest: Promise<GroupResult>,
  { wait, signal }: Waiting,
): Promise<Outcome> {
  if (wait) return untilAborted(rest, signal);
  await Promise.race([rest, begun(group)]);
  return ACCEPTED;
}
