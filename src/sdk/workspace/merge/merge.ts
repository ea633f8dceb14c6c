import { WorkspaceError } from '../error.ts';
import { line, parts, raw, shown } from '../git/output.ts';
import { contains } from '../git/refs.ts';
import type { Room } from '../git/room.ts';
import type { ObjectId } from '../orders.ts';
import type { Conflict } from '../port.ts';

/** Two commits merged without a tree. */
export interface Merged {
  /** With conflicts, its files contain both sides between markers. */
  readonly tree: ObjectId;
  /** Rows for `update-index --index-info`: the versions of each file in conflict. */
  readonly stages: readonly Buffer[];
  /** Paths from the top of the tree, sorted. */
  readonly files: readonly string[];
}

/** No driver that the repository's configuration names runs: the room does not have it. */
export async function mergeTrees(room: Room, ours: ObjectId, theirs: ObjectId): Promise<Merged> {
  const options = ['--write-tree', '-z', '--no-messages', '--allow-unrelated-histories'];
  const { code, stdout } = await room.call({ args: ['merge-tree', ...options, ours, theirs], codes: [0, 1] });
  const [tree, ...rows] = parts(stdout);
  // An object that is missing also exits with 1, and says so on standard error only.
  if (tree === undefined || !/^[0-9a-f]{40,64}$/.test(tree.toString())) {
    throw new WorkspaceError(
      'workspace_incomplete',
      `${ours} and ${theirs} could not be merged: an object is missing`,
    );
  }
  const stages = code === 0 ? [] : rows.filter(row => row.length > 0);
  const files = [...new Set(stages.map(row => shown(raw(row.subarray(row.indexOf(TAB) + 1)))))].sort();
  return { tree: tree.toString(), stages, files };
}

const TAB = 9;

export interface CommitWish {
  readonly tree: ObjectId;
  readonly parents: readonly ObjectId[];
  /** Its message. */
  readonly text: string;
  /** Seconds since the epoch: the same wish makes the same commit. */
  readonly time: number;
}

export async function commitOf(room: Room, { tree, parents, text, time }: CommitWish): Promise<ObjectId> {
  const date = `${time} +0000`;
  const args = ['commit-tree', tree, ...parents.flatMap(parent => ['-p', parent]), '-F', '-'];
  const env = { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
  return line(
    (await room.call({ args: ['-c', 'i18n.commitEncoding=UTF-8', ...args], input: text, env })).stdout,
  );
}

export const treeOfCommit = async (room: Room, commit: ObjectId): Promise<ObjectId> =>
  line((await room.git('rev-parse', '--verify', `${commit}^{tree}`)).stdout);

export const emptyTree = async (room: Room): Promise<ObjectId> =>
  line((await room.call({ args: ['hash-object', '-t', 'tree', '-w', '--stdin'], input: '' })).stdout);

export interface MergeNote {
  readonly text: string;
  readonly time: number;
}

/** A commit that contains both: one of them if it has the other in its history, else a merge; or the conflict. */
export async function joinCommits(
  room: Room,
  ours: ObjectId,
  theirs: ObjectId,
  note: MergeNote,
): Promise<{ readonly commit: ObjectId } | { readonly conflict: Conflict }> {
  const { repository } = room;
  if (await contains(repository, ours, theirs)) return { commit: ours };
  if (await contains(repository, theirs, ours)) return { commit: theirs };
  const { tree, files, stages } = await mergeTrees(room, ours, theirs);
  if (stages.length > 0) return { conflict: { ours, theirs, files } };
  return { commit: await commitOf(room, { tree, parents: [ours, theirs], ...note }) };
}

/** Base and results joined one after the other; those that conflict are left out. */
export async function joinAll(
  room: Room,
  base: ObjectId,
  commits: readonly ObjectId[],
  note: MergeNote,
): Promise<{ commit: ObjectId; conflict: Conflict | null; missing: ObjectId[] }> {
  let commit = base;
  const missing: ObjectId[] = [];
  for (const next of commits) {
    const joined = await joinCommits(room, commit, next, note);
    if ('commit' in joined) commit = joined.commit;
    else missing.push(next);
  }
  const [first] = missing;
  if (first === undefined) return { commit, conflict: null, missing };
  // Against all the others: a conflict with an earlier stand would not be the one that the author sees.
  const { files } = await mergeTrees(room, commit, first);
  return { commit, conflict: { ours: commit, theirs: first, files }, missing };
}
