import { SessionGroupsError } from '../../errors.ts';

/**
 * Finds the group that a user refers to by its id, a prefix of its id, or its slug.
 *
 * @param slugOf called only for groups whose id contains the word.
 * @throws SessionGroupsError `unknown_group`, `ambiguous_group`.
 */
export function findGroup(word: string, ids: readonly string[], slugOf: (id: string) => string): string {
  if (ids.includes(word)) return word;
  const mayHaveSlug = (id: string): boolean => id.includes(`-${word}`);
  const found = ids.filter(id => id.startsWith(word) || (mayHaveSlug(id) && slugOf(id) === word));
  const [only, ...others] = word === '' ? [] : found;
  if (only === undefined) {
    throw new SessionGroupsError('unknown_group', `no group matches ${JSON.stringify(word)}`, {
      hint: 'List groups with: session-groups group list',
    });
  }
  if (others.length === 0) return only;
  const shown = found.sort().reverse().slice(0, 5).join(', ');
  const more = found.length > 5 ? ` and ${found.length - 5} more` : '';
  throw new SessionGroupsError('ambiguous_group', `${word} matches several groups: ${shown}${more}`, {
    hint: 'Use a longer prefix of the id.',
  });
}
