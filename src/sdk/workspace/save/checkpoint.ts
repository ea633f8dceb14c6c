import { bytesOf, line, raw } from '../git/output.ts';
import { contains, moveRef, refAt } from '../git/refs.ts';
import { commitOf, treeOfCommit } from '../merge/merge.ts';
import { checkpointRef, mergedBranch } from '../names.ts';
import type { ObjectId, WorkspaceOrder } from '../orders.ts';
import type { Saved } from '../port.ts';
import { unlock } from '../tree/checkout.ts';
import type { Tree } from '../tree/place.ts';
import { type Snapshot, snapshot } from '../tree/snapshot.ts';

/** A tree's files, the commit they are on, and what has to be said about both. */
export interface Work extends Snapshot {
  /** The commit that a commit of the files is put on: HEAD, or what the session began with if HEAD has to be left out. */
  readonly parent: ObjectId;
}

/** Reads a tree and its HEAD, without what must not get into a commit. */
export async function workIn(tree: Tree): Promise<Work> {
  unlock(tree);
  const now = await snapshot(tree);
  const astray = now.astray ? [`HEAD of the tree was not on ${tree.order.branch}: its commit was taken`] : [];
  const leaks = await commitsWithIncluded(tree, now.head);
  if (leaks.length === 0) return { ...now, parent: now.head, warnings: [...now.warnings, ...astray] };
  const leaked = `commits of the session contain files that were brought along, and were left out: ${leaks.join(', ')}`;
  return { ...now, parent: tree.start, warnings: [...now.warnings, ...astray, leaked] };
}

const MOST_SHOWN = 5;

/** Commits of the session's own that touch an included file. */
async function commitsWithIncluded(
  { included, room, repository, order, start }: Tree,
  head: ObjectId,
): Promise<string[]> {
  if (included.length === 0 || head === start) return [];
  const merged = await refAt(repository, mergedBranch(order.group));
  const range = [head, `^${start}`, ...(merged === null ? [] : [`^${merged}`])];
  const args = ['rev-list', `--max-count=${MOST_SHOWN}`, '--full-history', '--stdin'];
  const rows = [...range, '--'];
  const paths = included.map(path => Buffer.concat([Buffer.from(':(top,literal)'), bytesOf(raw(path))]));
  const input = Buffer.concat([...rows.map(Buffer.from), ...paths].flatMap(row => [row, Buffer.from('\n')]));
  const answer = line((await room.call({ args, input })).stdout);
  return answer === '' ? [] : answer.split('\n');
}

/** A commit of the tree as it is, under a ref of its own, that has the one before in its history. */
export async function checkpoint(tree: Tree, time: number): Promise<Saved> {
  const work = await workIn(tree);
  return { commit: await keep(tree, work, time), warnings: work.warnings };
}

export async function keep(tree: Tree, work: Work, time: number): Promise<ObjectId> {
  const { order, repository, room } = tree;
  const ref = checkpointRef(order.group, order.session);
  const before = await refAt(repository, ref);
  const tip = await refAt(repository, order.branch);
  const parents = [work.parent, ...(before === null ? [] : [before])];
  // What the branch alone has would be lost once it moves.
  if (work.parent === work.head && tip !== null && !(await contains(repository, work.parent, tip)))
    parents.push(tip);
  if (before !== null && (await isSame(tree, before, work, parents))) return before;
  const commit = await commitOf(room, { tree: work.tree, parents, text: checkpointText(order), time });
  await moveRef(repository, ref, { from: before, to: commit, why: 'checkpoint' });
  return commit;
}

export const checkpointText = ({ group, session }: WorkspaceOrder): string =>
  `Checkpoint of session ${session}\n\nSession-Group: ${group}\nSession: ${session}\n`;

/** Nothing has changed since the checkpoint. */
async function isSame(
  { room }: Tree,
  before: ObjectId,
  work: Work,
  parents: readonly ObjectId[],
): Promise<boolean> {
  if ((await treeOfCommit(room, before)) !== work.tree) return false;
  const [, ...known] = line((await room.git('rev-list', '--parents', '--max-count=1', before)).stdout).split(
    ' ',
  );
  return parents.every(parent => parent === before || known.includes(parent));
}
