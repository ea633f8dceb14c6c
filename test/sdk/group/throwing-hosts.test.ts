import { tmpdir } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../../src/sdk/group/api/handle.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import type { GroupStore, OwnedGroup } from '../../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import type { Agent, Attempt } from '../../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';

const unhandled: unknown[] = [];
const note = (error: unknown) => void unhandled.push(error);
beforeAll(() => {
  process.on('uncaughtException', note).on('unhandledRejection', note);
});
afterAll(() => {
  process.off('uncaughtException', note).off('unhandledRejection', note);
});

const boom = (): never => {
  throw new Error('boom');
};
const clockOf = () => new SimulatedClock();

/** An agent one of whose methods throws. */
const agentWith = (clock: SimulatedClock, agent: Partial<Agent>, attempt: Partial<Attempt> = {}): Agent => {
  const real = createScriptedAgent(clock);
  return {
    ...real,
    start: (spec, sink) => {
      const its = real.start(spec, sink);
      return {
        ...its,
        interrupt: () => its.interrupt(),
        terminate: () => its.terminate(),
        kill: () => its.kill(),
        answerPermission: (...answer) => its.answerPermission?.(...answer),
        ...attempt,
      };
    },
    ...agent,
  };
};
const storeWith = (clock: SimulatedClock, over: Partial<OwnedGroup>): GroupStore => {
  const store = createMemoryStore({ clock });
  return { ...store, create: async group => ({ ...(await store.create(group)), ...over }) };
};

type Options = (clock: SimulatedClock) => SessionGroupOptions;
const HOSTS: readonly (readonly [what: string, said: readonly string[], Options])[] = [
  [
    'check',
    ['threw boom', 'refused', 'disposed'],
    clock => ({ agents: { scripted: agentWith(clock, { check: boom }) } }),
  ],
  [
    'start',
    ['failed', 'refused', 'disposed'],
    clock => ({ agents: { scripted: agentWith(clock, { start: boom }) } }),
  ],
  [
    'interrupt',
    ['failed', 'refused', 'disposed'],
    clock => ({ agents: { scripted: agentWith(clock, {}, { interrupt: boom }) } }),
  ],
  [
    'answerPermission',
    ['failed', 'refused', 'disposed'],
    clock => ({ agents: { scripted: agentWith(clock, {}, { answerPermission: boom }) } }),
  ],
  [
    'release',
    ['paused', 'stopped', 'threw boom'],
    clock => ({ store: storeWith(clock, { release: async () => boom() }) }),
  ],
];

describe('a group whose host throws', () => {
  test.each(HOSTS)('comes to rest, or says why it cannot: %s', async (_, expected, hosting) => {
    const clock = clockOf();
    const settle = async <T>(promise: Promise<T>): Promise<T | string> => {
      let over = false;
      const done = promise.then(
        value => value,
        (error: Error) => `threw ${error.message}`,
      );
      void done.finally(() => {
        over = true;
      });
      for (let step = 0; !over && step < 2_000; step++) {
        for (let turn = 0; turn < 20; turn++) await null;
        if (!clock.step()) await new Promise(resolve => setImmediate(resolve));
      }
      return over ? done : 'hangs';
    };
    const steps = [{ approval: 'Bash' }, { delay: '10s' }, { result: 'x' }];
    const definition = {
      version: 1 as const,
      name: 'x',
      config: { agent: { kind: 'scripted' as const, steps } },
      sessions: [{ id: 'a', projectPath: tmpdir(), prompt: 'go' }],
    };
    const common = {
      clock,
      agents: { scripted: createScriptedAgent(clock) },
      projects: memoryProjectGate(),
      quota: new QuotaGate(clock, () => 0),
      attended: true,
    };
    const group = await settle(createSessionGroup(definition, { ...common, ...hosting(clock) }));
    if (typeof group === 'string') throw new Error(group);
    group.events$.subscribe(event => {
      if (event.type === 'approval_requested') void group.answer(event.requestId, 'allow').catch(() => {});
      if (event.type === 'approval_answered') void group.pause().catch(() => {});
    });
    const said: string[] = [];
    for (const ask of [() => group.run(), () => group.stop()]) {
      const answer = await settle(ask());
      said.push(
        typeof answer === 'string' ? answer.replace(/^threw not possible.*/, 'refused') : answer.status,
      );
    }
    said.push((await settle(group.dispose())) ?? 'disposed');
    expect(said).toEqual(expected);
    expect(unhandled).toEqual([]);
  });
});
