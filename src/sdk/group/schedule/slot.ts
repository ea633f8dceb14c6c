import type { SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import type { Edge, GraphNode } from '../dependency-graph.ts';

type Phase = 'waiting' | 'ready' | 'taken' | 'settled';

/** How a session stands in its schedule. */
export interface Slot {
  phase: Phase;
  open: number;
  satisfied: number;
  violated: number;
  outcome: SettledStatus | undefined;
  skipReason: SkipReason | undefined;
  /** 0 for a session that never started, else its turn among those that want to go on. */
  reentry: number;
}

export const newSlot = ({ dependencies }: GraphNode): Slot => ({
  phase: 'waiting',
  open: dependencies.length,
  satisfied: 0,
  violated: 0,
  outcome: undefined,
  skipReason: undefined,
  reentry: 0,
});

/** Spec §5: an edge is judged only when its upstream is settled. */
export function isSatisfied(edge: Edge, outcome: SettledStatus, upstream: GraphNode): boolean {
  if (edge.when === 'settled') return true;
  if (edge.when === 'failed') return outcome === 'failed';
  return outcome === 'completed' || (outcome === 'failed' && upstream.session.allowFailure);
}
