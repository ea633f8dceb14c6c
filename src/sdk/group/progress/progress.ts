import type { ErrorCode, GroupReason, PauseReason, SkipReason } from '../../../../machines/vocabulary.ts';
import type { GitProject } from '../../delivery/config.ts';
import type { ThrownCode } from '../../error-codes.ts';
import type { Tokens } from '../../session/usage.ts';
import type { FanOutMember } from '../fan-out/config.ts';
import type { GroupStatus, SessionStatus } from '../types.ts';

/** A session of another group that holds a project. */
export interface OtherHolder {
  readonly groupId: string;
  readonly sessionId: string;
  /** Since when it holds it, in epoch milliseconds. */
  readonly since?: number;
  /** `approval`: it waits for the answer of a person. Absent while it works. */
  readonly waitsFor?: 'approval';
}

/** Why a session or a whole group is waiting. Times are epoch milliseconds. */
export type WaitReason =
  /** `toFail`: those of `sessions` that it waits for to fail (`when: failed`); absent if there are none. */
  | {
      readonly kind: 'dependency';
      readonly sessions: readonly string[];
      readonly toFail?: readonly string[];
    }
  | { readonly kind: 'slot'; readonly live: number; readonly maxConcurrent: number }
  /**
   * `heldBy` lists sessions of this group; empty if another group on this machine holds the project. `others`: sessions of
   * other groups that hold it, as far as they are known; absent if none is.
   */
  | {
      readonly kind: 'project';
      readonly project: string;
      readonly heldBy: readonly string[];
      readonly others?: readonly OtherHolder[];
    }
  /** `rehearsal`: scripted agents stand in for all others, and what they claim to have spent is no money. */
  | {
      readonly kind: 'budget';
      readonly usageUsd: number;
      readonly limitUsd: number;
      readonly rehearsal?: true;
    }
  | { readonly kind: 'quota'; readonly account: string; readonly until: number }
  | { readonly kind: 'retry'; readonly until: number; readonly attempt: number; readonly code: ErrorCode }
  /** Its turn to merge: `session` merges in the same repository, or goes first. */
  | { readonly kind: 'merge'; readonly session: string; readonly project: string }
  /**
   * A worker that carries out its attempt elsewhere: `workers` serve its `pool`, and `ahead` others go first; absent where only
   * the process that runs the group knows. `trees`: it waits with a step in its tree, which workers for a number of orders don't take.
   */
  | {
      readonly kind: 'placement';
      readonly workers?: number;
      readonly ahead?: number;
      readonly pool?: string;
      readonly trees?: true;
    }
  /** Nothing has been heard of the worker that carries out its attempt: that is lost at `until`, and tried again elsewhere. */
  | { readonly kind: 'worker_lost'; readonly until: number }
  /** Somebody has to resolve a conflict with what these sessions have changed, as far as that is known. */
  | { readonly kind: 'conflict'; readonly files: readonly string[]; readonly with: readonly string[] }
  /** `input`: what the tool is to be called with, at most 64 KiB of it; absent where an older release wrote the request. */
  | {
      readonly kind: 'approval';
      readonly requestId: string;
      readonly tool: string;
      readonly input?: unknown;
    }
  /**
   * `held`: a person holds this session alone. `by` says whence: `cli`, `http` or `api`, or what a host has given; absent
   * where an older release wrote it. `letGo`: of `sessions_paused`, if none is held any more, so that a resume goes on.
   */
  | {
      readonly kind: 'paused';
      readonly reason: PauseReason | 'held';
      readonly letGo?: true;
      readonly message?: string;
      readonly by?: string;
    }
  | { readonly kind: 'not_started' };

/** A worker, and its machine. */
export interface WorkPlace {
  readonly worker: string;
  readonly host: string;
}

/** The current progress of a session. Costs are in USD, times in milliseconds. */
export interface SessionProgress {
  readonly id: string;
  /**
   * Its project's folder. Of a `project`: the folder of its workspace; until that is ready, the repository as the
   * definition names it.
   */
  readonly projectPath: string;
  /** The repository that is cloned for it, if any. */
  readonly project?: GitProject;
  /** The fan-out that it belongs to, and the value that it is for; absent for any other session. */
  readonly forEach?: FanOutMember;
  readonly status: SessionStatus;
  /** Set while the session is waiting. */
  readonly why?: WaitReason;
  readonly skipReason?: SkipReason;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly currentTool?: string;
  /** What that is called with, in one line. */
  readonly currentToolInput?: string;
  readonly costUsd: number;
  /** The cost is estimated from usage, until the agent reports its own figure. */
  readonly estimated: boolean;
  /** The part of the cost that no reply shows, such as that of subagents and compaction; absent if 0. */
  readonly guessedUsd?: number;
  readonly tokens: Tokens;
  readonly attempts: number;
  readonly messageCount: number;
  /** Who carries its attempt out elsewhere, and on which machine; absent while nobody does, or that is here. */
  readonly worksOn?: WorkPlace;
  /** How often a person went on with its conversation; what that spent isn't counted. Absent if never. */
  readonly openedByHand?: number;
  /** Epoch milliseconds of the first attempt. */
  readonly startedAt?: number;
  /** From the first attempt until it settled, or until now; on the monotonic clock. */
  readonly durationMs?: number;
}

/** The number of sessions in each state, and their total usage. */
export interface GroupStats {
  readonly totalSessions: number;
  readonly pending: number;
  /** Live: preparing, running or being interrupted. */
  readonly running: number;
  /** In play, waiting for a retry, a usage limit or an approval. */
  readonly waiting: number;
  readonly paused: number;
  readonly completed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly stopped: number;
  readonly totalCostUsd: number;
  readonly totalTokens: Tokens;
}

/** The current progress of a group: its status, its cost, and each of its sessions. */
export interface GroupProgress extends GroupStats {
  readonly groupId: string;
  readonly name: string;
  readonly status: GroupStatus;
  readonly why?: WaitReason;
  readonly sessions: readonly SessionProgress[];
  readonly limitUsd?: number;
  /** Absent without a limit. */
  readonly budgetUsedRatio?: number;
  readonly elapsedMs: number;
  /**
   * When its process was suspended, as far as that is in its journal, which counts in no duration; the last one has no `to`
   * while it is. ISO 8601, UTC. Absent if it never was.
   */
  readonly suspensions?: readonly { readonly from: string; readonly to?: string }[];
  /** Absent where there is no basis for an estimate, and once a session takes longer than it was expected to. */
  readonly estimatedRemainingMs?: number;
}

/** What `run` resolves with; also the last line of `--json`. */
export interface GroupResult {
  readonly groupId: string;
  readonly status: GroupStatus;
  /** Why it is paused, failed or stopped. */
  readonly reason?: GroupReason;
  /** Why its records can't be written, and what to do about it. */
  readonly storeError?: { readonly code: ThrownCode; readonly message: string; readonly hint?: string };
  readonly sessions: Readonly<Record<string, SessionResult>>;
  readonly totalCostUsd: number;
  readonly totalTokens: Tokens;
  readonly elapsedMs: number;
  /**
   * It has settled, and what its sessions merged waits for `integrate`: no branch was named, or it did not complete.
   * Absent otherwise.
   */
  readonly toDeliver?: true;
}

/** The outcome or current state of one session. */
export interface SessionResult {
  /** The fan-out that it belongs to, and the value that it is for; absent for any other session. */
  readonly forEach?: FanOutMember;
  readonly status: SessionStatus;
  /** Why it was skipped. */
  readonly reason?: SkipReason;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly costUsd: number;
  readonly attempts: number;
  /**
   * Short name of the branch with what it has changed in a tree of its own, unless that has been merged into the group's
   * branch. Absent without such changes, and for a tree on another machine.
   */
  readonly branch?: string;
  /**
   * The result, once completed; not part of `--json`'s result line. Complete for an in-memory group; otherwise at most
   * 64 KiB, with a note that names the file with the whole text.
   */
  readonly result?: string;
  readonly output?: unknown;
  /** The file with the output, if longer than 64 KiB; `output` is then absent. */
  readonly outputFile?: string;
  /** Relative to the project, sorted, at most 1,000; absent if git can't tell. */
  readonly changedFiles?: readonly string[];
}
