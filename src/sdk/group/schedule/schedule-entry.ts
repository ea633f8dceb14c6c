import type { SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import type { Edge, GraphNode } from '../dependency-graph.ts';

/** `undecided`: enough of its dependencies have settled to judge them, and the group's chart has not judged them yet. */
type Phase = 'waiting' | 'undecided' | 'ready' | 'taken' | 'settled';

/** The state of a session in its schedule. */
export interface Entry {
  phase: Phase;
  open: number;
  satisfied: number;
  violated: number;
  outcome: SettledStatus | undefined;
  skipReason: SkipReason | undefined;
  /** 0 for a session that isn't continuing, otherwise its turn among those that are. */
  reentry: number;
}

export const newEntry = ({ dependencies }: GraphNode): Entry => ({
  phase: 'waiting',
  open: dependencies.length,
  satisfied: 0,
  violated: 0,
  outcome: undefined,
  skipReason: undefined,
  reentry: 0,
});

/** Spec §5: an edge is evaluated only once its upstream has settled. */
export function isSatisfied(
  { when }: Pick<Edge, 'when'>,
  outcome: SettledStatus,
  upstream: Pick<GraphNode, 'session'>,
): boolean {
  if (when === 'settled') return true;
  if (when === 'failed') return outcome === 'failed';
  return outcome === 'completed' || (outcome === 'failed' && upstream.session.allowFailure);
}

/** Whether what has settled is enough to say if the session starts. */
export const isDecided = (entry: Entry, { session }: GraphNode): boolean =>
  entry.open === 0 || (session.trigger === 'any' ? entry.satisfied > 0 : entry.violated > 0);

/** Of an entry that is decided: whether the session may start. */
export const isTriggered = (entry: Entry, { session }: GraphNode): boolean =>
  session.trigger === 'any' ? entry.satisfied > 0 : entry.violated === 0;

export const hasNotStarted = ({ phase, reentry }: Entry): boolean =>
  phase === 'waiting' || phase === 'undecided' || (phase === 'ready' && reentry === 0);

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
  | {
      readonly type: 'held';
      readonly index: number;
      readonly held: boolean;
      readonly by?: string | undefined;
    };
