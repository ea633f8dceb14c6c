/** What a history shows of sessions that work in trees, and of groups that deliver; a part of `history.ts`. */

/** Contents by path. */
export type Files = Readonly<Record<string, string>>;

/** What decides whether a session is done, and where its work goes. */
export interface SimulatedDelivery {
  /** Each session has a tree of its own. */
  readonly trees: boolean;
  /** Absent: nothing checks what a session did. */
  readonly verify?: { readonly attempts: number; readonly timeoutMs: number };
  readonly setup: boolean;
  readonly integrate: 'none' | 'branch' | 'merge';
  /** What has been merged is checked again where that changes what was checked. */
  readonly verifyMerge: boolean;
  readonly onConflict: 'pause' | 'resolve';
  /** Undefined: no branch of the user's. */
  readonly into?: string;
  readonly scope: 'all' | 'each';
  readonly keep: 'until_merged' | 'always';
}

export type Delivering =
  /** It has put this into a file of its tree. */
  | {
      readonly kind: 'agent.wrote';
      readonly run: number;
      readonly session: string;
      readonly path: string;
      readonly text: string;
    }
  /** A command of the project that an engine runs for a session: its checks, or (`setup`) what prepares its tree. */
  | {
      readonly kind: 'command.started';
      readonly pid: number;
      readonly command: number;
      readonly session: string;
      readonly setup: boolean;
      /** What is in the tree. */
      readonly files: Files;
    }
  /** Nothing of it is alive. `cut`: its engine has ended it; `killed`: something else has. */
  | {
      readonly kind: 'command.ended';
      readonly command: number;
      readonly outcome: 'green' | 'red' | 'cut' | 'killed';
    }
  /** A repository has got a commit. */
  | {
      readonly kind: 'commit';
      readonly repository: string;
      readonly id: string;
      readonly parents: readonly string[];
      readonly files: Files;
    }
  /** A ref of a repository has been moved, by an engine or (without `pid`) by the user; absent `to`: it has gone. */
  | {
      readonly kind: 'ref';
      readonly repository: string;
      readonly ref: string;
      readonly to?: string;
      readonly pid?: number;
    }
  /** The user has deleted the tree of a session, or changed it. */
  | { readonly kind: 'tree.disturbed'; readonly session: string; readonly gone: boolean }
  /** The trees that there are at the end, by session. */
  | { readonly kind: 'trees'; readonly trees: Readonly<Record<string, Files>> };
