import { join } from 'node:path';
import type { Repository } from '../git/repository.ts';
import type { Room, RoomTree } from '../git/room.ts';
import type { ObjectId, WorkspaceOrder } from '../orders.ts';

/** A session's tree on this machine. */
export interface Tree {
  readonly order: WorkspaceOrder;
  readonly repository: Repository;
  readonly room: Room;
  /** Git's name of the record of this tree. */
  readonly id: string;
  /** The top of the tree, absolute, without links. */
  readonly folder: string;
  /** Where the agent works. */
  readonly cwd: string;
  /** Git's record of the tree: HEAD, the agent's index, and what a merge has begun. */
  readonly admin: string;
  /** With the agent's index. */
  readonly agents: RoomTree;
  /** With an index of our own. */
  readonly own: RoomTree;
  /** What was brought along; empty while it is not ready. */
  readonly included: readonly string[];
  /** What was checked out; the base while it is not ready. */
  readonly start: ObjectId;
}

/** @param workDir the folder of workspaces, without links. */
export function treeOf(
  order: WorkspaceOrder,
  {
    room,
    workDir,
    start,
    included,
  }: { readonly room: Room; readonly workDir: string } & Partial<Pick<Tree, 'start' | 'included'>>,
): Tree {
  const { repository } = room;
  const folder = join(workDir, order.folder);
  const id = order.folder.slice(order.folder.lastIndexOf('/') + 1);
  const admin = join(repository.common, 'worktrees', id);
  return {
    order,
    repository,
    room,
    id,
    folder,
    cwd: join(folder, order.inner),
    admin,
    agents: { index: join(admin, 'index'), folder },
    own: { index: join(room.folder, `${id}.index`), folder },
    included: included ?? [],
    start: start ?? order.base,
  };
}
