import type { Look } from '../../control/look.ts';
import { RefusedError } from '../../sdk/group/errors.ts';
import { nextStep, resumeCommand } from '../advice.ts';

/** The request does not fit how the group stands; says what does. Exit code 5. */
export function refusedAsIs({ result }: Pick<Look, 'result'>, wanted: string): RefusedError {
  const { groupId, status } = result;
  const hint = nextStep(result);
  return new RefusedError(
    'not_in_this_state',
    `${groupId} cannot be ${wanted}: it is ${status}`,
    hint === undefined ? {} : { hint },
  );
}

/** The same error, with the command that helps where the engine knows none. */
export function withCommand(error: unknown, id: string): unknown {
  if (!(error instanceof RefusedError) || error.code !== 'budget_exhausted' || error.hint) return error;
  const hint = `${resumeCommand(id)} --max-budget-usd USD`;
  return new RefusedError(error.code, error.message, { hint, cause: error });
}
