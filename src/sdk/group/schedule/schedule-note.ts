import type { SkipReason } from '../../../../machines/vocabulary.ts';

export interface SessionSkip {
  readonly index: number;
  readonly reason: SkipReason;
  /** The upstream sessions whose edges are violated. */
  readonly because: readonly number[];
}

/** A consequence of a change in the schedule. */
export type ScheduleNote =
  | { readonly type: 'resolved'; readonly index: number; readonly dependency: number }
  | ({ readonly type: 'skipped' } & SessionSkip)
  /** Was in play before a crash, and is stopped without being started again. */
  | { readonly type: 'stopped'; readonly index: number }
  /** Held or released. */
  | { readonly type: 'held'; readonly index: number; readonly held: boolean };
