import { Oracle } from './oracle.ts';
import type { ModelledSession } from './types.ts';

/** How sessions have to end; any end is right for those that it doesn't name. */
export type Ends = ReadonlyMap<string, 'completed' | 'failed'>;

interface Ways {
  /** The first ends that are found by which the session starts. */
  readonly ends: Ends | undefined;
  /** There are none: its dependencies contradict each other. False where the search was given up. */
  readonly never: boolean;
}

/** With dependencies that contradict each other, the search may have to try each end of each session. */
const MOST_TRIES = 20_000;

interface Search {
  readonly oracle: Oracle;
  left: number;
}

/** How other sessions have to end so that this one starts. */
export function waysToStart(sessions: readonly ModelledSession[], id: string): Ways {
  const search = { oracle: new Oracle(sessions), left: MOST_TRIES };
  const [ends] = starting(search, id, new Map());
  return { ends, never: ends === undefined && search.left > 0 };
}

/** Each way in which the session starts, on top of the ends that are given. */
function* starting(search: Search, id: string, given: Ends): Generator<Ends> {
  search.left -= 1;
  if (search.left <= 0) return;
  const { dependsOn, trigger } = search.oracle.session(id);
  if (dependsOn.length === 0) yield given;
  else if (trigger === 'any') for (const edge of dependsOn) yield* satisfying(search, [edge], given);
  else yield* satisfying(search, dependsOn, given);
}

type Edges = ReturnType<Oracle['session']>['dependsOn'];

function* satisfying(search: Search, edges: Edges, given: Ends): Generator<Ends> {
  const [edge, ...rest] = edges;
  if (!edge) {
    yield given;
    return;
  }
  for (const ends of settling(search, edge, given)) yield* satisfying(search, rest, ends);
}

/** Each way in which the session at the other end of the edge ends as the edge wants it. */
function* settling(search: Search, { session: id, when }: Edges[number], given: Ends): Generator<Ends> {
  const wanted = when === 'failed' ? 'failed' : 'completed';
  const forgiven = when === 'completed' && search.oracle.session(id).allowFailure;
  const already = given.get(id);
  const allowed = when === 'settled' || forgiven ? (['completed', 'failed'] as const) : ([wanted] as const);
  for (const end of allowed) {
    if (already !== undefined && already !== end) continue;
    if (already === end) yield given;
    else for (const ends of starting(search, id, given)) yield* withEnd(ends, id, end);
  }
  // What can't start is skipped, and that settles it.
  if (when === 'settled' && already === undefined) yield given;
}

/** What led to it must not have named another end of it. */
function* withEnd(ends: Ends, id: string, end: 'completed' | 'failed'): Generator<Ends> {
  if (ends.has(id) && ends.get(id) !== end) return;
  yield new Map(ends).set(id, end);
}
