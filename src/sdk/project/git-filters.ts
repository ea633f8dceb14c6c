import { type Git, GitError } from './git.ts';

/**
 * Options for git by which no filter of the repository's configuration is run: to compare a file with what is
 * committed, git would send it through the filter that the repository's attributes ask for, and that is a program.
 * Its driver is looked up by name each time, because an agent can add one while it works.
 */
export async function withoutFilters(git: Git, folder: string): Promise<string[]> {
  const names = await filterNames(git, folder);
  return names.flatMap(name => [
    ...['-c', `filter.${name}.clean=`],
    ...['-c', `filter.${name}.smudge=`],
    ...['-c', `filter.${name}.process=`],
    ...['-c', `filter.${name}.required=false`],
  ]);
}

async function filterNames(git: Git, folder: string): Promise<readonly string[]> {
  const keys = await git.ask(folder, ['config', '-z', '--name-only', '--get-regexp', '^filter\\.']).then(
    output => output.toString('utf8').split('\0'),
    (error: unknown) => {
      if (isNothingFound(error)) return [];
      throw error;
    },
  );
  const names = keys.flatMap(key => /^filter\.(.*)\.[^.]*$/s.exec(key)?.[1] ?? []);
  const odd = names.find(name => name.includes('='));
  if (odd !== undefined) throw new GitError('refused', `git: a filter that cannot be switched off: ${odd}`);
  return [...new Set(names)];
}

/** `git config --get-regexp` leaves with 1 when no key fits. */
function isNothingFound(error: unknown): boolean {
  if (!(error instanceof GitError) || error.kind !== 'refused') return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && cause.code === 1;
}
