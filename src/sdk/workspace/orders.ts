/**
 * Orders: what the engine journals before an effect. All are plain JSON.
 *
 * ORDER-1 an order names commits by object id and folders relative to the folder of workspaces, so that another
 *    machine can carry it out.
 * ORDER-2 times are seconds since the epoch and come from the journal, so that the same order makes the same commits.
 */

/** A full object id in lower-case hex, sha1 or sha256 as the repository has it. */
export type ObjectId = string;

/** Where a session works. */
export interface WorkspaceOrder {
  /** Identity of the repository, the same for all sessions that work in it (`RepositoryView.id`). */
  readonly repository: string;
  readonly mode: 'worktree' | 'checkout';
  /** The group's id. */
  readonly group: string;
  readonly session: string;
  /** The folder of the tree, relative to the folder of workspaces. Its last part is git's name of the registration. */
  readonly folder: string;
  /** Full ref: `refs/heads/session-groups/GROUP/SESSION`. */
  readonly branch: string;
  /** The commit that the group started from in this repository; in one without commits, a root commit of ours. */
  readonly base: ObjectId;
  /** Results that the tree has to contain, in the order of dependencies. */
  readonly dependencies: readonly ObjectId[];
  /** Patterns in the format of `.gitignore` for ignored files to bring along. */
  readonly include: readonly string[];
  /** The session's project in the tree, with forward slashes; empty at its top. */
  readonly inner: string;
  /** A commit that the branch may stand at, because a tree was released before (`--fresh`); null: it must not exist. */
  readonly replaces: ObjectId | null;
  readonly time: number;
}

/** A tree in which a session can work: what has to be known of it from then on. It is never reset. */
export interface ReadyWorkspace {
  readonly order: WorkspaceOrder;
  /** What was checked out. */
  readonly commit: ObjectId;
  /** The ignored files that were brought along: they get into no commit and no diff, whatever the ignore files say. */
  readonly included: readonly string[];
}

/** A session's work as a commit. */
export interface ResultOrder {
  readonly commit: ObjectId;
  /** What the branch stood at. */
  readonly from: ObjectId;
}

/** A result joined with those that were merged before. */
export interface MergeOrder {
  readonly result: ObjectId;
  /** What the group's branch stood at; null: it did not exist. */
  readonly onto: ObjectId | null;
  /** The group's branch is moved here. Equal to `result` if nothing was merged since its base. */
  readonly commit: ObjectId;
}

/** A branch of the user's is to move. */
export interface BranchOrder {
  /** Full ref. */
  readonly into: string;
  /** null: the branch has no commits. */
  readonly from: ObjectId | null;
  readonly to: ObjectId | null;
}

/** The group's branch is to be put into a branch of the user's. */
export interface DeliveryOrder extends BranchOrder {
  readonly to: ObjectId;
}

/** A tree that is no longer needed. */
export interface ReleaseOrder {
  readonly folder: string;
  /** What the branch stands at. */
  readonly tip: ObjectId | null;
}
