import { checkSessions, edgeError } from './input/checked-sessions.ts';
import type { EdgeCondition, SessionDefinition, SessionInput } from './types.ts';

/** What the graph reads of a session, with defaults filled in. */
export type GraphSession = Pick<
  SessionDefinition,
  'id' | 'dependsOn' | 'trigger' | 'priority' | 'estimate' | 'allowFailure'
>;

/** A session as written in a definition, or one that was loaded. Only `id` is required. */
export type GraphInput = SessionInput | GraphSession;

/** How the graph of a group's sessions is built. */
export interface GraphOptions {
  /** false ignores every edge. Default: true. */
  readonly respectDependencies?: boolean;
}

/** A dependency, from one of its ends. */
export interface Edge {
  /** Index of the session at the other end. */
  readonly to: number;
  readonly when: EdgeCondition;
}

/** A session in the graph. */
export interface GraphNode {
  readonly id: string;
  readonly index: number;
  readonly session: GraphSession;
  readonly dependencies: readonly Edge[];
  readonly dependents: readonly Edge[];
}

/**
 * Builds the graph of a group's sessions: `buildGraph([{ id: 'a' }, { id: 'b', dependsOn: ['a'] }])`.
 * @throws DefinitionError with every problem, its path and a suggestion. Its code is `unknown_session`,
 *   `duplicate_session`, `cycle` (the message prints the cycle as a path), or `invalid_definition` for anything else.
 */
export function buildGraph(sessions: readonly GraphInput[], options: GraphOptions = {}): DependencyGraph {
  const { respectDependencies = true } = options;
  const graph = new DependencyGraph(sessions, respectDependencies);
  if (graph.findCycle()) throw edgeError(sessions, { respectDependencies });
  return graph;
}

/**
 * The ids of sessions in layers: each session's dependencies are in earlier layers.
 * @throws DefinitionError, like `buildGraph`.
 */
export function getExecutionOrder(sessions: readonly GraphInput[], options: GraphOptions = {}): string[][] {
  return buildGraph(sessions, options).getExecutionOrder();
}

/**
 * Which sessions wait for which. Immutable; `Schedule` keeps track of what has settled.
 * Every walk is iterative: a chain of 50,000 sessions must not exhaust the stack.
 */
export class DependencyGraph {
  readonly nodes: readonly GraphNode[];
  readonly #index = new Map<string, number>();
  /** The layers, by index, once they have been asked for. */
  #known: readonly (readonly number[])[] | undefined;

  /** @throws DefinitionError, like `buildGraph`; but sessions that were loaded may form a cycle. */
  constructor(input: readonly GraphInput[], respectDependencies = true) {
    const sessions = loaded(input) ? input : checkSessions(input, { respectDependencies });
    sessions.forEach((session, index) => {
      if (this.#index.has(session.id)) throw edgeError(sessions, { respectDependencies });
      this.#index.set(session.id, index);
    });
    const edgeTo = sharedEdges(sessions.length);
    const upstreamOf = ({ session: id, when }: SessionDefinition['dependsOn'][number]) => {
      const upstream = this.#index.get(id);
      if (upstream === undefined) throw edgeError(sessions, { respectDependencies });
      return edgeTo(upstream, when);
    };
    const dependencies = sessions.map(({ dependsOn }) =>
      respectDependencies && dependsOn.length > 0 ? dependsOn.map(upstreamOf) : NO_EDGES,
    );
    const dependents = reversed(dependencies, edgeTo);
    this.nodes = sessions.map((session, index) => ({
      id: session.id,
      index,
      session,
      dependencies: dependencies[index] ?? NO_EDGES,
      dependents: dependents[index] ?? NO_EDGES,
    }));
  }

  get size(): number {
    return this.nodes.length;
  }

  indexOf(id: string): number | undefined {
    return this.#index.get(id);
  }

  node(id: string): GraphNode | undefined {
    const index = this.#index.get(id);
    return index === undefined ? undefined : this.nodes[index];
  }

  /** Sessions in layers: a session's dependencies are all in earlier layers. Sessions in a cycle are in no layer. */
  getExecutionOrder(): string[][] {
    return this.#layers().map(layer => layer.map(index => this.nodes[index]?.id ?? ''));
  }

  #layers(): readonly (readonly number[])[] {
    if (this.#known !== undefined) return this.#known;
    const open = Int32Array.from(this.nodes, node => node.dependencies.length);
    const layers: number[][] = [];
    let layer = this.nodes.flatMap(node => (node.dependencies.length === 0 ? [node.index] : []));
    while (layer.length > 0) {
      layers.push(layer);
      const next: number[] = [];
      for (const index of layer) {
        for (const { to } of this.nodes[index]?.dependents ?? []) {
          const left = (open[to] ?? 0) - 1;
          open[to] = left;
          if (left === 0) next.push(to);
        }
      }
      layer = next.sort((a, b) => a - b);
    }
    this.#known = layers;
    return layers;
  }

  /** A cycle as a path whose first and last session are the same, or undefined. */
  findCycle(): string[] | undefined {
    const inOrder = this.#layers().reduce((sum, layer) => sum + layer.length, 0);
    if (inOrder === this.size) return undefined;
    const done = new Uint8Array(this.size); // 0 unseen, 1 on the path, 2 finished
    for (const root of this.nodes) {
      if (done[root.index] !== 0) continue;
      const path: { node: GraphNode; next: number }[] = [{ node: root, next: 0 }];
      done[root.index] = 1;
      for (let top = path.at(-1); top; top = path.at(-1)) {
        const edge = top.node.dependents[top.next++];
        const to = edge && this.nodes[edge.to];
        if (!to) {
          done[top.node.index] = 2;
          path.pop();
        } else if (done[to.index] === 1) {
          const from = path.findIndex(step => step.node === to);
          // Edges are walked from upstream to dependent; people read "a waits for b" in the opposite direction.
          return [
            to.id,
            ...path
              .slice(from)
              .map(step => step.node.id)
              .reverse(),
          ];
        } else if (done[to.index] === 0) {
          done[to.index] = 1;
          path.push({ node: to, next: 0 });
        }
      }
    }
    return undefined;
  }

  /**
   * For each session (by index), the estimated time from its start to the end of all its dependents.
   * @param fallbackMs the duration of sessions without an estimate.
   */
  remainingPaths(fallbackMs: number): Float64Array {
    return this.#remaining(({ session }) => session.estimate ?? fallbackMs);
  }

  #remaining(durationOf: (node: GraphNode) => number, counts: (edge: Edge) => boolean = () => true) {
    const remaining = new Float64Array(this.size);
    for (const layer of this.#layers().toReversed()) {
      for (const index of layer) {
        const node = this.nodes[index];
        if (!node) continue;
        let longest = 0;
        for (const edge of node.dependents)
          if (counts(edge)) longest = Math.max(longest, remaining[edge.to] ?? 0);
        remaining[node.index] = longest + durationOf(node);
      }
    }
    return remaining;
  }

  /**
   * The longest chain of sessions, first to last, where all that run complete: the group can't finish faster then. What
   * does not run (a session that waits for a failure) is not in it, and takes no time.
   */
  criticalPath(fallbackMs: number = DEFAULT_ESTIMATE_MS): { sessions: string[]; durationMs: number } {
    const runs = this.#runsIfAllComplete();
    /** A session that runs doesn't wait for the failure that could have let it start, too. */
    const counts = ({ to, when }: Edge) => when !== 'failed' || !runs[to];
    const durationOf = ({ index, session }: GraphNode) =>
      runs[index] ? (session.estimate ?? fallbackMs) : 0;
    const remaining = this.#remaining(durationOf, counts);
    const longest = (candidates: Iterable<GraphNode>) => {
      let best: GraphNode | undefined;
      for (const node of candidates) {
        if (!best || (remaining[node.index] ?? 0) > (remaining[best.index] ?? 0)) best = node;
      }
      return best;
    };
    const sessions: string[] = [];
    let node = longest(this.nodes.filter(({ index }) => runs[index]));
    const durationMs = node ? (remaining[node.index] ?? 0) : 0;
    while (node) {
      if (runs[node.index]) sessions.push(node.id);
      node = longest(node.dependents.flatMap(edge => (counts(edge) ? (this.nodes[edge.to] ?? []) : [])));
    }
    return { sessions, durationMs };
  }

  /** Whether each session (by index) runs where all that run complete; else it is skipped. */
  #runsIfAllComplete(): readonly boolean[] {
    const runs = new Array<boolean>(this.size);
    const isSatisfied = ({ to, when }: Edge) => when === 'settled' || (when === 'completed' && runs[to]);
    for (const index of this.#layers().flat()) {
      const { dependencies = NO_EDGES, session } = this.nodes[index] ?? {};
      const isAny = session?.trigger === 'any' && dependencies.length > 0;
      runs[index] = isAny ? dependencies.some(isSatisfied) : dependencies.every(isSatisfied);
    }
    return runs;
  }

  /** All sessions that must settle before this one, nearest first. */
  transitiveDependenciesOf(id: string): string[] {
    const seen = new Set<number>();
    const queue = [...(this.node(id)?.dependencies ?? [])];
    for (let i = 0; i < queue.length; i++) {
      const to = queue[i]?.to;
      if (to === undefined || seen.has(to)) continue;
      seen.add(to);
      queue.push(...(this.nodes[to]?.dependencies ?? []));
    }
    return [...seen].map(index => this.nodes[index]?.id ?? '');
  }
}

const NO_EDGES: readonly Edge[] = Object.freeze([]);

type EdgeTo = (to: number, when: EdgeCondition) => Edge;

/** All that lead to a session under the same condition are one object. */
function sharedEdges(size: number): EdgeTo {
  const known = new Map<EdgeCondition, (Edge | undefined)[]>();
  return (to, when) => {
    const edges = known.get(when) ?? new Array<undefined>(size);
    const edge = edges[to] ?? { to, when };
    if (edges[to] === undefined) {
      edges[to] = edge;
      known.set(when, edges);
    }
    return edge;
  };
}

/** The edges of each session's dependents, in the order of the sessions that have them. */
function reversed(dependencies: readonly (readonly Edge[])[], edgeTo: EdgeTo) {
  const dependents = new Array<Edge[] | undefined>(dependencies.length);
  dependencies.forEach((edges, index) => {
    for (const { to, when } of edges) {
      const before = dependents[to];
      if (before) before.push(edgeTo(index, when));
      else dependents[to] = [edgeTo(index, when)];
    }
  });
  return dependents;
}

/** The assumed duration of sessions while nothing better is known. */
export const DEFAULT_ESTIMATE_MS = 10 * 60_000;

/** Sessions of a definition that was loaded have been checked: a graph of 50,000 is built without another look. */
function loaded(sessions: readonly GraphInput[]): sessions is readonly GraphSession[] {
  try {
    return Array.isArray(sessions) && !hasHoles(sessions) && sessions.every(hasDefaults);
  } catch {
    return false; // it cannot be read, which the check says
  }
}

const hasHoles = (list: readonly unknown[]): boolean => list.includes(undefined);

function hasDefaults(session: Partial<GraphInput> | null): boolean {
  const { id, dependsOn, trigger, priority, estimate = 0, allowFailure } = session ?? {};
  return (
    typeof id === 'string' &&
    (trigger === 'all' || trigger === 'any') &&
    typeof priority === 'number' &&
    typeof allowFailure === 'boolean' &&
    typeof estimate === 'number' &&
    Array.isArray(dependsOn) &&
    !hasHoles(dependsOn) &&
    dependsOn.every(
      edge => typeof edge === 'object' && typeof edge?.session === 'string' && edge.when !== undefined,
    )
  );
}
