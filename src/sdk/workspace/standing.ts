import type { ObjectId } from './orders.ts';

/**
 * Where a commit is not lost. `users`: in a branch or a tag that is no group's, the user's copies of other machines'
 * among them, or archived; `group`: in the group's branch as well.
 */
export type KeptBy = 'group' | 'users';

export interface StandingWish {
  /** Default: group. */
  readonly keptBy?: KeptBy;
  /** The session's result, which its branch may have lost. Default: what the branch has. */
  readonly result?: ObjectId | undefined;
}

export interface Standing {
  /** Files that are in no commit, included ones aside; of a tree that has gone, those that only its checkpoint has. */
  readonly dirty: readonly string[];
  /** The branch's commit or the result, if it would be lost. */
  readonly unmerged: ObjectId | null;
  /** What only the tree has: nested repositories, commits in submodules. */
  readonly only: readonly string[];
}
