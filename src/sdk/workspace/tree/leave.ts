import { readdirSync, rmdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parts, raw, shown } from '../git/output.ts';
import { contains, moveRef, refAt, refsBelow } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import { commitOf, treeOfCommit } from '../merge/merge.ts';
import { archiveRef, checkpointRef, mergedBranch, refsOf } from '../names.ts';
import type { ObjectId, ReleaseOrder } from '../orders.ts';
import type { Standing } from '../port.ts';
import { keep, savedBeyond, workIn } from '../save/checkpoint.ts';
import { unlock } from './checkout.ts';
import { statOf, toTrash } from './files.ts';
import type { Tree } from './place.ts';
import { forget, isRegistered } from './register.ts';

/** What would be lost with a tree and its branch. */
export async function standing(tree: Tree, mergedInto?: string): Promise<Standing> {
  const { order, repository, room } = tree;
  const tip = await refAt(repository, order.branch);
  const target = await refAt(
    repository,
    mergedInto === undefined ? mergedBranch(order.group) : `refs/heads/${mergedInto}`,
  );
  const isMerged =
    tip === null || tip === tree.start || (target !== null && (await contains(repository, target, tip)));
  const unmerged = isMerged ? null : tip;
  const differing = async (from: ObjectId, to: ObjectId): Promise<string[]> => {
    const names = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to];
    return parts((await room.git(...names)).stdout).map(path => shown(raw(path)));
  };
  if (!isRegistered(tree)) {
    const saved = await savedBeyond(tree, tip);
    const isKept = saved === null || (await isArchived(tree, saved));
    const dirty = isKept ? [] : await differing(tip ?? tree.start, saved);
    // Without git's record, nobody knows what of its files is in a commit.
    return { dirty, unmerged, only: statOf(tree.folder) ? ['.'] : [] };
  }
  const work = await workIn(tree);
  const dirty = await differing(tip ?? work.head, work.tree);
  const modules = statOf(join(tree.admin, 'modules')) ? ['submodules'] : [];
  return { dirty, unmerged, only: [...work.nested, ...modules] };
}

/** Keeps everything that a tree, its checkpoints and its branch have, as one commit's history. */
export async function archive(tree: Tree, time: number): Promise<ObjectId> {
  const { order, repository } = tree;
  const commit = isRegistered(tree)
    ? await keep(tree, await workIn(tree), time)
    : await withoutTree(tree, time);
  const ref = archiveRef(order.group, order.session, time, commit);
  await moveRef(repository, ref, { from: null, to: commit, why: 'archive' });
  return commit;
}

/** What branch and checkpoints of a tree that has gone have. */
async function withoutTree({ order, repository, room, start }: Tree, time: number): Promise<ObjectId> {
  const tip = await refAt(repository, order.branch);
  const saved = await refAt(repository, checkpointRef(order.group, order.session));
  if (tip === null || saved === null) return tip ?? saved ?? start;
  const text = `Archive of session ${order.session}\n\nSession-Group: ${order.group}\nSession: ${order.session}\n`;
  if (await contains(repository, tip, saved)) return tip;
  if (await contains(repository, saved, tip)) return saved;
  return commitOf(room, { tree: await treeOfCommit(room, tip), parents: [tip, saved], text, time });
}

async function isArchived({ order, repository }: Tree, commit: ObjectId): Promise<boolean> {
  const below = dirname(archiveRef(order.group, order.session, 0, commit));
  return [...(await refsBelow(repository, `${below}/`)).values()].includes(commit);
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
