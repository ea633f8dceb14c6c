import type { Look } from '../../control/look.ts';
import { RefusedError } from '../../sdk/errors.ts';
import { nextStep, resumeCommand, watchCommand } from '../advice.ts';

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
  if (!(error instanceof RefusedError) || error.hint) return error;
  const hint = hintFor(error.code, id);
  if (hint === undefined) return error;
  return new RefusedError(error.code, error.message, { hint, cause: error });
}

function hintFor(code: string, id: string): string | undefined {
  if (code === 'budget_exhausted') return `${resumeCommand(id)} --max-budget-usd USD`;
  if (code === 'not_in_this_state') return `Follow it with: ${watchCommand(id)}`;
  return undefined;
}
