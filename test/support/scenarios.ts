import { expect } from 'vitest';
import { openSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import {
  type Bench,
  bench,
  benchOf,
  type ConfigInput,
  delay,
  failing,
  type SessionInput,
  scripted,
} from './bench.ts';
import { needs } from './random-dag.ts';
import { WatchedAgent } from './watched-agent.ts';

interface Stage {
  /** A group that has not started. */
  create(sessions: readonly SessionInput[], config?: ConfigInput): Promise<Bench>;
  /** Its engine dies, and its agents with it; another has opened it. */
  reopen(died: Bench): Promise<Bench>;
}

/** Where the scenarios are played; `inspect` meets every actor. */
export function stage(inspect: NonNullable<SessionGroupOptions['inspect']>): Stage {
  const store = createMemoryStore();
  return {
    create: (sessions, config = {}) => bench(sessions, { config, store, inspect }),
    async reopen({ group: { id }, clock: stopped }) {
      store.crash(id);
      const clock = new SimulatedClock(stopped.now());
      const [agent, quota] = [new WatchedAgent(clock), new QuotaGate(clock, () => 0)];
      const group = await openSessionGroup(id, {
        ...{ clock, quota, store, inspect, projects: memoryProjectGate(), env: {} },
        agents: { scripted: agent },
      });
      return benchOf(group, { clock, agent, quota });
    },
  };
}

const working = (id: string, more: Partial<SessionInput> = {}) => scripted(id, [delay(5_000)], more);

const statuses = ({ group }: Bench) =>
  Object.fromEntries(group.getProgress().sessions.map(({ id, status }) => [id, status]));

/** Short stories of groups, each with one point. */
export const SCENARIOS: Readonly<Record<string, (stage: Stage) => Promise<void>>> = {
  async 'a resume forgets the failures'({ create }) {
    const four = ['a', 'b', 'c', 'd'].map((id, i) => scripted(id, [delay(1_000 * (i + 1)), failing()]));
    const one = await create(four, { concurrency: { maxConcurrent: 4, errorThreshold: 2 } });
    expect((await one.until(one.group.run())).reason).toBe('error_threshold');
    expect((await one.until(one.group.resume())).status).toBe('failed');
  },

  async 'who is held waits, the others do not'({ create }) {
    const one = await create([working('a'), working('b'), working('c', { dependsOn: needs('b') })]);
    const run = one.group.run();
    await one.pass(1_000);
    await one.group.pauseSession('a');
    expect((await one.until(run)).reason).toBe('sessions_paused');
    expect(statuses(one)).toEqual({ a: 'paused', b: 'completed', c: 'completed' });
    expect((await one.until(one.group.resume())).reason).toBe('sessions_paused');
    await one.group.resumeSession('a');
    expect((await one.until(one.group.resume())).status).toBe('completed');
  },

  async 'a slot waits for who ranks higher'({ create }) {
    const sessions = [
      working('a', { priority: 2 }),
      working('b', { priority: 1, dependsOn: needs('a') }),
      working('c'),
    ];
    const one = await create(sessions, { concurrency: { maxConcurrent: 1 } });
    expect((await one.until(one.group.run())).status).toBe('completed');
    expect(one.agent.order).toEqual(['a', 'b', 'c']);
  },

  async 'a group is paused only after what it skips'({ create }) {
    const stubborn = { kind: 'scripted' as const, steps: [delay(2_000), failing()], ignoreInterrupt: true };
    const sessions = [
      { id: 'a', prompt: 'go', agent: stubborn as never },
      working('b', { dependsOn: needs('a') }),
      working('c', { dependsOn: needs('b') }),
      working('d'),
    ];
    const one = await create(sessions, { concurrency: { maxConcurrent: 1 } });
    const run = one.group.run();
    await one.pass(1_000);
    await one.until(one.group.pause());
    await run;
    expect(one.types().slice(-3)).toEqual(['session_skipped', 'session_skipped', 'group_paused']);
  },

  async 'nothing continues over the budget'({ create }) {
    const one = await create([scripted('a', [{ cost: 0.5 }, delay(5_000)])], {
      budget: { maxBudgetUsd: 0.5 },
    });
    expect((await one.until(one.group.run())).reason).toBe('budget_exceeded');
    await expect(one.until(one.group.resume())).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect((await one.until(one.group.resume({ maxBudgetUsd: 1 }))).status).toBe('completed');
  },

  async 'a stop ends everything, and a retry begins it again'({ create }) {
    const one = await create([working('a'), working('b', { dependsOn: needs('a') })]);
    const run = one.group.run();
    await one.pass(1_000);
    expect((await one.until(one.group.stop())).status).toBe('stopped');
    await run;
    expect(statuses(one)).toEqual({ a: 'stopped', b: 'skipped' });
    expect((await one.until(one.group.retry())).status).toBe('completed');
  },

  async 'a crash: who was in play continues, who was held waits'({ create, reopen }) {
    const one = await create([working('a'), working('b'), working('c', { dependsOn: needs('b') })]);
    one.group.run().catch(() => {});
    await one.pass(1_000);
    await one.group.pauseSession('a');
    await one.pass(1_000);
    const next = await reopen(one);
    await expect(next.until(next.group.run())).rejects.toMatchObject({ code: 'not_in_this_state' });
    const resumed = next.group.resume();
    await next.pass(1_000);
    expect(statuses(next)).toEqual({ a: 'paused', b: 'running', c: 'pending' });
    await next.group.resumeSession('a');
    expect((await next.until(resumed)).status).toBe('completed');
  },

  async 'a crash: who was held before it started does not start'({ create, reopen }) {
    const one = await create([working('a'), working('b')]);
    await one.group.pauseSession('b');
    one.group.run().catch(() => {});
    await one.pass(1_000);
    const next = await reopen(one);
    expect((await next.until(next.group.resume())).reason).toBe('sessions_paused');
    expect(statuses(next)).toEqual({ a: 'completed', b: 'pending' });
    await next.group.resumeSession('b');
    expect((await next.until(next.group.resume())).status).toBe('completed');
  },

  async 'a crash: who was in play and cannot go on is paused with the group'({ create, reopen }) {
    const limited = scripted('a', [delay(1_000), { limit: 8 * 3_600_000 }]);
    const one = await create([limited, working('b'), working('c', { dependsOn: needs('b') })]);
    expect((await one.until(one.group.run())).reason).toBe('quota');
    const next = await reopen(one);
    expect((await next.until(next.group.resume())).reason).toBe('quota');
    expect(statuses(next)).toEqual({ a: 'paused', b: 'paused', c: 'pending' });
    expect(next.group.why('b')).toEqual({ kind: 'paused', reason: 'quota' });
  },

  async 'a crash: a stop is finished, whatever is asked'({ create, reopen }) {
    const one = await create([working('a'), working('b'), working('c', { dependsOn: needs('b') })]);
    one.group.run().catch(() => {});
    await one.pass(1_000);
    await one.group.stop({ wait: false });
    const next = await reopen(one);
    expect((await next.until(next.group.resume())).status).toBe('stopped');
    expect(next.agent.order).toEqual([]);
    expect(statuses(next)).toEqual({ a: 'stopped', b: 'stopped', c: 'skipped' });
  },
};
