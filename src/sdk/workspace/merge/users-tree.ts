import { join } from 'node:path';
import { parts } from '../git/output.ts';
import type { Repository } from '../git/repository.ts';
import { statOf, textOf } from '../tree/files.ts';

/** A working tree of the user's. */
export interface UsersTree {
  readonly top: string;
  /** Where its HEAD and index are. */
  readonly gitDir: string;
}

/** The trees that have a branch checked out, and are there. */
export async function usersTrees(repository: Repository, branch: string): Promise<UsersTree[]> {
  const records = parts((await repository.git('worktree', 'list', '--porcelain', '-z')).stdout).map(String);
  const trees: UsersTree[] = [];
  let top = '';
  for (const record of records) {
    if (record.startsWith('worktree ')) top = record.slice('worktree '.length);
    if (record !== `branch ${branch}`) continue;
    const gitDir = gitDirOf(top, repository.common);
    if (gitDir !== undefined) trees.push({ top, gitDir });
  }
  return trees;
}

function gitDirOf(top: string, common: string): string | undefined {
  const dot = join(top, '.git');
  if (statOf(dot)?.isDirectory() || statOf(dot)?.isSymbolicLink()) return common;
  const [, linked] = /^gitdir: (.+)$/m.exec(textOf(dot) ?? '') ?? [];
  return linked !== undefined && statOf(linked)?.isDirectory() ? linked : undefined;
}

const BEGUN = [
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
] as const;

/** What the user has begun in a tree and not ended. */
export const underWay = ({ gitDir }: UsersTree): string | undefined =>
  BEGUN.find(([name]) => statOf(join(gitDir, name)))?.[1];
