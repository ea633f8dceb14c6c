import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SessionGroupsError } from '../../../src/sdk/errors.ts';
import { buildGraph, DependencyGraph } from '../../../src/sdk/group/dependency-graph.ts';
import { Oracle } from '../../../src/sdk/testing/lifecycle/oracle.ts';
import { dag, needs, plain } from '../../support/random-dag.ts';

const problem = (build: () => unknown): SessionGroupsError => {
  try {
    build();
  } catch (error) {
    if (error instanceof SessionGroupsError) return error;
  }
  throw new Error('nothing was refused');
};

describe('a graph of sessions', () => {
  test('puts each session into the first layer after all of its dependencies', () => {
    const graph = buildGraph([
      plain('d', { dependsOn: needs('b', 'c') }),
      plain('c', { dependsOn: needs('a') }),
      plain('b', { dependsOn: needs('a') }),
      plain('a'),
      plain('e'),
    ]);
    expect(graph.getExecutionOrder()).toEqual([['a', 'e'], ['c', 'b'], ['d']]);
  });

  test('puts every session into one layer, and every edge between an earlier and a later one', () => {
    fc.assert(
      fc.property(dag(), sessions => {
        const layers = buildGraph(sessions).getExecutionOrder();
        const layerOf = new Map(layers.flatMap((ids, layer) => ids.map(id => [id, layer] as const)));
        expect(layerOf.size).toBe(sessions.length);
        for (const session of sessions) {
          const before = session.dependsOn.map(edge => layerOf.get(edge.session) ?? Number.NaN);
          expect(layerOf.get(session.id)).toBe(before.length === 0 ? 0 : Math.max(...before) + 1);
        }
      }),
    );
  });

  test('has no edges when dependencies are not respected', () => {
    const graph = buildGraph([plain('a', { dependsOn: needs('b') }), plain('b', { dependsOn: needs('a') })], {
      respectDependencies: false,
    });
    expect(graph.getExecutionOrder()).toEqual([['a', 'b']]);
  });

  test('computes the same remaining paths and critical path as the oracle', () => {
    fc.assert(
      fc.property(dag(), sessions => {
        const graph = buildGraph(sessions);
        const oracle = new Oracle(sessions);
        const remaining = graph.remainingPaths(7_000);
        for (const node of graph.nodes) expect(remaining[node.index]).toBe(oracle.remaining(node.id, 7_000));
      }),
    );
  });

  test('has as its critical path the longest one of a run in which whatever runs completes', () => {
    fc.assert(
      fc.property(dag(), sessions => {
        const runs = new Map<string, boolean>();
        const ends = new Map<string, number>();
        const graph = buildGraph(sessions);
        for (const id of graph.getExecutionOrder().flat()) {
          const { dependsOn, trigger, estimate = 7_000 } = new Oracle(sessions).session(id);
          const isMet = ({ session, when }: (typeof dependsOn)[number]) =>
            when === 'settled' || (when === 'completed' && runs.get(session) === true);
          const isAny = trigger === 'any' && dependsOn.length > 0;
          const does = isAny ? dependsOn.some(isMet) : dependsOn.every(isMet);
          const awaited = dependsOn.filter(({ when }) => !does || when !== 'failed');
          runs.set(id, does);
          ends.set(
            id,
            Math.max(0, ...awaited.map(({ session }) => ends.get(session) ?? Number.NaN)) +
              (does ? estimate : 0),
          );
        }
        const { sessions: path, durationMs } = graph.criticalPath(7_000);
        expect(durationMs).toBe(Math.max(...ends.values()));
        expect(path.filter(id => !runs.get(id))).toEqual([]);
        expect(path.reduce((sum, id) => sum + (graph.node(id)?.session.estimate ?? 7_000), 0)).toBe(
          durationMs,
        );
        path.slice(1).forEach((id, at) => {
          expect(graph.transitiveDependenciesOf(id)).toContain(path[at]);
        });
      }),
    );
  });

  test('has nothing on its critical path that runs only after a failure', () => {
    const onFailure = (id: string) => [{ session: id, when: 'failed' as const }];
    const graph = buildGraph([
      plain('a', { estimate: 1 }),
      plain('rescue', { estimate: 100, dependsOn: onFailure('a') }),
      plain('tell', { estimate: 100, dependsOn: needs('rescue') }),
      plain('clean', { estimate: 2, dependsOn: [{ session: 'rescue', when: 'settled' }] }),
    ]);
    expect(graph.criticalPath()).toEqual({ sessions: ['a', 'clean'], durationMs: 3 });
  });

  test('lists each transitive dependency once, nearest first', () => {
    const graph = buildGraph([
      plain('a'),
      plain('b', { dependsOn: needs('a') }),
      plain('c', { dependsOn: needs('a', 'b') }),
      plain('d', { dependsOn: needs('c') }),
    ]);
    expect(graph.transitiveDependenciesOf('d')).toEqual(['c', 'a', 'b']);
    expect(graph.transitiveDependenciesOf('a')).toEqual([]);
    expect(graph.transitiveDependenciesOf('nobody')).toEqual([]);
  });
});

describe('an invalid graph', () => {
  test('prints a cycle the way people read it: a → b → a if a depends on b', () => {
    const error = problem(() =>
      buildGraph([
        plain('a', { dependsOn: needs('b') }),
        plain('b', { dependsOn: needs('c') }),
        plain('c', { dependsOn: needs('a') }),
      ]),
    );
    expect(error.code).toBe('cycle');
    expect(error.message).toContain('a → b → c → a');
  });

  test('reports any cycle as a path along dependencies that ends where it starts', () => {
    fc.assert(
      fc.property(dag({ maxSessions: 20 }), fc.nat(), fc.nat(), (sessions, x, y) => {
        const [from, to] = [sessions[x % sessions.length], sessions[y % sessions.length]];
        if (!from || !to) return;
        const edge = { session: to.id, when: 'completed' as const };
        const twisted = sessions.map(one =>
          one === from ? { ...one, dependsOn: [...one.dependsOn, edge] } : one,
        );
        const cycle = new DependencyGraph(twisted).findCycle();
        const backwards = buildGraph(sessions).transitiveDependenciesOf(to.id).includes(from.id);
        expect(cycle !== undefined).toBe(backwards || from === to);
        if (!cycle) return;
        expect(cycle.at(-1)).toBe(cycle[0]);
        expect(new Set(cycle).size).toBe(cycle.length - 1);
        cycle.slice(1).forEach((id, at) => {
          const waiting = twisted.find(one => one.id === cycle[at]);
          expect(waiting?.dependsOn.map(dependency => dependency.session)).toContain(id);
        });
      }),
    );
  });

  test('names the missing session that another one depends on', () => {
    const error = problem(() => buildGraph([plain('a', { dependsOn: needs('ghost') })]));
    expect(error.code).toBe('unknown_session');
    expect(error.message).toBe(
      'sessions: invalid at sessions[0].dependsOn[0].session: no session has the id "ghost"',
    );
  });

  test('names a duplicate id', () => {
    const error = problem(() => buildGraph([plain('a'), plain('a')]));
    expect(error.code).toBe('duplicate_session');
    expect(error.message).toContain('"a"');
  });
});

describe('a graph of 50,000 sessions in one chain', () => {
  const chain = Array.from({ length: 50_000 }, (_, i) =>
    plain(`s${i}`, i === 0 ? {} : { dependsOn: needs(`s${i - 1}`) }),
  );

  test('is walked without exhausting the stack', () => {
    const graph = buildGraph(chain);
    expect(graph.getExecutionOrder()).toHaveLength(50_000);
    expect(graph.remainingPaths(1)[0]).toBe(50_000);
    expect(graph.criticalPath(1).sessions).toHaveLength(50_000);
    expect(graph.transitiveDependenciesOf('s49999')).toHaveLength(49_999);
  });

  test('has its cycle found if the last session leads back to the first', () => {
    const ring = chain.map((one, i) => (i === 0 ? { ...one, dependsOn: needs('s49999') } : one));
    expect(new DependencyGraph(ring).findCycle()).toHaveLength(50_001);
  });
});
