import { mkdirSync, renameSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { systemDisk } from '../../disk/disk.ts';
import { writeFile } from '../../disk/disk-files.ts';
import { WorkspaceError } from '../error.ts';
import { moveRef } from '../git/refs.ts';
import { lockReason } from '../names.ts';
import type { ObjectId } from '../orders.ts';
import { statOf, textOf, toTrash } from './files.ts';
import type { Tree } from './place.ts';

/**
 * Git's record of a tree is made in another place and put into its own by one rename, so that no other git ever sees a
 * part of it: `git worktree add` makes it file by file, and whatever reads all records meanwhile fails.
 */

/** Makes branch and record of a tree that is not ready. What an earlier try has left goes to the trash. */
export async function register(tree: Tree, commit: ObjectId, trash: string): Promise<void> {
  const { order, repository } = tree;
  await moveRef(repository, order.branch, { from: order.replaces, to: commit, why: 'begin' });
  if (isRegistered(tree) && textOf(join(tree.admin, 'HEAD')) === headOf(tree)) return;
  toTrash(tree.folder, trash);
  record(tree, trash);
}

/** Makes git's record of a tree; files that are in the tree stay. Its HEAD is the branch, and it has no index. */
export function record(tree: Tree, trash: string): void {
  const { order, repository, folder, admin } = tree;
  if (statOf(join(folder, '.git'))?.isDirectory()) {
    throw new WorkspaceError('workspace_moved', `${folder} has become a repository of its own`, {
      hint: 'Keep its commits, by a fetch from it, and remove its .git, then resume.',
    });
  }
  forget(tree, trash);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const making = asideOf(tree);
  mkdirSync(making);
  const files = {
    HEAD: headOf(tree),
    commondir: '../..\n',
    gitdir: `${join(folder, '.git')}\n`,
    locked: `${lockReason(order.group, order.session)}\n`,
  };
  for (const [name, text] of Object.entries(files))
    writeFile(systemDisk, join(making, name), text, { how: 'wx', durable: true });
  toTrash(join(folder, '.git'), trash);
  writeFile(systemDisk, join(folder, '.git'), pointer(admin), { how: 'wx', durable: true });
  mkdirSync(join(repository.common, 'worktrees'), { recursive: true });
  renameSync(making, admin);
}

/** Takes git's record of a tree away, by one rename too. */
export function forget(tree: Tree, trash: string): void {
  const aside = asideOf(tree);
  toTrash(aside, trash);
  if (!statOf(tree.admin)) return;
  renameSync(tree.admin, aside);
  toTrash(aside, trash);
}

/** Where a record is made, and taken to: on the same disk as its place, and where git does not look. */
const asideOf = ({ repository, id }: Tree): string => join(repository.common, `${id}.session-groups`);

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
    WHOLE_HEAD.test(textOf(join(admin, 'HEAD')) ?? '')
  );
}

/** After a crash of the machine, there can be zeros. */
const WHOLE_HEAD = /^(ref: refs\/.+|[0-9a-f]{40,64})\n?$/;

export const headOf = ({ order }: Tree): string => `ref: ${order.branch}\n`;
const pointer = (admin: string): string => `gitdir: ${admin}\n`;
