import type { ModelledSession } from './lifecycle-types.ts';
import { Oracle } from './oracle.ts';

/** How sessions have to end; any end is right for those that it doesn't name. */
export type Ends = ReadonlyMap<string, 'completed' | 'failed'>;

/**
 * The ends of other sessions by which this one starts, by the fewest that have to be named; undefined if there are none:
 * its dependencies contradict each other.
 */
export function endsBefore(sessions: readonly ModelledSession[], id: string): Ends | undefined {
  const oracle = new Oracle(sessions);
  const [ends] = starting(oracle, id, new Map());
  return ends;
}

/** Each way in which the session starts, on top of the ends that are given. */
function* starting(oracle: Oracle, id: string, given: Ends): Generator<Ends> {
  const { dependsOn, trigger } = oracle.session(id);
  if (dependsOn.length === 0) yield given;
  else if (trigger === 'any') for (const edge of dependsOn) yield* satisfying(oracle, [edge], given);
  else yield* satisfying(oracle, dependsOn, given);
}

type Edges = ReturnType<Oracle['session']>['dependsOn'];

function* satisfying(oracle: Oracle, edges: Edges, given: Ends): Generator<Ends> {
  const [edge, ...rest] = edges;
  if (!edge) {
    yield given;
    return;
  }
  for (const ends of settling(oracle, edge, given)) yield* satisfying(oracle, rest, ends);
}

/** Each way in which the session at the other end of the edge ends as the edge wants it. */
function* settling(oracle: Oracle, { session: id, when }: Edges[number], given: Ends): Generator<Ends> {
  const wanted = when === 'failed' ? 'failed' : 'completed';
  const forgiven = when === 'completed' && oracle.session(id).allowFailure;
  const already = given.get(id);
  const allowed = when === 'settled' || forgiven ? (['completed', 'failed'] as const) : ([wanted] as const);
  for (const end of allowed) {
    if (already !== undefined && already !== end) continue;
    if (already === end) yield given;
    else for (const ends of starting(oracle, id, given)) yield* withEnd(ends, id, end);
  }
  // What can't start is skipped, and that settles it.
  if (when === 'settled' && already === undefined) yield given;
}

/** What led to it must not have named another end of it. */
function* withEnd(ends: Ends, id: string, end: 'completed' | 'failed'): Generator<Ends> {
  if (ends.has(id) && ends.get(id) !== end) return;
  yield new Map(ends).set(id, end);
}
