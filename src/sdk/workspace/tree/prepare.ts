import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { WorkspaceError } from '../error.ts';
import { parts, raw } from '../git/output.ts';
import { contains, refAt, resolveCommit } from '../git/refs.ts';
import type { Room } from '../git/room.ts';
import { commitOf, emptyTree, joinAll } from '../merge/merge.ts';
import { branchOf, checkpointRef, folderOf, shortName } from '../names.ts';
import type { ObjectId, WorkspaceOrder } from '../orders.ts';
import type { Prepared, RepositoryView, Restored, TreeSize, WorkspaceWish } from '../port.ts';
import { checkOut, settle } from './checkout.ts';
import { replaceText, statOf, textOf } from './files.ts';
import { include } from './include.ts';
import type { Tree } from './place.ts';
import { isRegistered, record, register } from './register.ts';

export async function planWorkspace(
  room: Room,
  view: RepositoryView,
  wish: WorkspaceWish,
): Promise<WorkspaceOrder> {
  const { mode, group, session, time } = wish;
  return {
    repository: view.id,
    mode,
    group,
    session,
    folder: folderOf(group, session),
    branch: branchOf(group, session),
    base: await baseOf(room, view, wish),
    dependencies: wish.dependencies ?? [],
    include: wish.include ?? [],
    inner: wish.inner ?? view.inner,
    replaces: wish.replaces ?? null,
    time,
  };
}

/** What the files of a base take. */
export async function measure(room: Room, view: RepositoryView, base: string): Promise<TreeSize> {
  if (base === 'HEAD' && view.head === null) return { files: 0, bytes: 0 };
  const commit = await baseOf(room, view, { base, group: '', time: 0 });
  const rows = parts((await room.git('ls-tree', '-r', '-l', '-z', commit)).stdout).map(row =>
    raw(row).split(/ +|\t/),
  );
  // What a partial clone lacks has no size.
  return { files: rows.length, bytes: rows.reduce((sum, [, , , bytes]) => sum + (Number(bytes) || 0), 0) };
}

/** In a repository without commits, a root commit of ours, without files: the user's branch stays unborn. */
async function baseOf(
  room: Room,
  { id, head }: RepositoryView,
  { base = 'HEAD', group, time }: Pick<WorkspaceWish, 'base' | 'group' | 'time'>,
): Promise<ObjectId> {
  if (base === 'HEAD' && head !== null) return head;
  if (base === 'HEAD') {
    const text = `The beginning of group ${group}\n`;
    return commitOf(room, { tree: await emptyTree(room), parents: [], text, time });
  }
  const found = await resolveCommit(room.repository, base);
  if (found !== null) return found;
  throw new WorkspaceError(
    'workspace_failed',
    `${JSON.stringify(base)} is not a commit in the repository ${id}`,
    {
      hint: 'Name a branch, a tag or a commit that is there as `base`.',
    },
  );
}

export async function prepare(tree: Tree, trash: string): Promise<Prepared> {
  const { order, room } = tree;
  const text = `Results that session ${order.session} depends on\n\nSession-Group: ${order.group}\n`;
  const { commit, conflict, missing } = await joinAll(room, order.base, order.dependencies, {
    text,
    time: order.time,
  });
  await register(tree, commit, trash);
  await checkOut(tree, commit);
  const { included, warnings } = await include(tree);
  makeCwd(tree);
  return { ready: { order, commit, included }, cwd: tree.cwd, conflict, missing, warnings };
}

/** A commit or an agent may have taken the project's folder away, or put a link in its place that leads anywhere. */
function makeCwd({ folder, order }: Tree): void {
  const names = order.inner.split('/').filter(name => name !== '');
  for (const [at] of names.entries()) {
    const place = join(folder, ...names.slice(0, at + 1));
    const stats = statOf(place);
    if (!stats) mkdirSync(place);
    else if (!stats.isDirectory()) {
      throw new WorkspaceError(
        'workspace_failed',
        `${order.inner} is not a folder in ${folder}, so nothing can work in it`,
        { hint: 'Put the folder back, or remove what is in its place, then retry.' },
      );
    }
  }
}

/** Says that a tree is being made again: until that is done, what is in it is not the agent's. */
const noteOf = ({ own }: Tree): string => `${own.index}.again`;

/** The tree of a session that has worked in it. */
export async function restore(tree: Tree, trash: string): Promise<Restored> {
  const { cwd, order, repository, room } = tree;
  const unfinished = textOf(noteOf(tree)) !== undefined;
  // A record without an index was made again by an engine that died before it was done.
  if (!unfinished && isRegistered(tree) && statOf(tree.agents.index)) {
    makeCwd(tree);
    return { cwd, again: false, warnings: [] };
  }
  const tip = await refAt(repository, order.branch);
  if (tip === null) {
    throw new WorkspaceError('workspace_moved', `${shortName(order.branch)} was deleted by another`);
  }
  if (!unfinished && statOf(tree.folder)) {
    record(tree, trash);
    await settle(tree, tip);
    makeCwd(tree);
    return { cwd, again: false, warnings: [`git's record of ${tree.folder} had gone, and was made again`] };
  }
  replaceText(noteOf(tree), '');
  await register({ ...tree, order: { ...order, replaces: tip } }, tip, trash);
  const saved = await refAt(repository, checkpointRef(order.group, order.session));
  const last = saved !== null && (await contains(repository, saved, tip)) ? saved : tip;
  await checkOut(tree, last);
  await room.call({ args: ['read-tree', '--reset', tip] }, tree.agents);
  const { warnings } = await include(tree, new Set(tree.included));
  makeCwd(tree);
  rmSync(noteOf(tree), { force: true });
  const again = `${tree.folder} had gone: it was made again from ${last === tip ? 'its branch' : 'its last checkpoint'}`;
  return { cwd, again: true, warnings: [again, ...warnings] };
}
