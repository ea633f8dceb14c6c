import type { PauseReason } from '../../../machines/vocabulary.ts';

/** The group that the model stands for. */
export interface LifecycleInput {
  readonly sessions: number;
  /** Failures that pause the group. */
  readonly errorThreshold: number;
}

/** What the abstract model counts. */
export interface LifecycleContext extends LifecycleInput {
  /** Not started, or opened again by a retry. */
  readonly pending: number;
  readonly live: number;
  /** Backing off; the others of these counts are as the group's progress has them. */
  readonly retrying: number;
  readonly paused: number;
  readonly completed: number;
  readonly failed: number;
  /** Stopped, or skipped by a stop. */
  readonly stopped: number;
  readonly errors: number;
  /** Whether the definition has changed. */
  readonly grown: boolean;
  readonly money: 'within' | 'warned' | 'exceeded';
  /** The account's limit resets later than the group is willing to wait. */
  readonly limited: boolean;
  readonly reason: PauseReason | undefined;
  /** What the last request was answered. */
  readonly answer: string | undefined;
}

/** What can be asked of a group, and what its sessions can do. */
export type LifecycleEvent =
  | { readonly type: 'run' | 'pause' | 'resume' | 'stop' | 'retry' }
  /** Of or for a session for which the request makes no sense. */
  | { readonly type: 'session.pause' | 'session.resume' | 'approval.answer' }
  /** One session more; happens once. */
  | { readonly type: 'definition.change' }
  | { readonly type: 'session.settled'; readonly outcome: 'completed' | 'failed' | 'stopped' }
  | { readonly type: 'session.yielded'; readonly reason: 'pause' | 'retry' }
  | { readonly type: 'session.ready' }
  | { readonly type: 'budget.warning' | 'budget.exceeded' | 'budget.change' }
  /** A live session meets the account's limit, and the reset is too far away; later it is reset. */
  | { readonly type: 'quota.tooLong' | 'quota.opened' }
  /** A live session finds itself not logged in, and fails by it. */
  | { readonly type: 'agent.unavailable' }
  /** The journal could not take what a live session did; it can take the next record. */
  | { readonly type: 'journal.failed' };
