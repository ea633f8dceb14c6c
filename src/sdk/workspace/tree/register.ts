import { renameSync, rmSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { WorkspaceError } from '../error.ts';
import { moveRef } from '../git/refs.ts';
import { lockReason } from '../names.ts';
import type { ObjectId } from '../orders.ts';
import { makeParents, statOf, textOf, toTrash } from './files.ts';
import type { Tree } from './place.ts';

const TRIES = 3;

/**
 * Makes branch and registration of a tree that is not ready. Call it under the repository's lock: git fails when several
 * trees are registered at once.
 */
export async function register(tree: Tree, commit: ObjectId, trash: string): Promise<void> {
  const { order, repository } = tree;
  await moveRef(repository, order.branch, { from: order.replaces, to: commit, why: 'begin' });
  if (isRegistered(tree) && textOf(join(tree.admin, 'HEAD')) === headOf(tree)) return;
  for (let left = TRIES; ; left -= 1) {
    toTrash(tree.admin, trash);
    toTrash(tree.folder, trash);
    makeParents(tree.folder);
    try {
      await addTree(tree);
      break;
    } catch (error) {
      if (left === 1 || !(error instanceof WorkspaceError)) throw error;
    }
  }
  if (isRegistered(tree)) return;
  throw new WorkspaceError('workspace_failed', `git registered ${tree.folder} in another way than asked`);
}

async function addTree({ order, repository, folder, admin }: Tree): Promise<void> {
  const branch = order.branch.replace('refs/heads/', '');
  const lock = ['--lock', '--reason', lockReason(order.group, order.session)];
  await repository.git('worktree', 'add', '--quiet', '--no-checkout', ...lock, folder, branch);
  // What the user's tree leaves out is of no concern here. The copy of its settings says so.
  for (const name of ['config.worktree', 'info/sparse-checkout']) rmSync(join(admin, name), { force: true });
}

/** Whether git's record of the tree is complete and ours. HEAD is the agent's to move. */
export function isRegistered({ order, admin, folder, repository }: Tree): boolean {
  if (!statOf(admin)?.isDirectory() || !statOf(folder)?.isDirectory()) return false;
  const common = textOf(join(admin, 'commondir'))?.trim();
  return (
    common !== undefined &&
    resolve(admin, common) === repository.common &&
    textOf(join(admin, 'gitdir'))?.trim() === join(folder, '.git') &&
    textOf(join(admin, 'locked'))?.trim() === lockReason(order.group, order.session) &&
    textOf(join(folder, '.git')) === pointer(admin) &&
    !isHollow(textOf(join(admin, 'HEAD')))
  );
}

/** A registration that was cut off by a crash of the machine can have zeros in HEAD. */
const isHollow = (head: string | undefined): boolean =>
  head === undefined || !/^(ref: refs\/.+|[0-9a-f]{40,64})\n?$/.test(head);

export const headOf = ({ order }: Tree): string => `ref: ${order.branch}\n`;
export const pointer = (admin: string): string => `gitdir: ${admin}\n`;

/** Registers a tree again whose files are there: agents' conversations are bound to its path. */
export async function registerAround(tree: Tree, trash: string): Promise<void> {
  const aside = join(dirname(tree.folder), `.${basename(tree.folder)}`);
  if (!statOf(aside) && statOf(tree.folder)) renameSync(tree.folder, aside);
  toTrash(tree.admin, trash);
  toTrash(tree.folder, trash);
  makeParents(tree.folder);
  await addTree(tree);
  if (!statOf(aside)) return;
  toTrash(join(aside, '.git'), trash);
  renameSync(join(tree.folder, '.git'), join(aside, '.git'));
  toTrash(tree.folder, trash);
  renameSync(aside, tree.folder);
}
