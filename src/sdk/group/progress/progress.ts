import type { ErrorCode, PauseReason, SkipReason } from '../../../../machines/vocabulary.ts';
import type { Tokens } from '../../session/usage.ts';
import type { GroupStatus, SessionStatus } from '../types.ts';

/** Why a session, or a whole group, is not going on (promise 4 of spec-session-groups.md §1). Times are epoch milliseconds. */
export type WaitReason =
  | { readonly kind: 'dependency'; readonly sessions: readonly string[] }
  | { readonly kind: 'slot'; readonly live: number; readonly maxConcurrent: number }
  /** `heldBy` names the sessions of this group; empty when another group on this machine holds the project. */
  | { readonly kind: 'project'; readonly project: string; readonly heldBy: readonly string[] }
  | { readonly kind: 'budget'; readonly usageUsd: number; readonly limitUsd: number }
  | { readonly kind: 'quota'; readonly account: string; readonly until: number }
  | { readonly kind: 'retry'; readonly until: number; readonly attempt: number; readonly code: ErrorCode }
  | { readonly kind: 'approval'; readonly requestId: string; readonly tool: string }
  /** `held`: this session alone was paused. */
  | { readonly kind: 'paused'; readonly reason: PauseReason | 'held'; readonly message?: string }
  | { readonly kind: 'not_started' };

/** A session at one moment. Costs in USD, times in milliseconds. */
export interface SessionProgress {
  readonly id: string;
  readonly projectPath: string;
  readonly status: SessionStatus;
  /** Set while it waits. */
  readonly why?: WaitReason;
  readonly skipReason?: SkipReason;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly currentTool?: string;
  readonly costUsd: number;
  /** The cost is priced from usage; the agent's own figure has not come yet. */
  readonly estimated: boolean;
  readonly tokens: Tokens;
  readonly attempts: number;
  readonly messageCount: number;
  /** Epoch milliseconds of the first attempt. */
  readonly startedAt?: number;
  /** From the first attempt until it settled, or until now; on the monotonic clock. */
  readonly durationMs?: number;
}

/** How many sessions there are in each state, and what all of them have used. */
export interface GroupStats {
  readonly totalSessions: number;
  readonly pending: number;
  /** Live: preparing, running or being interrupted. */
  readonly running: number;
  /** In play without a slot, or for a person: retrying, quota wait, approval. */
  readonly waiting: number;
  readonly paused: number;
  readonly completed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly stopped: number;
  readonly totalCostUsd: number;
  readonly totalTokens: Tokens;
}

/** A group at one moment: how it stands, what it has cost, and each of its sessions. */
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
  /** Absent until something is known to estimate from. */
  readonly estimatedRemainingMs?: number;
}

/** What `run` resolves with, and the last line of `--json`. */
export interface GroupResult {
  readonly groupId: string;
  readonly status: GroupStatus;
  /** Why it is paused, failed or stopped. */
  readonly reason?: string;
  /** What keeps its records from being written, and the way out. */
  readonly storeError?: { readonly code: string; readonly message: string; readonly hint?: string };
  readonly sessions: Readonly<Record<string, SessionResult>>;
  readonly totalCostUsd: number;
  readonly totalTokens: Tokens;
  readonly elapsedMs: number;
}

/** How one session of a group has ended, or stands. */
export interface SessionResult {
  readonly status: SessionStatus;
  readonly reason?: string;
  readonly error?: { readonly code: ErrorCode; readonly message: string };
  readonly costUsd: number;
  readonly attempts: number;
  /**
   * What it left, once completed. Not part of `--json`'s result line. The final text is whole where a group is kept in
   * memory; else at most 64 KiB, with a note that names the file of the rest.
   */
  readonly result?: string;
  readonly output?: unknown;
  /** Where the output is, if that is longer than 64 KiB; then it is not here. */
  readonly outputFile?: string;
  /** Relative to the project, sorted, at most 1,000; absent where git cannot say. */
  readonly changedFiles?: readonly string[];
}
