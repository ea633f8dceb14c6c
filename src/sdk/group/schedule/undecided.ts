import type { DependencyGraph, GraphNode } from '../dependency-graph.ts';
import type { ScheduleNote, SessionSkip } from './schedule-entry.ts';
import { type Entry, isDecided, isSatisfied } from './schedule-entry.ts';

/** A session to judge, and the upstream session that made it undecided. */
export interface Undecided {
  readonly index: number;
  readonly upstream: number;
}

/** The sessions to judge, first come, first judged. */
export class UndecidedQueue {
  #queue: Undecided[];
  #at: number;
  /** Told of or not, they have not been judged. */
  readonly #undecided: Set<number>;

  constructor(from?: UndecidedQueue) {
    this.#queue = from ? from.#queue.slice(from.#at) : [];
    this.#at = 0;
    this.#undecided = new Set(from ? from.#undecided : []);
  }

  get undecided(): number {
    return this.#undecided.size;
  }

  push(sessions: readonly Undecided[]): void {
    for (const session of sessions) {
      this.#queue.push(session);
      this.#undecided.add(session.index);
    }
  }

  /** Each one once. */
  next(): Undecided | undefined {
    while (this.#at < this.#queue.length) {
      const next = this.#queue[this.#at++];
      if (next && this.#undecided.has(next.index)) return next;
    }
    this.#queue = [];
    this.#at = 0;
    return undefined;
  }

  judged(index: number): void {
    this.#undecided.delete(index);
  }

  clear(): void {
    this.#queue = [];
    this.#at = 0;
    this.#undecided.clear();
  }
}

/** Counts the edges of a session that has settled; what they are enough to judge becomes undecided. */
export function countDependents(
  upstream: number,
  graph: DependencyGraph,
  entries: readonly Entry[],
): { readonly notes: ScheduleNote[]; readonly undecided: readonly Undecided[] } {
  const node = graph.nodes[upstream];
  const outcome = entries[upstream]?.outcome;
  const notes: ScheduleNote[] = [];
  const undecided: Undecided[] = [];
  if (!node || !outcome) return { notes, undecided };
  for (const edge of node.dependents) {
    const [entry, dependent] = [entries[edge.to], graph.nodes[edge.to]];
    if (!entry || !dependent || entry.phase !== 'waiting') continue;
    entry.open--;
    if (isSatisfied(edge, outcome, node)) {
      entry.satisfied++;
      notes.push({ type: 'resolved', index: edge.to, dependency: upstream });
    } else {
      entry.violated++;
    }
    if (!isDecided(entry, dependent)) continue;
    entry.phase = 'undecided';
    undecided.push({ index: edge.to, upstream });
  }
  return { notes, undecided };
}

/** Why a session whose dependencies are violated is skipped, and because of which. */
export function skipOf(node: GraphNode, graph: DependencyGraph, entries: readonly Entry[]): SessionSkip {
  const violated = node.dependencies.filter(edge => {
    const outcome = entries[edge.to]?.outcome;
    const upstream = graph.nodes[edge.to];
    return outcome !== undefined && upstream && !isSatisfied(edge, outcome, upstream);
  });
  const failed = violated.some(edge => {
    const entry = entries[edge.to];
    // What a stop kept from running was needed no less.
    return entry?.outcome === 'skipped' ? entry.skipReason !== 'not_needed' : entry?.outcome !== 'completed';
  });
  return {
    index: node.index,
    reason: failed ? 'upstream_failed' : 'not_needed',
    because: violated.map(edge => edge.to),
  };
}
