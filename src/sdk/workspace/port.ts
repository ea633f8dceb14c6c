import type {
  BranchOrder,
  DeliveryOrder,
  MergeOrder,
  ObjectId,
  ReadyWorkspace,
  ReleaseOrder,
  ResultOrder,
  WorkspaceOrder,
} from './orders.ts';
import type { Site } from './site.ts';
import type { Standing, StandingWish } from './standing.ts';
import type { TransferPort } from './transfer/transfer-port.ts';

export type { Site } from './site.ts';

/**
 * Workspaces, for an engine that journals before each effect. A method named `plan…` reads, and may write objects that
 * nothing refers to; its answer is the order to journal. The others carry out an order.
 *
 * WORKSPACE-1 carrying out an order again, after it was cut off anywhere or done, comes to the same end: the same
 *    object ids, refs and files. What another moved meanwhile is `workspace_moved`, and stays as it is.
 * WORKSPACE-2 nothing that a repository contains is executed: configuration, hooks, filters, drivers, attributes.
 * WORKSPACE-3 of the user's, only what `deliver` names is changed; ignored and uncommitted files never.
 * WORKSPACE-4 once a tree is ready, it is never the only copy of anything that is removed or replaced.
 * WORKSPACE-5 every method rejects with `WorkspaceError`, or with the signal's reason once it aborts; then none of its
 *    processes is left.
 */
export interface WorkspacePort {
  /**
   * The repository of a project that is a URL: bare, ours. It is the project for all other steps.
   * @param url for git, without options, remote helpers or credentials; or an absolute path
   * @param options.again whether it is fetched even if that has been done before. Default: true
   */
  cache(site: Omit<Site, 'project'>, url: string, options?: { readonly again?: boolean }): Promise<string>;
  /** What there is at a project's folder. @throws workspace_no_repository, workspace_untrusted */
  look(site: Site): Promise<RepositoryView>;
  /** The commit that a base is, or any other name of one; null: there is none. @param base as in `WorkspaceWish` */
  resolve(site: Site, base: string): Promise<ObjectId | null>;

  /** What a tree of a commit takes on disk. @param base as in `WorkspaceWish` */
  measure(site: Site, base?: string): Promise<TreeSize>;
  planWorkspace(site: Site, wish: WorkspaceWish): Promise<WorkspaceOrder>;
  /** Registers the tree, checks it out and brings the included files. Until the tree is ready it is made anew. */
  prepare(site: Site, order: WorkspaceOrder): Promise<Prepared>;
  /** Makes a ready tree again that has gone, from its branch and its last checkpoint; one that is there is kept. */
  restore(site: Site, ready: ReadyWorkspace): Promise<Restored>;

  /** Saves the tree as it is under a ref of its own. The agent's index and branch are not touched. */
  checkpoint(site: Site, ready: ReadyWorkspace, time: number): Promise<Saved>;
  planResult(site: Site, ready: ReadyWorkspace, wish: ResultWish): Promise<ResultPlan>;
  /** Moves the session's branch to the result, and gives the agent's index its files. */
  takeResult(site: Site, ready: ReadyWorkspace, order: ResultOrder): Promise<void>;

  /** What the user's trees and the sessions' share. Compare it (`sharedChanges`) to warn of what a session has done there. */
  shared(site: Site): Promise<SharedState>;

  /** The files that differ between two commits, without included ones. */
  changes(site: Site, range: DiffRange): Promise<readonly FileChange[]>;
  /** The same as text, bounded. */
  diff(site: Site, range: DiffRange): Promise<BoundedDiff>;

  planMerge(site: Site, ready: ReadyWorkspace, wish: MergeWish): Promise<MergePlan>;
  /** Brings what was merged before into the session's tree and branch, to be verified there. */
  takeMerge(site: Site, ready: ReadyWorkspace, order: MergeOrder): Promise<void>;
  /**
   * Puts a conflict into the session's tree, as git leaves one, for its author to resolve.
   * @param how.files false: only into git's index and notes, because the files have been worked on since.
   */
  putConflict(
    site: Site,
    ready: ReadyWorkspace,
    conflict: Conflict,
    how?: { readonly files: boolean },
  ): Promise<void>;
  /** Moves the group's branch. */
  advance(site: Site, group: string, order: MergeOrder): Promise<void>;

  /** @param wish.into a branch of the user's, by its short name. */
  planDelivery(site: Site, wish: DeliveryWish): Promise<DeliveryPlan>;
  /**
   * Whether a delivery can be taken back, by an order with `from` and `to` exchanged: not once the branch has moved on.
   * @param delivered what was ordered; it may have been cut off.
   */
  planUndo(site: Site, delivered: DeliveryOrder): Promise<UndoPlan>;
  /** What was ordered the other way round, and cut off, comes to its end first. */
  deliver(site: Site, order: BranchOrder): Promise<void>;

  /**
   * Which of these commits a branch of the user's has, whoever put them there: in its history, or because merging them
   * would change none of its files. Moves nothing. Default: nobody knows.
   * @param wish.into short name. Default: the branch that the project is on
   */
  delivered?(
    site: Site,
    wish: { readonly commits: readonly ObjectId[]; readonly into?: string },
  ): Promise<readonly ObjectId[]>;
  /** What the refs of a session and of its group stand at. Never waits for a step of another process. */
  tips(site: Site, of: { readonly group: string; readonly session: string }): Promise<Tips>;
  /** What would be lost if the tree, its checkpoints and its branch were removed. */
  standing(site: Site, ready: ReadyWorkspace, how?: StandingWish): Promise<Standing>;
  /** Keeps the tree and its branch under `refs/session-groups/archive/`. */
  archive(site: Site, ready: ReadyWorkspace, time: number): Promise<ObjectId>;
  /** null: something is only there, such as a nested repository, so the tree is kept. */
  planRelease(site: Site, ready: ReadyWorkspace): Promise<ReleaseOrder | null>;
  /** Takes the tree out of the way, in milliseconds; its branch stays. `emptyTrash` frees the space. */
  release(site: Site, ready: ReadyWorkspace, order: ReleaseOrder): Promise<void>;
  emptyTrash(): Promise<void>;
  /** Deletes the group's refs in this repository, except archived ones. The caller has checked `standing`. */
  removeRefs(site: Site, group: string): Promise<void>;

  /**
   * Removes locks that processes of a dead engine left in places of the group's own. Before it, every such process has
   * to be ended (`endOrphans`).
   */
  recover(site: Site, orders: readonly WorkspaceOrder[]): Promise<void>;

  /** Takes sessions' work to repositories of other machines, and back. Default: nothing does. */
  readonly transfer?: TransferPort;
}

/** A repository as it is on this machine. */
export interface RepositoryView {
  /** Identity: the same for every folder and tree of it. Contains no path. */
  readonly id: string;
  /** From the top of the working tree to the project, with forward slashes; empty at the top and in a bare one. */
  readonly inner: string;
  readonly format: 'sha1' | 'sha256';
  /** Full ref that HEAD names; null: detached. */
  readonly branch: string | null;
  /** null: no commits yet. */
  readonly head: ObjectId | null;
  readonly bare: boolean;
  readonly shallow: boolean;
  /** A partial clone: files may be missing. */
  readonly partial: boolean;
  readonly sparse: boolean;
  readonly submodules: boolean;
  /** Whether an agent can commit as the user: name and e-mail address are configured. */
  readonly identity: boolean;
}

export interface TreeSize {
  readonly files: number;
  readonly bytes: number;
}

export interface WorkspaceWish {
  readonly mode: WorkspaceOrder['mode'];
  readonly group: string;
  readonly session: string;
  /** A ref, or the object id that an earlier order of the group pinned. Default: HEAD. */
  readonly base?: string;
  readonly dependencies?: readonly ObjectId[];
  readonly include?: readonly string[];
  /** From the top of the tree to the project. Default: where `Site.project` is. */
  readonly inner?: string;
  readonly replaces?: ObjectId;
  readonly time: number;
}

export interface Prepared {
  readonly ready: ReadyWorkspace;
  /** Where the agent works: absolute, without links. */
  readonly cwd: string;
  /** The first dependency that conflicts with the others: its author has to merge it (`putConflict`). */
  readonly conflict: Conflict | null;
  /** Dependencies that the tree does not contain, because they conflict with the others. */
  readonly missing: readonly ObjectId[];
  readonly warnings: readonly string[];
}

export interface Restored {
  readonly cwd: string;
  /** Whether it had to be made again. */
  readonly again: boolean;
  readonly warnings: readonly string[];
}

export interface Saved {
  readonly commit: ObjectId;
  readonly warnings: readonly string[];
}

export interface ResultWish {
  /** The first line of the commit's message, at most 100 characters. Default: a sentence with the session's id. */
  readonly subject?: string;
  readonly attempts: number;
  readonly time: number;
  /** The conflict that the tree was given to resolve, if any. */
  readonly resolves?: Conflict;
}

export interface ResultPlan {
  readonly order: ResultOrder;
  /** Files of the conflict that still are unresolved: the result must not be taken. */
  readonly unresolved: readonly string[];
  readonly warnings: readonly string[];
}

export interface MergeWish {
  readonly result: ObjectId;
  /** What is merged into it. Default: the group's branch. */
  readonly theirs?: ObjectId;
  readonly time: number;
}

export type MergePlan =
  | {
      readonly kind: 'merge';
      readonly order: MergeOrder /** Whether the tree differs from the result's. */;
      readonly differs: boolean;
    }
  | { readonly kind: 'conflict'; readonly conflict: Conflict };

/** Plain data. */
export interface Conflict {
  /** What the tree has. */
  readonly ours: ObjectId;
  /** What could not be merged into it. */
  readonly theirs: ObjectId;
  /** Paths from the top of the tree, sorted. */
  readonly files: readonly string[];
}

export interface DeliveryWish {
  readonly group: string;
  readonly into: string;
  readonly time: number;
}

/**
 * `ready`: can be delivered. `done`: the branch contains it already. `behind`: the branch has moved on, so that has to
 * be merged into the group's branch first (`advance`) and verified. `refused`: why not, and the files in the way.
 */
export type DeliveryPlan =
  | { readonly kind: 'ready'; readonly order: DeliveryOrder }
  | { readonly kind: 'done' }
  | { readonly kind: 'behind'; readonly order: MergeOrder }
  | { readonly kind: 'conflict'; readonly conflict: Conflict }
  | { readonly kind: 'refused'; readonly reason: string; readonly files: readonly string[] };

/** `done`: the branch has nothing of it. */
export type UndoPlan =
  | { readonly kind: 'ready'; readonly order: BranchOrder }
  | Extract<DeliveryPlan, { readonly kind: 'done' | 'refused' }>;

export interface DiffRange {
  readonly from: ObjectId;
  readonly to: ObjectId;
  /** Paths that are left out, by name. */
  readonly without?: readonly string[];
}

/** A file that differs between two commits. */
export interface FileChange {
  /** From the top of the tree. */
  readonly path: string;
  readonly status: 'added' | 'deleted' | 'modified' | 'type' | 'renamed';
  /** The earlier path of a renamed file. */
  readonly before?: string;
  /** Lines; 0 in a binary file. */
  readonly added: number;
  readonly deleted: number;
}

export interface BoundedDiff {
  /** A unified diff, at most 5 MiB, 1 MiB per file and 2,000 characters per line; what is left out is said in its place. */
  readonly text: string;
  readonly cut: boolean;
}

/** null: there is no such ref. */
export interface Tips {
  readonly branch: ObjectId | null;
  readonly checkpoint: ObjectId | null;
  /** The group's branch. */
  readonly merged: ObjectId | null;
}

/** Plain data. */
export interface SharedState {
  /** Configuration, hooks and the like, by path in git's folder: a mark of each. */
  readonly files: Readonly<Record<string, string>>;
  /** The user's branches, by full ref. */
  readonly branches: Readonly<Record<string, ObjectId>>;
}

/** Names of what differs, sorted: files in git's folder, and full refs. */
export function sharedChanges(before: SharedState, after: SharedState): string[] {
  const [old, now] = [before, after].map(
    ({ files, branches }) => new Map(Object.entries({ ...files, ...branches })),
  );
  const names = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  return [...names].filter(name => old?.get(name) !== now?.get(name)).sort();
}
