import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { GroupManager } from '../../../../src/sdk/group/manager.ts';
import { QuotaGate } from '../../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { createScriptedAgent } from '../../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { drive, flushed } from '../../../support/bench.ts';
import { runs } from '../../../support/runs.ts';

const projects = Array.from({ length: 4 }, () => mkdtempSync(join(tmpdir(), 'slots-')));
afterAll(() => {
  for (const folder of projects) rmSync(folder, { recursive: true, force: true });
});

/** A manager with a count of the agents that are really running. */
function counted(maxConcurrentSessions: number) {
  const clock = new SimulatedClock();
  const scripted = createScriptedAgent(clock);
  const seen = { live: 0, most: 0, order: [] as string[] };
  const agent: typeof scripted = {
    ...scripted,
    start(spec, sink) {
      seen.most = Math.max(seen.most, ++seen.live);
      seen.order.push(spec.sessionId);
      return scripted.start(spec, event => {
        if (event.type === 'ended') seen.live--;
        sink(event);
      });
    },
  };
  const manager = new GroupManager({
    store: createMemoryStore({ clock }),
    clock,
    projects: memoryProjectGate(),
    quota: new QuotaGate(clock, () => 0),
    agents: { scripted: agent },
    maxConcurrentSessions,
  });
  return { clock, manager, seen };
}

type Steps = Extract<NonNullable<SessionGroupInput['config']>['agent'], { steps?: unknown }>['steps'];

const group = (name: string, count: number, steps: Steps, shared = false): SessionGroupInput => ({
  version: 1,
  name,
  config: {
    agent: { kind: 'scripted', steps: steps ?? [] },
    concurrency: { maxConcurrent: 3, maxPerProject: shared ? 1 : 100 },
    retry: { maximumAttempts: 2 },
  },
  sessions: Array.from({ length: count }, (_, index) => ({
    id: `${name}${index}`,
    projectPath: projects[index % projects.length] ?? '',
    prompt: 'work',
    ...(index % 3 === 2 ? { dependsOn: [`${name}${index - 1}`] } : {}),
  })),
});

describe('groups of one manager', () => {
  test('never exceed the shared limit of live sessions, and all finish (I3, I13)', async () => {
    const steps = fc.constantFrom<Steps[]>(
      [],
      [{ delay: '1s' }],
      [{ delay: '5s' }, { failure: 'overloaded', attempts: 1 }],
      [{ limit: 60_000, attempts: 1 }],
    );
    const shapes = fc.array(
      fc.record({ count: fc.integer({ min: 1, max: 7 }), steps, shared: fc.boolean() }),
      {
        minLength: 1,
        maxLength: 6,
      },
    );
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), shapes, async (max, all) => {
        const { clock, manager, seen } = counted(max);
        const groups = await Promise.all(
          all.map(({ count, steps: played, shared }, index) =>
            manager.create(group(`g${index}-`, count, played, shared)),
          ),
        );
        const results = await drive(clock, Promise.all(groups.map(one => one.run())));
        expect(results.map(({ status }) => status)).toEqual(all.map(() => 'completed'));
        expect(seen.most).toBeLessThanOrEqual(max);
        await manager.dispose();
        expect([seen.live, clock.pending]).toEqual([0, 0]);
      }),
      { numRuns: runs(60) },
    );
  });

  test('take turns if there are too few slots', async () => {
    const { clock, manager, seen } = counted(2);
    const names = ['a', 'b', 'c'];
    const groups = await Promise.all(names.map(name => manager.create(group(name, 2, [{ delay: '1s' }]))));
    await drive(clock, Promise.all(groups.map(one => one.run())));
    expect(seen.order.slice(0, 4).map(id => id[0])).toEqual(['a', 'a', 'b', 'c']);
  });

  test('report waiting for a slot, with the shared numbers', async () => {
    const { clock, manager } = counted(1);
    const [first, second] = [
      await manager.create(group('a', 1, [{ delay: '1s' }])),
      await manager.create(group('b', 1, [{ delay: '1s' }])),
    ];
    const running = Promise.all([first.run(), second.run()]);
    await flushed();
    const slot = { kind: 'slot', live: 1, maxConcurrent: 1 };
    expect([second.why(), second.why('b0')]).toEqual([slot, slot]);
    expect(first.why('a0')).toBeUndefined();
    await drive(clock, running);
  });

  test('release their slots to the others when they pause, stop or are disposed of', async () => {
    const { clock, manager, seen } = counted(1);
    const names = ['a', 'b', 'c', 'd'];
    const [a, b, c, d] = await Promise.all(
      names.map(name => manager.create(group(name, 1, [{ delay: '9s' }]))),
    );
    const runs = [a, b, c, d].map(one => one?.run());
    await flushed();
    await drive(clock, Promise.resolve(a?.pause()));
    await flushed();
    await drive(clock, Promise.resolve(b?.stop()));
    await flushed();
    await drive(clock, Promise.resolve(c?.dispose()));
    await drive(clock, Promise.all(runs));
    expect(d?.getResult().status).toBe('completed');
    expect(seen.order.map(id => id[0])).toEqual(['a', 'b', 'c', 'd']);
    expect((await drive(clock, Promise.resolve(a?.resume())))?.status).toBe('completed');
  });
});
