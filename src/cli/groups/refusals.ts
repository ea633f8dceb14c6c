import type { SavedGroupView, Viewer } from '../../control/read-saved.ts';
import * as control from '../../control/refusals.ts';
import type { ThrownCode } from '../../sdk/error-codes.ts';
import { RefusedError, type SessionGroupsError } from '../../sdk/errors.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { ChangingVerb } from '../../words/verbs.ts';
import { nextStep, resumeCommand, watchCommand } from '../advice.ts';

/** The group's status does not accept the verb; hints at what to do instead. Exit code 5. */
export const refusedAsIs = (saved: Pick<SavedGroupView, 'result'>, verb: ChangingVerb): RefusedError =>
  control.refusedAsIs(saved, verb, nextStep);

/** Reads a group without an owner. @throws RefusedError if its status does not accept the verb. */
export const readForVerb = (
  verb: ChangingVerb,
  stored: StoredGroup,
  viewer: Viewer,
): Promise<SavedGroupView> => control.readForVerb(verb, stored, viewer, nextStep);

/** The same for a retry. @throws RefusedError also if nothing of an interrupted group can be retried. */
export const readForRetry = (
  sessions: readonly string[] | undefined,
  stored: StoredGroup,
  viewer: Viewer,
): Promise<SavedGroupView> => control.readForRetry(sessions, stored, viewer, nextStep);

/** What `integrate` would be refused with as the group stands now; undefined if it is accepted. */
export const integrateRefusal = (
  stored: StoredGroup,
  into: string | undefined,
  viewer: Viewer,
): Promise<RefusedError | undefined> => control.integrateRefusal(stored, into, viewer, nextStep);

/** A run that is asked of a group with a live owner. */
export const notRunFromHere = (saved: SavedGroupView, stored: StoredGroup): SessionGroupsError =>
  control.notRunFromHere(saved, stored, nextStep);

/** Adds the command that helps to a refusal without a hint. */
export const withCommand = <T>(id: string, done: Promise<T>): Promise<T> =>
  done.catch((error: unknown) => {
    const hint = error instanceof RefusedError && !error.hint ? hintFor(error.code, id) : undefined;
    throw error instanceof RefusedError && hint !== undefined
      ? new RefusedError(error.code, error.message, { hint, cause: error })
      : error;
  });

function hintFor(code: ThrownCode, id: string): string | undefined {
  if (code === 'budget_exhausted') return `${resumeCommand(id)} --max-budget-usd USD`;
  if (code === 'not_in_this_state') return `Follow it with: ${watchCommand(id)}`;
  return undefined;
}
