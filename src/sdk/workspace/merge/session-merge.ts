import { join } from 'node:path';
import { WorkspaceError } from '../error.ts';
import { joined } from '../git/output.ts';
import { contains, moveRef, refAt } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import { mergedBranch } from '../names.ts';
import type { MergeOrder } from '../orders.ts';
import type { Conflict, MergePlan, MergeWish } from '../port.ts';
import { giveIndex, settle, unlock } from '../tree/checkout.ts';
import { replaceText } from '../tree/files.ts';
import { moveFiles } from '../tree/move-files.ts';
import type { Tree } from '../tree/place.ts';
import { joinCommits, mergeTrees, treeOfCommit } from './merge.ts';

/** What comes of a result and what was merged before. */
export async function planMerge({ order, repository, room }: Tree, wish: MergeWish): Promise<MergePlan> {
  const { result, time } = wish;
  const onto = await refAt(repository, mergedBranch(order.group));
  const theirs = wish.theirs ?? onto;
  if (theirs === null) return { kind: 'merge', order: { result, onto, commit: result }, differs: false };
  const text = `Merge into session ${order.session}\n\nSession-Group: ${order.group}\nSession: ${order.session}\n`;
  const plan = await joinCommits(room, result, theirs, { text, time });
  if ('conflict' in plan) return { kind: 'conflict', conflict: plan.conflict };
  const { commit } = plan;
  const differs = (await treeOfCommit(room, commit)) !== (await treeOfCommit(room, result));
  return { kind: 'merge', order: { result, onto, commit }, differs };
}

/** The tree's files first, then its branch: an agent's git never shows the merge's files as changes of the agent's. */
export async function takeMerge(tree: Tree, { result, commit }: MergeOrder): Promise<void> {
  const { order, repository, room, own } = tree;
  unlock(tree);
  await room.call({ args: ['read-tree', '--reset', result] }, own);
  await moveFiles(room, own, { from: result, to: commit, again: true });
  await moveRef(repository, order.branch, { from: result, to: commit, why: 'merge' });
  await settle(tree, commit);
}

/** The files of both sides, the versions in the agent's index, and a merge under way, as `git merge` leaves them. */
export async function putConflict(
  tree: Tree,
  { ours, theirs }: Conflict,
  how: { readonly files: boolean } = { files: true },
): Promise<void> {
  const { order, repository, room, own, agents, admin } = tree;
  // What has been committed since is its author's resolution.
  if (!how.files && (await refAt(repository, order.branch)) !== ours) return;
  await moveRef(repository, order.branch, { from: ours, to: ours, why: 'conflict' });
  const { tree: files, stages } = await mergeTrees(room, ours, theirs);
  if (how.files) {
    await settle(tree, ours);
    await moveFiles(room, own, { from: ours, to: files, again: true });
  }
  giveIndex(tree);
  const paths = new Set(stages.map(row => row.subarray(row.indexOf(TAB)).toString('latin1')));
  const removed = [...paths].map(path => Buffer.from(`0 ${'0'.repeat(ours.length)}${path}`, 'latin1'));
  const args = ['update-index', '-z', '--index-info'];
  await room.call({ args, input: joined([...removed, ...stages]) }, agents);
  replaceText(join(admin, 'MERGE_MSG'), `Merge ${theirs}\n`);
  replaceText(join(admin, 'MERGE_MODE'), '');
  replaceText(join(admin, 'MERGE_HEAD'), `${theirs}\n`);
}

const TAB = 9;

/** Moves the group's branch forward. */
export async function advance(
  repository: Repository,
  group: string,
  { onto, commit }: MergeOrder,
): Promise<void> {
  if (onto !== null && !(await contains(repository, commit, onto))) {
    throw new WorkspaceError('workspace_failed', `${commit} does not contain what was merged before`);
  }
  await moveRef(repository, mergedBranch(group), { from: onto, to: commit, why: 'merge' });
}
