import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { buildGraph } from '../../../../src/sdk/group/dependency-graph.ts';
import { Schedule } from '../../../../src/sdk/group/schedule/schedule.ts';
import { judge } from '../../../support/judge.ts';
import type { DagSession } from '../../../support/random-dag.ts';
import { dag, needs, plain } from '../../../support/random-dag.ts';
import { runs } from '../../../support/runs.ts';
import { type Outcome, ScheduleModel } from '../../../support/schedule-model.ts';

const scheduleOf = (...sessions: DagSession[]) => new Schedule(buildGraph(sessions));
const failure = (session: string) => [{ session, when: 'failed' as const }];
const moves = fc.infiniteStream(fc.nat({ max: 1_000_000 }));

interface Chance {
  pick<T>(of: readonly T[]): T | undefined;
}
function chanceOf(stream: Iterator<number>): Chance {
  return { pick: of => of[(stream.next().value ?? 0) % Math.max(1, of.length)] };
}

const OUTCOMES: readonly Outcome[] = ['completed', 'completed', 'completed', 'failed', 'failed', 'stopped'];

/** Takes, gives back and settles at random, at most `limit` times. */
function play(model: ScheduleModel, chance: Chance, limit: number): void {
  for (let step = 0; step < limit && (model.schedule.ready > 0 || model.taken.size > 0); step++) {
    const move = chance.pick(['take', 'take', 'settle', 'settle', 'settle', 'reenter'] as const);
    const id = chance.pick([...model.taken]);
    if (move === 'take' || id === undefined) model.take();
    else if (move === 'settle') model.settle(id, chance.pick(OUTCOMES) ?? 'completed');
    else model.reenter(id);
  }
}

describe('a schedule', () => {
  test('starts, orders and skips sessions as in spec-session-groups.md §5, whatever settles when (I2)', () => {
    fc.assert(
      fc.property(dag({ estimates: 'all' }), moves, (sessions, stream) => {
        const model = new ScheduleModel(sessions);
        play(model, chanceOf(stream), 10 * sessions.length);
        if (model.taken.size === 0 && model.schedule.ready === 0) expect(model.schedule.unsettled).toBe(0);
      }),
      { numRuns: runs(60) },
    );
  });

  test('tells only of what can be judged, and leaves it to the chart (SCHEDULE-3)', () => {
    const schedule = scheduleOf(
      plain('a'),
      plain('b'),
      plain('both', { dependsOn: needs('a', 'b') }),
      plain('any', { dependsOn: needs('a', 'b'), trigger: 'any' }),
    );
    schedule.settle(schedule.take() ?? -1, 'completed');
    expect(schedule.undecided).toBe(1);
    expect(schedule.nextUndecided()).toEqual({ index: 3, upstream: 0 });
    expect(schedule.nextUndecided()).toBeUndefined();
    expect([schedule.undecided, schedule.ready]).toEqual([1, 1]); // told of, and not judged
    expect(schedule.skip(2)).toEqual([]); // it waits
    schedule.enqueue(3);
    schedule.enqueue(3);
    expect([schedule.undecided, schedule.ready]).toEqual([0, 2]);
  });

  test('judges anew what a retry opens again, and whoever has not started (I2, I4)', () => {
    fc.assert(
      fc.property(dag({ maxSessions: 25, estimates: 'none' }), moves, (sessions, stream) => {
        const model = new ScheduleModel(sessions);
        const chance = chanceOf(stream);
        for (let round = 0; round < 3; round++) {
          play(model, chance, 2 * sessions.length);
          const ends = [...model.settled].filter(([, end]) => end.outcome !== 'completed');
          model.reopen(ends.map(([id]) => id).filter(() => chance.pick([true, false]) === true));
        }
        play(model, chance, 20 * sessions.length);
      }),
      { numRuns: runs(60) },
    );
  });

  test('is not affected by changes of its clone', () => {
    fc.assert(
      fc.property(dag({ maxSessions: 20 }), moves, (sessions, stream) => {
        const model = new ScheduleModel(sessions);
        play(model, chanceOf(stream), sessions.length);
        const clone = model.schedule.clone();
        expect(clone.ready).toBe(model.schedule.ready);
        const order = [];
        for (let next = clone.take(); next !== undefined; next = clone.take()) order.push(sessions[next]?.id);
        expect(order).toEqual(model.candidates());
        model.check();
      }),
      { numRuns: runs(50) },
    );
  });

  test('skips a cascade immediately, each session because of the previous one', () => {
    const schedule = scheduleOf(
      plain('a'),
      plain('b', { dependsOn: needs('a') }),
      plain('c', { dependsOn: needs('b') }),
      plain('rescue', { dependsOn: failure('a') }),
      plain('never', { dependsOn: failure('rescue') }),
    );
    schedule.take();
    expect(judge(schedule, schedule.settle(0, 'failed'))).toEqual([
      { type: 'resolved', index: 3, dependency: 0 },
      { type: 'skipped', index: 1, reason: 'upstream_failed', because: [0] },
      { type: 'skipped', index: 2, reason: 'upstream_failed', because: [1] },
    ]);
    schedule.take();
    expect(judge(schedule, schedule.settle(3, 'completed'))).toEqual([
      { type: 'skipped', index: 4, reason: 'not_needed', because: [3] },
    ]);
    expect(schedule.unsettled).toBe(0);
  });

  test('treats an allowed failure like a completion', () => {
    const schedule = scheduleOf(plain('a', { allowFailure: true }), plain('b', { dependsOn: needs('a') }));
    schedule.take();
    judge(schedule, schedule.settle(0, 'failed'));
    expect(schedule.take()).toBe(1);
  });

  test('makes all sessions ready if dependencies are not respected', () => {
    const sessions = [plain('a', { dependsOn: needs('b') }), plain('b')];
    const schedule = new Schedule(buildGraph(sessions, { respectDependencies: false }));
    expect([schedule.take(), schedule.take()]).toEqual([0, 1]);
  });

  test('does not treat sessions skipped by a stop as unneeded: their dependents are skipped as upstream_failed (I5)', () => {
    const schedule = scheduleOf(
      plain('a'),
      plain('b', { dependsOn: needs('a') }),
      plain('c', { dependsOn: needs('b') }),
    );
    schedule.take();
    schedule.skipWaiting('group_stopped');
    schedule.settle(0, 'stopped');
    expect(judge(schedule, schedule.reopen([2]))).toEqual([
      { type: 'skipped', index: 2, reason: 'upstream_failed', because: [1] },
    ]);
  });

  test('makes a session that has not started wait for a retried one (I2)', () => {
    const schedule = scheduleOf(plain('a'), plain('rescue', { dependsOn: failure('a') }));
    schedule.take();
    judge(schedule, schedule.settle(0, 'failed'));
    expect(schedule.ready).toBe(1);
    judge(schedule, schedule.reopen([0]));
    expect(schedule.isWaiting(1)).toBe(true);
    expect([schedule.take(), schedule.take()]).toEqual([0, undefined]);
  });

  test('does not report dependencies again that a retry did not affect', () => {
    const schedule = scheduleOf(plain('a'), plain('b'), plain('c', { dependsOn: needs('a', 'b') }));
    schedule.settle(schedule.take() ?? -1, 'completed');
    schedule.take();
    expect(schedule.reopen([])).toEqual([]);
  });

  test('uses the median of settled durations for sessions without an estimate', () => {
    const schedule = scheduleOf(plain('first'), plain('estimated', { estimate: 60_000 }), plain('guessed'));
    schedule.take();
    expect(schedule.clone().take()).toBe(2); // the default estimate is ten minutes
    schedule.settle(0, 'completed', 1_000);
    expect(schedule.take()).toBe(1);
  });
});

describe('the cost of scheduling (SCHEDULE-2)', () => {
  test("settling evaluates only the edges to the session's dependents", () => {
    for (const others of [10, 1_000]) {
      const fan = Array.from({ length: 5 }, (_, i) => plain(`d${i}`, { dependsOn: needs('hub', 'late') }));
      const far = Array.from({ length: others }, (_, i) => plain(`x${i}`, { dependsOn: needs('late') }));
      const graph = buildGraph([plain('hub'), plain('late'), ...fan, ...far]);
      let looks = 0;
      const counted = new Proxy(graph.nodes, {
        get: (nodes, key) => {
          if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
          return Reflect.get(nodes, key);
        },
      });
      Object.defineProperty(graph, 'nodes', { value: counted });
      const schedule = new Schedule(graph);
      schedule.take();
      looks = 0;
      schedule.settle(0, 'completed');
      expect(looks).toBe(1 + fan.length);
    }
  });

  test('a chain of 50,000 sessions is skipped without exhausting the stack', () => {
    const chain = Array.from({ length: 50_000 }, (_, i) =>
      plain(`s${i}`, i === 0 ? {} : { dependsOn: needs(`s${i - 1}`) }),
    );
    const schedule = scheduleOf(...chain);
    schedule.take();
    const notes = judge(schedule, schedule.settle(0, 'failed'));
    expect(notes).toHaveLength(49_999);
    expect(schedule.unsettled).toBe(0);
    const again = judge(schedule, schedule.reopen(chain.map((_, index) => index)));
    expect(again).toEqual([]);
    expect(schedule.ready).toBe(1);
  });

  test('every edge is evaluated once while a group runs (SCHEDULE-3)', () => {
    fc.assert(
      fc.property(dag({ maxSessions: 40 }), sessions => {
        const graph = buildGraph(sessions);
        const judged = new Set<string>();
        const schedule = new Schedule(graph);
        for (let index = schedule.take(); index !== undefined; index = schedule.take()) {
          const notes = judge(schedule, schedule.settle(index, 'completed'));
          const resolved = notes.filter(note => note.type === 'resolved');
          for (const note of resolved) {
            const edge = graph.nodes[note.dependency]?.dependents.find(({ to }) => to === note.index);
            if (!edge) throw new Error('an edge was resolved that does not exist');
            const ends = `${note.dependency} to ${note.index}`; // edges to the same session are one object
            expect(judged.has(ends)).toBe(false);
            judged.add(ends);
          }
        }
        expect(schedule.unsettled).toBe(0);
      }),
      { numRuns: runs(50) },
    );
  });
});
