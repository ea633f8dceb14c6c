import type { SavedGroupView, Viewer } from '../../control/read-saved.ts';
import * as control from '../../control/refusals.ts';
import type { ThrownCode } from '../../sdk/error-codes.ts';
import { RefusedError } from '../../sdk/errors.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { ChangingVerb } from '../../words/verbs.ts';
import { nextStep, resumeCommand, watchCommand } from '../advice.ts';

/** The verb does not fit how the group stands; says what does. Exit code 5. */
export const refusedAsIs = (look: Pick<SavedGroupView, 'result'>, verb: ChangingVerb): RefusedError =>
  control.refusedAsIs(look, verb, nextStep);

/** How a group stands that nobody runs. @throws RefusedError where its status does not accept the verb. */
export const lookFor = (verb: ChangingVerb, stored: StoredGroup, viewer: Viewer): Promise<SavedGroupView> =>
  control.lookFor(verb, stored, viewer, nextStep);

/** An error of it comes with the command that helps, where the engine knows none. */
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
