import { describe, expect, test } from 'vitest';
import { assign, createActor, setup } from 'xstate';
import type { GroupReport } from '../../../machines/contract.ts';
import { createGroupMachine } from '../../../src/sdk/group/api/create.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { benchOf, definitionOf, delay, failing, scripted } from '../../support/bench.ts';
import { WatchedAgent } from '../../support/watched-agent.ts';

const long = (id: string) => scripted(id, [delay(10_000), { text: 'half' }, delay(10_000)]);

describe("a group run by the host's own machine", () => {
  test('reports to it when it pauses and when it settles', async () => {
    const clock = new SimulatedClock();
    const agent = new WatchedAgent(clock);
    const quota = new QuotaGate(clock, () => 0);
    const { machine, input, group } = await createGroupMachine(definitionOf([long('a')]), {
      clock,
      quota,
      projects: memoryProjectGate(),
      agents: { scripted: agent },
      env: {},
    });
    const host = setup({
      types: { context: {} as { reports: GroupReport[] }, events: {} as GroupReport },
      actors: { group: machine },
    }).createMachine({
      context: { reports: [] },
      invoke: { src: 'group', id: 'group', input: ({ self }) => input(self) },
      on: {
        'group.report': { actions: assign({ reports: ({ context, event }) => [...context.reports, event] }) },
      },
    });
    const actor = createActor(host, {
      clock: {
        setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
        clearTimeout: timer => clock.clearTimeout(timer),
      },
    });
    const { until, pass } = benchOf(group, { clock, agent, quota });
    await expect(group.run()).rejects.toMatchObject({ code: 'not_started' });
    actor.start();
    void group.run();
    await pass(5_000);
    await until(group.pause());
    await until(group.resume());
    expect(actor.getSnapshot().context.reports).toEqual([
      { type: 'group.report', id: group.id, status: 'paused', reason: 'manual' },
      { type: 'group.report', id: group.id, status: 'completed' },
    ]);
    actor.stop();
  });

  test('refuses to be started a second time, and the first goes on', async () => {
    const clock = new SimulatedClock();
    const agent = new WatchedAgent(clock);
    const quota = new QuotaGate(clock, () => 0);
    const options = { clock, quota, projects: memoryProjectGate(), agents: { scripted: agent }, env: {} };
    const { machine, input, group } = await createGroupMachine(definitionOf([long('a')]), options);
    const timers = {
      setTimeout: (fn: () => void, ms: number) => clock.setTimeout(fn, ms),
      clearTimeout: (timer: unknown) => clock.clearTimeout(timer),
    };
    createActor(machine, { input: input(), clock: timers }).start();
    const { until, pass } = benchOf(group, { clock, agent, quota });
    const run = group.run();
    await pass(1_000);
    const second = createActor(machine, { input: input(), clock: timers });
    const failed = new Promise(resolve => void second.subscribe({ error: resolve }));
    second.start();
    expect(await failed).toMatchObject({ code: 'already_started' });
    expect((await until(run)).status).toBe('completed');
  });

  test.each(['live', 'waiting for a retry'])('leaves nothing of a session that is %s', async how => {
    const clock = new SimulatedClock();
    const agent = new WatchedAgent(clock);
    const quota = new QuotaGate(clock, () => 0);
    const steps = how === 'live' ? [delay(60_000)] : [failing('server_error', 1)];
    const { machine, input, group } = await createGroupMachine(definitionOf([scripted('a', steps)]), {
      ...{ clock, quota, projects: memoryProjectGate(), agents: { scripted: agent }, env: {} },
    });
    const host = setup({ actors: { group: machine } }).createMachine({
      initial: 'working',
      states: {
        working: { invoke: { src: 'group', input: ({ self }) => input(self) }, on: { leave: 'elsewhere' } },
        elsewhere: {},
      },
    });
    const actor = createActor(host, {
      clock: {
        setTimeout: (fn, ms) => clock.setTimeout(fn, ms),
        clearTimeout: timer => clock.clearTimeout(timer),
      },
    }).start();
    const { pass, until } = benchOf(group, { clock, agent, quota });
    void group.run().catch(() => {});
    await pass(500);
    actor.send({ type: 'leave' });
    await until(group.dispose());
    await pass(100);
    expect([agent.live.size, clock.pending]).toEqual([0, 0]);
  });
});
