import { RefusedError, type SessionGroupsError } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import type { SavedResult } from '../sdk/group/standing/kept-status.ts';
import { REFUSALS } from '../sdk/group/standing/refusal.ts';
import { GroupOwnedError, type StoredGroup } from '../sdk/group/store/store.ts';
import { answerTo, isPossible } from '../words/possible.ts';
import { type ChangingVerb, VERBS } from '../words/verbs.ts';
import { readSaved, type SavedGroupView, type Viewer } from './read-saved.ts';

/** The way out of a refusal; undefined if there is none. */
type HintOf = (result: SavedResult) => string | undefined;

/** The group's status does not accept the verb. */
export function refusedAsIs(
  { result }: Pick<SavedGroupView, 'result'>,
  verb: ChangingVerb,
  hintOf: HintOf = () => undefined,
): RefusedError {
  const { groupId, status } = result;
  const hint = hintOf(result);
  const text = `${groupId} cannot ${VERBS[verb].cannot}: it is ${status}`;
  return new RefusedError('not_in_this_state', text, hint === undefined ? {} : { hint });
}

/**
 * Reads a group without an owner before it is taken over for the verb.
 * @throws RefusedError `not_in_this_state` if its status does not accept the verb.
 */
export async function readForVerb(
  verb: ChangingVerb,
  stored: StoredGroup,
  viewer: Viewer,
  hintOf?: HintOf,
): Promise<SavedGroupView> {
  const saved = await readSaved(stored, viewer);
  const { status } = saved.result;
  const answer = answerTo(verb, status);
  const fits =
    answer === 'unless_stopping'
      ? saved.view.result.status !== 'stopping'
      : isPossible(verb, status) || answer === 'nothing_to_retry'; // the group itself refuses this
  if (!fits) throw refusedAsIs(saved, verb, hintOf);
  return saved;
}

/**
 * The same for a retry. Of an interrupted group, the plan is looked at here: to take it over changes it.
 * @throws RefusedError also `nothing_to_retry`.
 */
export async function readForRetry(
  sessions: readonly string[] | undefined,
  stored: StoredGroup,
  viewer: Viewer,
  hintOf: HintOf = () => undefined,
): Promise<SavedGroupView> {
  const saved = await readForVerb('retry', stored, viewer, hintOf);
  if (saved.result.status !== 'interrupted' || saved.view.retryPlan(sessions).length > 0) return saved;
  throw new RefusedError(
    'nothing_to_retry',
    REFUSALS.nothing_to_retry,
    given({ hint: hintOf(saved.result) }),
  );
}

/**
 * What a request to deliver would be refused with, whoever owns the group; undefined: nothing but a branch that cannot
 * move is in its way.
 * @param into default: the branch that the definition names.
 */
export async function integrateRefusal(
  stored: StoredGroup,
  into: string | undefined,
  viewer: Viewer,
  hintOf?: HintOf,
): Promise<RefusedError | undefined> {
  try {
    const { view } = await readForVerb('integrate', stored, viewer, hintOf);
    return view.integrateRefusal(into);
  } catch (error) {
    if (error instanceof RefusedError) return error;
    throw error;
  }
}

/** A run that is asked of a group with a live owner: if the group has not started, only that process can start it. */
export function notRunFromHere(
  saved: SavedGroupView,
  { group, owner }: StoredGroup,
  hintOf?: HintOf,
): SessionGroupsError {
  if (saved.result.status !== 'created' || owner === undefined) return refusedAsIs(saved, 'run', hintOf);
  return new GroupOwnedError(group.id, owner);
}

/** The session has no open permission request. */
export const notAsked = (session: string): RefusedError =>
  new RefusedError('no_such_request', `${session} has no open permission request`);
