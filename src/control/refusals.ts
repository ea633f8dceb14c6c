import { RefusedError } from '../sdk/errors.ts';
import type { SavedResult } from '../sdk/group/standing/kept-status.ts';
import type { StoredGroup } from '../sdk/group/store/store.ts';
import { answerTo, isPossible } from '../words/possible.ts';
import { type ChangingVerb, VERBS } from '../words/verbs.ts';
import { readSaved, type SavedGroupView, type Viewer } from './read-saved.ts';

/** What helps where a group refuses; undefined where nothing does. */
type HintOf = (result: SavedResult) => string | undefined;

/** The verb does not fit how the group stands. */
export function refusedAsIs(
  { result }: Pick<SavedGroupView, 'result'>,
  verb: ChangingVerb,
  hintOf: HintOf = () => undefined,
): RefusedError {
  const { groupId, status } = result;
  const hint = hintOf(result);
  const text = `${groupId} cannot be ${VERBS[verb].done}: it is ${status}`;
  return new RefusedError('not_in_this_state', text, hint === undefined ? {} : { hint });
}

/**
 * How a group stands that nobody runs, and that is to be taken for the verb.
 * @throws RefusedError `not_in_this_state` where its status does not accept that.
 */
export async function lookFor(
  verb: ChangingVerb,
  stored: StoredGroup,
  viewer: Viewer,
  hintOf?: HintOf,
): Promise<SavedGroupView> {
  const look = await readSaved(stored, viewer);
  const { status } = look.result;
  const answer = answerTo(verb, status);
  const fits =
    answer === 'unless_stopping'
      ? look.view.result.status !== 'stopping'
      : isPossible(verb, status) || answer === 'nothing_to_retry'; // that the group itself says
  if (!fits) throw refusedAsIs(look, verb, hintOf);
  return look;
}

/** The session waits for no answer. */
export const notAsked = (session: string): RefusedError =>
  new RefusedError('no_such_request', `${session} does not ask for any permission now`);
