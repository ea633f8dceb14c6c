import { endedBadly } from '../../../machines/vocabulary.ts';
import { foldOf } from '../../sdk/group/standing/saved-group.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import { diffCommand } from '../../words/commands.ts';
import { listOf } from '../../words/wait-words.ts';
import { MOST_NAMED } from '../advice.ts';
import type { CliContext } from '../context.ts';

/**
 * The sessions that failed or were stopped with changes in their trees that are in no commit. What asks git is loaded only
 * if there can be any. Never rejects: a command does not fail because of it.
 */
export async function unsavedIn(
  stored: StoredGroup,
  { services, io }: CliContext,
): Promise<readonly string[]> {
  const sessions = [...foldOf(stored).sessions.values()];
  if (!sessions.some(({ status, tree }) => endedBadly(status) && tree.ready !== undefined)) return [];
  try {
    return await (await services.delivery()).viewDelivery(stored, { env: io.env }).unsaved();
  } catch {
    return [];
  }
}

/** Names them, and how to see what the first has changed; undefined if there are none. */
export function unsavedAdvice(groupId: string, ids: readonly string[]): string | undefined {
  const [first] = ids;
  if (first === undefined) return undefined;
  const have = ids.length === 1 ? 'has' : 'have';
  return `${listOf(ids, MOST_NAMED)} ${have} unsaved changes. See them with: ${diffCommand(groupId, first)}`;
}
