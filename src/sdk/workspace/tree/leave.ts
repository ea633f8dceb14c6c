import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { line, parts, raw, shown } from '../git/output.ts';
import { moveRef, refAt, refsBelow, refsWith } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import type { Room } from '../git/room.ts';
import { commitOf, treeOfCommit } from '../merge/merge.ts';
import { ARCHIVE, archiveRef, checkpointRef, mergedBranch, refsOf } from '../names.ts';
import type { ObjectId, ReleaseOrder } from '../orders.ts';
import { checkpointText, keep, workIn } from '../save/checkpoint.ts';
import type { KeptBy, Standing, StandingWish } from '../standing.ts';
import { unlock } from './checkout.ts';
import { statOf, toTrash } from './files.ts';
import type { Tree } from './place.ts';
import { forget, isRegistered } from './register.ts';
import { hasSubmodules } from './snapshot.ts';

/** What would be lost with a tree, its checkpoints and its branch. */
export async function standing(
  tree: Tree,
  { keptBy = 'group', result }: StandingWish = {},
): Promise<Standing> {
  const { order, repository, room } = tree;
  const tip = await refAt(repository, order.branch);
  let unmerged: ObjectId | null = null;
  for (const commit of new Set([tip ?? tree.start, result ?? tree.start]))
    if (commit !== tree.start && !(await isKeptBy(tree, commit, keptBy))) unmerged ??= commit;
  if (isRegistered(tree)) {
    const work = await workIn(tree);
    const dirty = await differing(room, tip ?? work.head, work.tree);
    const modules = hasSubmodules(tree) ? ['submodules'] : [];
    return { dirty, unmerged, only: [...work.nested, ...modules] };
  }
  // Without git's record, nobody knows what of its files is in a commit.
  const only = statOf(tree.folder) ? ['.'] : [];
  return { dirty: await onlySaved(tree, tip ?? tree.start, keptBy), unmerged, only };
}

/** Whether a branch of the group's or of others, a tag or the archive has a commit. Sessions' branches are in danger too. */
async function isKeptBy({ order, repository }: Tree, commit: ObjectId, keptBy: KeptBy): Promise<boolean> {
  const others = ['refs/heads', 'refs/tags', 'refs/remotes', ARCHIVE];
  const refs = await refsWith(repository, commit, others);
  return refs.some(
    ref =>
      !ref.includes('/session-groups/') ||
      ref.startsWith(`${ARCHIVE}/`) ||
      (keptBy === 'group' && ref === mergedBranch(order.group)),
  );
}

/** Files of a tree that has gone which are in its last checkpoint, and in no commit of its branch. */
async function onlySaved(tree: Tree, tip: ObjectId, keptBy: KeptBy): Promise<string[]> {
  const { order, repository, room, start } = tree;
  const saved = await refAt(repository, checkpointRef(order.group, order.session));
  if (saved === null || (await isKeptBy(tree, saved, keptBy))) return [];
  const since = await room.git('rev-list', '--no-commit-header', '--format=%T', tip, `^${start}`);
  const trees = [await treeOfCommit(room, start), ...line(since.stdout).split('\n')];
  const files = await treeOfCommit(room, saved);
  if (trees.includes(files)) return [];
  return differing(room, tip, files, '--diff-filter=d');
}

async function differing(
  room: Room,
  commit: ObjectId,
  files: ObjectId,
  ...options: string[]
): Promise<string[]> {
  const names = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', ...options, commit, files];
  return parts((await room.git(...names)).stdout).map(path => shown(raw(path)));
}

/** Keeps everything that a tree, its checkpoints and its branch have, as one commit's history. */
export async function archive(tree: Tree, time: number): Promise<ObjectId> {
  const { order, repository } = tree;
  const commit = isRegistered(tree) ? await keep(tree, await workIn(tree), time) : await saved(tree, time);
  const ref = archiveRef(order.group, order.session, time, commit);
  await moveRef(repository, ref, { from: null, to: commit, why: 'archive' });
  return commit;
}

/**
 * What is left of a tree that has gone: its branch, its last checkpoint, and what was merged while it was there. A checkpoint
 * has the branch as it was then: if that has moved on, it is newer.
 */
async function saved({ order, repository, room, start }: Tree, time: number): Promise<ObjectId> {
  const refs = [order.branch, checkpointRef(order.group, order.session), mergedBranch(order.group)];
  const commits: ObjectId[] = [];
  for (const ref of refs) {
    const commit = await refAt(repository, ref);
    if (commit !== null) commits.push(commit);
  }
  if (commits.length === 0) return start;
  const { stdout } = await repository.git('merge-base', '--independent', ...commits);
  const independent = new Set(line(stdout).split('\n'));
  const parents = [...new Set(commits)].filter(commit => independent.has(commit));
  const [newest = start] = parents;
  if (parents.length < 2) return newest;
  const files = await treeOfCommit(room, newest);
  return commitOf(room, { tree: files, parents, text: checkpointText(order), time });
}

/** null: what a removal would lose for good is in it. */
export async function planRelease(tree: Tree): Promise<ReleaseOrder | null> {
  const { only } = await standing(tree);
  if (only.length > 0) return null;
  return { folder: tree.order.folder, tip: await refAt(tree.repository, tree.order.branch) };
}

/** Out of the way by renaming, which takes milliseconds. */
export function release(tree: Tree, trash: string): void {
  toTrash(tree.folder, trash);
  forget(tree, trash);
  rmSync(tree.own.index, { force: true });
  try {
    rmdirSync(dirname(tree.folder));
  } catch {
    // The group has other trees.
  }
}

/** In one transaction. */
export async function removeRefs(repository: Repository, group: string): Promise<void> {
  const rows: string[] = [];
  for (const prefix of refsOf(group)) {
    for (const [ref, id] of await refsBelow(repository, prefix))
      rows.push(`option no-deref\ndelete ${ref} ${id}\n`);
  }
  if (rows.length > 0) await repository.call({ args: ['update-ref', '--stdin'], input: rows.join('') });
}

/** Removes locks that a dead engine's gits have left: in the trees' registrations, and below the group's own refs. */
export function removeLocks(tree: Tree): void {
  unlock(tree);
  for (const name of namesIn(tree.admin)) {
    if (name.endsWith('.lock')) rmSync(join(tree.admin, name), { force: true });
  }
  for (const prefix of refsOf(tree.order.group)) removeLocksBelow(join(tree.repository.common, prefix));
}

function removeLocksBelow(folder: string): void {
  for (const name of namesIn(folder)) {
    const path = join(folder, name);
    if (statOf(path)?.isDirectory()) removeLocksBelow(path);
    else if (name.endsWith('.lock')) rmSync(path, { force: true });
  }
}

const namesIn = (folder: string): string[] => (statOf(folder)?.isDirectory() ? readdirSync(folder) : []);
