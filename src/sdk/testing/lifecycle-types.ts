import type { PauseReason, SettledGroup } from '../../../machines/vocabulary.ts';

/** The group that the model represents. */
export interface LifecycleInput {
  readonly sessions: number;
  /** Number of failures that pauses the group. */
  readonly errorThreshold: number;
  /** What its sessions do is merged, and goes into a branch of the user's. Default: false. */
  readonly delivers?: boolean;
}

/** The counts of the model; named as in the group's progress, except for `retrying`. */
export interface LifecycleContext extends LifecycleInput {
  /** Not started, or reopened by a retry. */
  readonly pending: number;
  readonly live: number;
  /** Was live when the engine died. */
  readonly lost: number;
  /** Backing off before a retry. */
  readonly retrying: number;
  readonly paused: number;
  readonly completed: number;
  readonly failed: number;
  /** Stopped, or skipped by a stop. */
  readonly stopped: number;
  readonly errors: number;
  /** Whether the definition has changed. */
  readonly grown: boolean;
  /** Whether the engine has died. */
  readonly died: boolean;
  readonly money: 'within' | 'warned' | 'exceeded';
  /** The account's usage limit resets later than the group is willing to wait. */
  readonly limited: boolean;
  /** Nothing has completed since the last delivery. */
  readonly delivered: boolean;
  /** A request to deliver is still to be carried out. */
  readonly asked: boolean;
  readonly delivering: boolean;
  /** As what the group had settled when it was asked to deliver. */
  readonly before: SettledGroup | undefined;
  readonly reason: PauseReason | undefined;
  /** The answer to the last request. */
  readonly answer: string | undefined;
}

/** Requests to a group, and what its sessions can do. */
export type LifecycleEvent =
  | { readonly type: 'run' | 'pause' | 'resume' | 'stop' | 'retry' | 'integrate' }
  /** How a delivery ends. */
  | { readonly type: 'delivery.done' | 'delivery.refused' | 'delivery.ended' }
  /** A conflict that a person has to resolve. */
  | { readonly type: 'session.blocked' }
  /** For a session to which the request doesn't apply. */
  | { readonly type: 'session.pause' | 'session.resume' | 'approval.answer' }
  /** Adds one session; happens once. */
  | { readonly type: 'definition.change' }
  /** The engine is killed, and another opens the group; happens once. */
  | { readonly type: 'engine.died' }
  | { readonly type: 'session.settled'; readonly outcome: 'completed' | 'failed' | 'stopped' }
  | { readonly type: 'session.yielded'; readonly reason: 'pause' | 'retry' }
  | { readonly type: 'session.ready' }
  | { readonly type: 'budget.warning' | 'budget.exceeded' | 'budget.change' }
  /** A live session hits the account's usage limit, which resets too late; later it is reset. */
  | { readonly type: 'quota.tooLong' | 'quota.opened' }
  /** A live session turns out not to be logged in, and yields. */
  | { readonly type: 'agent.unavailable' }
  /** The journal couldn't record what a live session did; the next record succeeds. */
  | { readonly type: 'journal.failed' };
