import type { SkipReason } from '../../../../machines/vocabulary.ts';

export interface SessionSkip {
  readonly index: number;
  readonly reason: SkipReason;
  /** The upstream sessions whose edges are violated. */
  readonly because: readonly number[];
}

export interface Resolved {
  readonly type: 'resolved';
  readonly index: number;
  readonly dependency: number;
}

/** A consequence of a change in the schedule. */
export type ScheduleNote =
  | Resolved
  | ({ readonly type: 'skipped' } & SessionSkip)
  /** Was in play before a crash and has no actor: it is stopped, waits for a slot again, or is paused. */
  | { readonly type: 'stopped' | 'queued' | 'paused'; readonly index: number }
  /** Paused by itself, or let go again. */
  | { readonly type: 'held'; readonly index: number; readonly held: boolean };
