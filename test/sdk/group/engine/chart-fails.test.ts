// @module-tag processes
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import type { GroupMachineEvent } from '../../../../machines/contract.ts';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { QuotaGate } from '../../../../src/sdk/group/schedule/quota-gate.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import type { Attempt } from '../../../../src/sdk/session/agent.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { bench, benchOf, definitionOf, delay, failing, flushed, scripted } from '../../../support/bench.ts';
import { WatchedAgent } from '../../../support/watched-agent.ts';

/** Nobody has proposed such a revision: the group's chart fails. */
const BREAKING: GroupMachineEvent = {
  type: 'definition.change',
  change: { revision: 99, added: [], removed: [], changed: [], edges: [] },
};

describe('when the chart of a group has failed', () => {
  test('a session that is being prepared does not start', async () => {
    const clock = new SimulatedClock();
    const quota = new QuotaGate(clock, () => 0);
    const watched = new WatchedAgent(clock);
    /** Looks at the working tree first, which takes a while. */
    const agent = Object.assign(watched, { capabilities: { ...watched.capabilities, changesFiles: true } });
    const group = await createSessionGroup(definitionOf([scripted('a', [delay(5_000)])]), {
      ...{ clock, quota, projects: memoryProjectGate(), agents: { scripted: agent } },
      env: { PATH: process.env.PATH },
    });
    const { status } = benchOf(group, { clock, agent, quota });
    const run = group.run();
    while (status('a') !== 'preparing') await new Promise(setImmediate);
    const session = group.actor?.getSnapshot().context.roster.actorOf('a');
    group.actor?.send(BREAKING);
    await expect(run).rejects.toMatchObject({ code: 'internal_error' });
    // Final: whatever becomes of the preparation, nothing follows it.
    expect(session?.getSnapshot()).toMatchObject({ status: 'done', value: 'gone' });
    await flushed();
    expect([agent.attempts, clock.pending]).toEqual([[], 0]);
  });

  test('no timer is left, and nothing follows in the journal', async () => {
    const { group, clock, quota, agent, pass, types } = await bench(
      [scripted('a', [delay(500), failing('server_error', 1)]), scripted('b', [delay(60_000)])],
      { config: { concurrency: { maxConcurrent: 2 } } },
    );
    const run = group.run();
    await pass(600);
    quota.close('scripted', clock.now() + 60_000);
    group.actor?.send(BREAKING);
    await expect(run).rejects.toMatchObject({ code: 'internal_error' });
    await pass(100);
    expect([agent.live.size, clock.pending]).toEqual([0, 0]);
    expect(types().at(-1)).toBe('group_failed');
  });

  test('an agent that cannot be killed keeps no other alive, and nobody waiting', async () => {
    const clock = new SimulatedClock();
    const agent = new WatchedAgent(clock);
    const start = agent.start.bind(agent);
    agent.start = (spec, sink): Attempt => {
      const attempt = start(spec, sink);
      if (spec.sessionId !== 'a') return attempt;
      return Object.assign(attempt, {
        kill: () => {
          throw new Error('no');
        },
      });
    };
    const { group, pass } = await bench([scripted('a', [delay(1_000)]), scripted('b', [delay(60_000)])], {
      ...{ clock, agents: { scripted: agent }, config: { concurrency: { maxConcurrent: 2 } } },
    });
    const run = group.run();
    await pass(500);
    group.actor?.send(BREAKING);
    await expect(run).rejects.toMatchObject({ code: 'internal_error' });
    await flushed();
    await pass(100);
    expect([...agent.live.keys()]).toEqual(['a']);
  });
});

test('a session fails alone, whatever its agent throws', async () => {
  for (const thrown of [undefined, null, 'no', Symbol('no'), Object.create(null)]) {
    const { group, agent, clock, until, status } = await bench(
      [scripted('a'), scripted('b', [delay(1_000)])],
      { config: { concurrency: { maxConcurrent: 2 } } },
    );
    agent.onStart = ({ sessionId }) => {
      if (sessionId === 'a') throw thrown;
    };
    expect((await until(group.run())).status).toBe('failed');
    expect([status('a'), status('b'), clock.pending]).toEqual(['failed', 'completed', 0]);
  }
});

test('an inspector that throws harms no group', async () => {
  const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
  onTestFinished(() => warned.mockRestore());
  const { group, until } = await bench([scripted('a', [delay(100)])], {
    inspect: () => {
      throw new Error('an inspector');
    },
  });
  expect((await until(group.run())).status).toBe('completed');
  expect(warned.mock.calls.map(([text]) => text)).toEqual([
    'a subscriber of a session group threw: an inspector',
  ]);
});
