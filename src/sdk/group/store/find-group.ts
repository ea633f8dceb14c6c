import { SessionGroupsError } from '../../errors.ts';

/**
 * The one group that a person means: by its id, the beginning of its id, or its slug.
 *
 * @param slugOf asked only for groups whose id ends in the word.
 * @throws SessionGroupsError `unknown_group`, `ambiguous_group`.
 */
export function findGroup(word: string, ids: readonly string[], slugOf: (id: string) => string): string {
  if (ids.includes(word)) return word;
  const endsInWord = (id: string): boolean => id.includes(`-${word}`);
  const found = ids.filter(id => id.startsWith(word) || (endsInWord(id) && slugOf(id) === word));
  const [only, ...others] = word === '' ? [] : found;
  if (only === undefined) {
    throw new SessionGroupsError('unknown_group', `no group is called ${JSON.stringify(word)}`, {
      hint: 'List them with: session-groups group list',
    });
  }
  if (others.length === 0) return only;
  const shown = found.sort().reverse().slice(0, 5).join(', ');
  const more = found.length > 5 ? ` and ${found.length - 5} more` : '';
  throw new SessionGroupsError('ambiguous_group', `${word} could be ${shown}${more}`, {
    hint: 'Give more of the id.',
  });
}
