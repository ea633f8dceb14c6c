import { type Git, GitError } from './git.ts';

/**
 * Options for git that disable every filter of the repository's configuration: to compare a file with its committed
 * version, git would run it through the filter that the repository's attributes name, and a filter is a program.
 * The drivers are looked up each time, because an agent can add one while it works.
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
      if (isNoMatch(error)) return [];
      throw error;
    },
  );
  const names = keys.flatMap(key => /^filter\.(.*)\.[^.]*$/s.exec(key)?.[1] ?? []);
  const odd = names.find(name => name.includes('='));
  if (odd !== undefined) throw new GitError('refused', `git: this filter can't be disabled: ${odd}`);
  return [...new Set(names)];
}

/** `git config --get-regexp` exits with 1 when no key matches. */
function isNoMatch(error: unknown): boolean {
  if (!(error instanceof GitError) || error.kind !== 'refused') return false;
  const { cause } = error;
  return cause instanceof Error && 'code' in cause && cause.code === 1;
}
