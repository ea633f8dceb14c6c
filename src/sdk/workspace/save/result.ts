import { join } from 'node:path';
import { parts, raw, shown } from '../git/output.ts';
import { contains, moveRef, refAt } from '../git/refs.ts';
import { commitOf, mergeTrees, treeOfCommit } from '../merge/merge.ts';
import { replacedRef } from '../names.ts';
import type { ObjectId, ResultOrder } from '../orders.ts';
import type { Conflict, ResultPlan, ResultWish } from '../port.ts';
import { settle } from '../tree/checkout.ts';
import { statOf, textOf } from '../tree/files.ts';
import type { Tree } from '../tree/place.ts';
import { workIn } from './checkpoint.ts';

const LONGEST_SUBJECT = 100;

/** The tree as a commit on top of what the session has committed itself; that commit if nothing is to be added. */
export async function planResult(tree: Tree, wish: ResultWish): Promise<ResultPlan> {
  const { order, repository, room } = tree;
  const from = await refAt(repository, order.branch);
  const work = await workIn(tree);
  const parents = [work.parent];
  const { resolves } = wish;
  const isCommittedMerge = resolves !== undefined && (await contains(repository, work.head, resolves.theirs));
  if (resolves && !(await contains(repository, work.parent, resolves.theirs))) parents.push(resolves.theirs);
  const unresolved = !resolves
    ? []
    : isCommittedMerge || isMerging(tree, resolves)
      ? await unresolvedIn(tree, work.tree, resolves)
      : resolves.files; // an agent that gave the merge up has thrown away all of the other side
  const isCommitted = parents.length === 1 && (await treeOfCommit(room, work.parent)) === work.tree;
  const text = messageOf(tree, wish);
  const commit = isCommitted
    ? work.parent
    : await commitOf(room, { tree: work.tree, parents, text, time: wish.time });
  return { order: { commit, from: from ?? work.head }, unresolved, warnings: work.warnings };
}

function messageOf({ order }: Tree, { subject, attempts }: ResultWish): string {
  const line = (subject ?? '')
    .split(/[\r\n]/)[0]
    ?.trim()
    .slice(0, LONGEST_SUBJECT);
  const trailers = [
    `Session-Group: ${order.group}`,
    `Session: ${order.session}`,
    `Session-Attempts: ${attempts}`,
  ];
  return `${line || `Work of session ${order.session}`}\n\n${trailers.join('\n')}\n`;
}

/** Moves the branch; what only the branch had is kept. Then HEAD and index of the agent's git are the branch's. */
export async function takeResult(tree: Tree, { commit, from }: ResultOrder): Promise<void> {
  const { order, repository } = tree;
  if (!(await contains(repository, commit, from))) {
    await moveRef(repository, replacedRef(order.group, order.session, from), {
      from: null,
      to: from,
      why: 'keep',
    });
  }
  await moveRef(repository, order.branch, { from, to: commit, why: 'result' });
  await settle(tree, commit);
}

const isMerging = ({ admin }: Tree, { theirs }: Conflict): boolean =>
  textOf(join(admin, 'MERGE_HEAD'))?.trim() === theirs;

const MARKER = /^(<{7}|>{7})( |$)/m;

/** Files of a conflict that contain markers, or that nobody has touched or added since the conflict was put there. */
async function unresolvedIn(tree: Tree, now: ObjectId, { ours, theirs }: Conflict): Promise<string[]> {
  const { room, agents } = tree;
  const { tree: given, files } = await mergeTrees(room, ours, theirs);
  const index = statOf(agents.index)
    ? (await room.call({ args: ['ls-files', '-u', '-z'] }, agents)).stdout
    : Buffer.of();
  const unmerged = new Set(parts(index).map(row => shown(raw(row.subarray(row.indexOf(9) + 1)))));
  const [then, since] = [await blobs(tree, given, files), await blobs(tree, now, files)];
  const unresolved: string[] = [];
  for (const file of files) {
    const id = since.get(file);
    const untouched = unmerged.has(file) && id === then.get(file);
    const text = id === undefined ? '' : (await room.git('cat-file', 'blob', id)).stdout.toString('latin1');
    if (untouched || MARKER.test(text)) unresolved.push(file);
  }
  return unresolved;
}

/** The ids of files in a tree. */
async function blobs(
  { room }: Tree,
  of: ObjectId,
  files: readonly string[],
): Promise<ReadonlyMap<string, ObjectId>> {
  const wanted = new Set(files);
  const rows = parts((await room.git('ls-tree', '-r', '-z', of)).stdout).flatMap(row => {
    const [about = '', path = ''] = raw(row).split(/\t(.*)/s);
    const [, kind, id] = about.split(' ');
    return kind === 'blob' && id !== undefined && wanted.has(shown(path)) ? [[shown(path), id] as const] : [];
  });
  return new Map(rows);
}
