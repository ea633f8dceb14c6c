import { copyFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isCode } from '../../disk/disk-files.ts';
import { WorkspaceError } from '../error.ts';
import { contains, moveRef, refAt } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import type { Room } from '../git/room.ts';
import { digest, mergedBranch, shortName } from '../names.ts';
import type { BranchOrder, DeliveryOrder } from '../orders.ts';
import type { DeliveryPlan, DeliveryWish, UndoPlan } from '../port.ts';
import { replaceByCopy, statOf, textOf } from '../tree/files.ts';
import { moveFiles } from '../tree/move-files.ts';
import { emptyTree, joinCommits } from './merge.ts';
import { type UsersTree, underWay, usersTrees } from './users-tree.ts';

/** Whether the group's branch can be put into a branch of the user's, and what stands against it. */
export async function planDelivery(room: Room, { group, into, time }: DeliveryWish): Promise<DeliveryPlan> {
  const { repository } = room;
  const ref = `refs/heads/${into}`;
  const valid = await repository.call({ args: ['check-ref-format', ref], codes: [0, 1] });
  if (valid.code !== 0 || ref.startsWith('refs/heads/session-groups/'))
    return refused(`${into} is not a branch to deliver to`);
  const to = await refAt(repository, mergedBranch(group));
  if (to === null) return refused('nothing has been merged yet');
  const from = await refAt(repository, ref);
  if (from === null && !isUnborn(repository, ref)) {
    return refused(`there is no branch ${into}`);
  }
  if (from !== null) {
    if (await contains(repository, from, to)) return { kind: 'done' };
    const text = `Merge branch '${into}'\n\nSession-Group: ${group}\n`;
    const both = await joinCommits(room, to, from, { text, time });
    if ('conflict' in both) return { kind: 'conflict', conflict: both.conflict };
    if (both.commit !== to) return { kind: 'behind', order: { result: from, onto: to, commit: both.commit } };
  }
  const order = { into: ref, from, to };
  return (await objection(room, order)) ?? { kind: 'ready', order };
}

type Refused = Extract<DeliveryPlan, { readonly kind: 'refused' }>;

const refused = (reason: string, files: readonly string[] = []): Refused => ({
  kind: 'refused',
  reason,
  files,
});

/** Whether it is the branch that the project's tree is on, in a repository without commits. */
const isUnborn = ({ gitDir }: Repository, ref: string): boolean =>
  textOf(join(gitDir, 'HEAD')) === `ref: ${ref}\n`;

/** Why the tree that has the branch checked out can't take it. */
async function objection(room: Room, order: BranchOrder): Promise<Refused | undefined> {
  const trees = await usersTrees(room.repository, order.into);
  const [tree, another] = trees;
  if (tree === undefined) return undefined;
  if (another !== undefined)
    return refused(`the branch is checked out twice, in ${tree.top} and ${another.top}`);
  const busy = underWay(tree);
  if (busy !== undefined) return refused(`${busy} is under way in ${tree.top}`);
  if (room.repository.facts.sparse) return refused(`the files of ${tree.top} are sparse: merge it there`);
  const index = copyOfIndex(room, tree);
  try {
    await moveFiles(
      room,
      { index, folder: tree.top },
      { ...(await ends(room, order)), again: false, dry: true },
    );
    return undefined;
  } catch (error) {
    if (!(error instanceof WorkspaceError) || error.code !== 'workspace_moved') throw error;
    return refused(`uncommitted or ignored files in ${tree.top} would be overwritten`, error.files);
  } finally {
    rmSync(index, { force: true });
  }
}

const ends = async (room: Room, { from, to }: BranchOrder) => ({
  from: from ?? (await emptyTree(room)),
  to: to ?? (await emptyTree(room)),
});

const reversed = ({ into, from, to }: BranchOrder): BranchOrder => ({ into, from: to, to: from });

/** Whether what was delivered can be taken back, and what stands against it. */
export async function planUndo(room: Room, delivered: DeliveryOrder): Promise<UndoPlan> {
  const { into, to } = delivered;
  const order = reversed(delivered);
  const [tree] = await usersTrees(room.repository, into);
  // It was cut off, one way or the other: its files are between both.
  if (tree && [delivered, order].some(move => isLockedFor(tree, move))) return { kind: 'ready', order };
  const now = await refAt(room.repository, into);
  if (now === null || !(await contains(room.repository, now, to))) return { kind: 'done' };
  if (now !== to) return refused(`${shortName(into)} has moved on since`);
  return (await objection(room, order)) ?? { kind: 'ready', order };
}

/** A private index with what the user's has. */
function copyOfIndex(room: Room, { gitDir }: UsersTree): string {
  const index = join(room.folder, `into-${digest(gitDir, 12)}.index`);
  for (const path of [index, `${index}.lock`]) rmSync(path, { force: true });
  if (statOf(join(gitDir, 'index'))?.isFile()) copyFileSync(join(gitDir, 'index'), index);
  return index;
}

const lockOf = ({ gitDir }: UsersTree): string => join(gitDir, 'index.lock');
const noteOf = ({ into, from, to }: BranchOrder): string => `session-groups delivers ${into} ${from} ${to}\n`;

/** Whether an order that was cut off has left its lock there. */
const isLockedFor = (tree: UsersTree, order: BranchOrder): boolean => textOf(lockOf(tree)) === noteOf(order);

/**
 * Moves a branch of the user's, and the files of the tree that has it checked out. The user's index is locked as git does
 * it; the lock says whose it is, so that what a crash has left is recognised.
 */
export async function deliver(room: Room, order: BranchOrder): Promise<void> {
  const { into, from, to } = order;
  const [tree] = await usersTrees(room.repository, into);
  if (tree === undefined) return moveRef(room.repository, into, { from, to, why: 'deliver' });
  const back = reversed(order);
  if (isLockedFor(tree, back)) await moveTree(room, tree, back);
  await moveTree(room, tree, order);
}

async function moveTree(room: Room, tree: UsersTree, order: BranchOrder): Promise<void> {
  const { repository } = room;
  const { into, from, to } = order;
  const move = () => moveRef(repository, into, { from, to, why: 'deliver' });
  const lock = lockOf(tree);
  const now = await refAt(repository, into);
  const again = isLockedFor(tree, order);
  if (now === to && !again) return;
  const isElsewhere = now !== to && now !== from;
  if (isElsewhere && !again) return move(); // it says who moved it
  if (!again) takeLock(lock, noteOf(order));
  const index = copyOfIndex(room, tree);
  try {
    const place = { index, folder: tree.top };
    const both = await ends(room, order);
    if (!isElsewhere) await moveFiles(room, place, { ...both, again });
    try {
      await move();
    } catch (error) {
      await moveFiles(room, place, { from: both.to, to: both.from, again: true });
      throw error;
    }
    replaceByCopy(index, join(tree.gitDir, 'index'));
  } finally {
    rmSync(index, { force: true });
    rmSync(lock, { force: true });
  }
}

function takeLock(lock: string, note: string): void {
  try {
    writeFileSync(lock, note, { flag: 'wx' });
  } catch (cause) {
    if (!isCode(cause, 'EEXIST')) throw cause;
    throw new WorkspaceError('workspace_failed', `another git holds the lock ${lock}`, {
      cause,
      retryable: true,
      hint: `If no git is running there, remove it: rm '${lock}'`,
    });
  }
}
