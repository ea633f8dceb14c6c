import { contains, refAt, resolveCommit } from '../git/refs.ts';
import type { Room } from '../git/room.ts';
import type { ObjectId } from '../orders.ts';
import { mergeTrees, treeOfCommit } from './merge.ts';

/**
 * Which of these commits a branch of the user's has: in its history, or as files, so that merging them would change
 * nothing (that of a squash).
 * @param wish.into short name of the branch. Default: what the project is on
 */
export async function delivered(
  room: Room,
  { commits, into }: { readonly commits: readonly ObjectId[]; readonly into?: string },
): Promise<ObjectId[]> {
  const { repository } = room;
  const tip = await (into === undefined
    ? resolveCommit(repository, 'HEAD')
    : refAt(repository, `refs/heads/${into}`));
  const found: ObjectId[] = [];
  if (tip === null) return found;
  for (const commit of commits)
    if ((await contains(repository, tip, commit)) || (await changesNothing(room, tip, commit)))
      found.push(commit);
  return found;
}

async function changesNothing(room: Room, tip: ObjectId, commit: ObjectId): Promise<boolean> {
  const { tree, stages } = await mergeTrees(room, tip, commit);
  return stages.length === 0 && tree === (await treeOfCommit(room, tip));
}
