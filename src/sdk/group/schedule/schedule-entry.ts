import type { SettledStatus, SkipReason } from '../../../../machines/vocabulary.ts';
import type { Edge, GraphNode } from '../dependency-graph.ts';

type Phase = 'waiting' | 'ready' | 'taken' | 'settled';

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
export function isSatisfied(edge: Edge, outcome: SettledStatus, upstream: GraphNode): boolean {
  if (edge.when === 'settled') return true;
  if (edge.when === 'failed') return outcome === 'failed';
  return outcome === 'completed' || (outcome === 'failed' && upstream.session.allowFailure);
}
