// @module-tag processes
import { expect, onTestFinished, test } from 'vitest';
import { RedisChannel } from '../../src/fleet/redis/redis-channel.ts';
import { RedisPlacement } from '../../src/fleet/redis/redis-placement.ts';
import { fleetExecutor } from '../../src/fleet/remote-executor.ts';
import { FleetWorker } from '../../src/fleet/worker.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionExecutor } from '../../src/sdk/group/attempt/executor/executor.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { superviseAttempt } from '../../src/sdk/session/supervised-attempt.ts';
import { createPuppetAgent } from '../../src/sdk/testing/puppet-agent.ts';
import { definitionOf } from '../support/bench.ts';
import { RedisServer } from '../support/redis-server.ts';
import { mortal } from './group-bench.ts';

const LEASE_MS = 10_000;

test('over Redis, the next engine hears what two workers have reported meanwhile, and starts nothing again', {
  timeout: 120_000,
}, async () => {
  const server = await RedisServer.begin();
  onTestFinished(() => server.end());
  const fleet = () => {
    const options = { redis: server.address, clock: systemClock, leaseMs: LEASE_MS };
    const [placement, channel] = [new RedisPlacement(options), new RedisChannel(options)];
    return { placement, channel, close: () => Promise.all([placement.close(), channel.close()]) };
  };
  const agent = createPuppetAgent();
  const workers = ['first', 'second'].map(name => {
    const { placement, channel, close } = fleet();
    const worker = new FleetWorker({
      ...{ placement, channel, clock: systemClock, pool: 'pool', name, host: name, concurrency: 1 },
      leaseMs: LEASE_MS,
      start: (order, sink) =>
        superviseAttempt(agent, { ...order, cwd: '/', env: {}, config: {} }, systemClock, sink),
    });
    return { worker, running: worker.run(), close };
  });

  const memory = createMemoryStore();
  /** An engine with connections of its own. */
  const engine = () => {
    const { placement, channel, close } = fleet();
    const life = mortal(systemClock);
    let executor: SessionExecutor | undefined;
    const options = {
      ...{ store: life.store(memory), clock: life.clock, agents: { claude: agent }, env: {} },
      projects: memoryProjectGate(),
      executor: (group: Parameters<ReturnType<typeof fleetExecutor>>[0]) => {
        executor = fleetExecutor({ placement, channel, clock: life.clock, pool: 'pool' })(group);
        return executor;
      },
    };
    const end = async () => {
      life.kill();
      await executor?.close();
      await close();
    };
    return { options, end };
  };
  const definition = definitionOf(
    ['a', 'b'].map(id => ({ id, prompt: 'Work.', agent: 'claude' as const })),
    { concurrency: { maxConcurrent: 2 } },
  );

  const before = engine();
  const group = await createSessionGroup(definition, before.options);
  group.run().catch(() => {});
  const [a, b] = [await agent.started('a'), await agent.started('b')];
  const heard = said(group, 'a one');
  a.says('a one');
  await heard;
  await before.end();
  memory.crash(group.group.id);
  a.says('a two');
  a.completes('Done.');
  b.says('b one');

  const after = engine();
  const next = await openSessionGroup(group.group.id, after.options);
  const went = said(next, 'b one');
  const settled = next.resume();
  await went;
  b.says('b two');
  b.completes('Done.');
  expect((await settled).status).toBe('completed');
  expect(agent.attempts).toHaveLength(2);
  const { records } = await memory.read(group.group.id);
  const messages = records.flatMap(record => (record.type === 'session_message' ? [record.text] : []));
  expect(messages.sort()).toEqual(['a one', 'a two', 'b one', 'b two']);

  await next.dispose();
  await after.end();
  for (const { worker, running, close } of workers) {
    worker.drain();
    await running;
    await close();
  }
});

/** Resolves when the session's message is shown. */
const said = (group: GroupRunner, text: string): Promise<void> =>
  new Promise(resolve => {
    group.events$.subscribe(event => {
      if (event.type === 'session_message' && event.text === text) resolve();
    });
  });
