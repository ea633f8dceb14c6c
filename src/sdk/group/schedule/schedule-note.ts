import type { SkipReason } from '../../../../machines/vocabulary.ts';

export interface SessionSkip {
  readonly index: number;
  readonly reason: SkipReason;
  /** The upstream sessions whose edges were violated. */
  readonly because: readonly number[];
}

/** What settling a session led to, in the order in which it happened. */
export type ScheduleNote =
  | { readonly type: 'resolved'; readonly index: number; readonly dependency: number }
  | ({ readonly type: 'skipped' } & SessionSkip)
  /** Was in play before a crash, and is stopped without having been started again. */
  | { readonly type: 'stopped'; readonly index: number }
  /** Paused by itself, or let go again. */
  | { readonly type: 'held'; readonly index: number; readonly held: boolean };
