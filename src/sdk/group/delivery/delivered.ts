import type { FileChange } from '../../workspace/port.ts';

/** What a group delivers, as plain data. Types only: the page imports them without the engine. */

/** The work of a session, as the journal describes it. */
export interface SessionDelivery {
  readonly id: string;
  /** Identity of the repository. */
  readonly repository: string;
  readonly mode: 'worktree' | 'checkout';
  /** How its work is integrated. */
  readonly integrate: 'none' | 'branch' | 'merge' | 'pr';
  /** Where its agent works, absolute; absent before the tree is ready. */
  readonly folder?: string;
  /** Short name. */
  readonly branch: string;
  /** The commit that its agent began with. */
  readonly from: string;
  /** The commit with all that it did; absent before it is done. */
  readonly result?: string;
  /** Its result with what was merged before it; absent unless that has been made. */
  readonly merge?: string;
  /** What it did is in the group's branch. */
  readonly isMerged: boolean;
  /** How its checks went last; absent before the first, and where there are none. */
  readonly checks?: 'running' | 'green' | 'red';
  /** Absolute paths of what set-up and checks have printed; absent if there is nothing. */
  readonly setupLog?: string;
  readonly verifyLog?: string;
  /** Open: nobody has resolved it yet. */
  readonly conflict?: SessionConflict;
  /** Its tree has been taken away. */
  readonly isReleased: boolean;
}

/** Files that two sessions changed differently. */
export interface SessionConflict {
  /** From the top of the tree. */
  readonly files: readonly string[];
  /** Sessions that have merged a change of one of these files; empty if that is not known. */
  readonly with: readonly string[];
}

/** What the group has done in a repository. */
export interface RepositoryDelivery {
  /** Identity: the same for every folder and tree of it. */
  readonly repository: string;
  /** The project by which it is known here. */
  readonly project: string;
  readonly sessions: readonly string[];
  /** The commit that the group began with. */
  readonly base: string;
  /** What the group's branch stands at; null: nothing has been merged, or it can't be read. */
  readonly merged: string | null;
  /**
   * `none`: it goes nowhere, because nothing was merged or no branch was named; `ready`: `moves` can be made; `behind`:
   * the branch has moved on, so that is merged and checked first; `done`: the branch contains it; `conflict`,
   * `refused`: it cannot go there; `unreadable`: git can't read the repository.
   */
  readonly delivery: 'none' | 'ready' | 'behind' | 'done' | 'conflict' | 'refused' | 'unreadable';
  /** Short name of the branch that it goes into. */
  readonly into?: string;
  /** The refs that integrating moves, in this order; empty unless `ready` or `behind`. */
  readonly moves: readonly RefMove[];
  /** Why it can't be delivered. */
  readonly reason?: string;
  /** Files in conflict, or in the way. From the top of the tree. */
  readonly files: readonly string[];
}

/** A ref and full object ids; `from` null: it does not exist yet. */
export interface RefMove {
  readonly ref: string;
  readonly from: string | null;
  readonly to: string;
}

/** How a delivery that stopped part-way can be taken back in a repository. */
export interface RepositoryUndo {
  /** Identity of the repository. */
  readonly repository: string;
  /** The project by which it is known here. */
  readonly project: string;
  /** Short name of the branch that it was to go into. */
  readonly into: string;
  /**
   * `ready`: `moves` can be made; `done`: the branch has nothing of it; `refused`: it has moved on, or files are in the
   * way; `unreadable`: git can't read the repository.
   */
  readonly undo: 'ready' | 'done' | 'refused' | 'unreadable';
  /** The refs that go back, and full object ids; `to` null: the branch had no commits. Empty unless `ready`. */
  readonly moves: readonly { readonly ref: string; readonly from: string; readonly to: string | null }[];
  /** Why it can't be taken back. */
  readonly reason?: string;
  /** Files in the way. From the top of the tree. */
  readonly files: readonly string[];
}

/** Files that differ between two commits. */
export interface Changes {
  /** Identity of the repository. */
  readonly repository: string;
  /** The project's folder on this machine. */
  readonly project: string;
  /** Full object ids. */
  readonly from: string;
  readonly to: string;
  /** By path, at most 5,000; `moreFiles` are left out. */
  readonly files: readonly FileChange[];
  readonly moreFiles: number;
  /** Lines, over all files. */
  readonly added: number;
  readonly deleted: number;
}

/** The difference between two commits, as text. */
export interface Diff {
  readonly repository: string;
  readonly project: string;
  readonly from: string;
  readonly to: string;
  /** A unified diff: at most 5 MiB, 1 MiB per file and 2,000 characters per line. */
  readonly text: string;
  /** Something was left out; the text says so in its place. */
  readonly cut: boolean;
}

/** What would be lost with a session's tree, or why nobody can know. */
export interface UnmergedWork {
  readonly session: string;
  readonly project: string;
  /** Files that are in no commit, at most 100; `moreDirty` are left out. */
  readonly dirty: readonly string[];
  readonly moreDirty: number;
  /** Full object id of what the branch has and no branch that counts does; null: nothing. */
  readonly commit: string | null;
  /** What is only in the tree, and can't be archived: nested repositories, commits in submodules. */
  readonly only: readonly string[];
  /** Why its tree stays, if for another reason: its session goes on, or git can't read it. */
  readonly problem?: string;
}

/** What is to be opened for a session. Untrusted: title and body come from the agent. */
export interface PullRequest {
  readonly session: string;
  /** The project's folder, where the command runs. */
  readonly project: string;
  /** Short names. */
  readonly branch: string;
  readonly base: string;
  /** One line, at most 100 characters. */
  readonly title: string;
  /** At most 60,000 characters. */
  readonly body: string;
}
