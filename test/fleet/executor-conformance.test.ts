import { afterEach, test } from 'vitest';
import { MemoryChannel, MemoryPlacement } from '../../src/fleet/memory-fleet.ts';
import { fleetExecutor } from '../../src/fleet/remote-executor.ts';
import { FleetWorker } from '../../src/fleet/worker.ts';
import { LocalExecutor } from '../../src/sdk/group/attempt/executor/local-executor.ts';
import { resolveSession } from '../../src/sdk/group/config/resolve-session.ts';
import { parseDefinition } from '../../src/sdk/group/definition/definition.ts';
import { capabilitiesOf } from '../../src/sdk/session/own/registered.ts';
import { superviseAttempt } from '../../src/sdk/session/supervised-attempt.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { type ExecutorFixture, executorConformance } from '../../src/sdk/testing/executor-conformance.ts';
import { drive, flush, pass } from '../../src/sdk/testing/flush.ts';
import { createPuppetAgent } from '../../src/sdk/testing/puppet-agent.ts';
import { cutChannel, cutPlacement, LEASE_MS } from './group-bench.ts';

const { definition } = await parseDefinition(
  { version: 1, name: 'group', sessions: [{ id: 'a', prompt: 'Work.', projectPath: '/' }] },
  { env: {} },
);

const ends: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
});

function local(): ExecutorFixture {
  const clock = new SimulatedClock();
  const agent = createPuppetAgent();
  const [session] = definition.sessions;
  if (!session) throw new Error('there is no session');
  const host = { env: {}, can: capabilitiesOf(), configFolder: () => '/', logDir: () => undefined };
  const place = { agent, session: resolveSession(session, definition.config), tree: undefined, host };
  return {
    ...{ agent, groupId: 'group' },
    executor: () => new LocalExecutor({ clock, placeOf: () => place }),
    drive: promise => drive(clock, promise),
    settle: () => pass(clock, 0),
  };
}

function remote(): ExecutorFixture {
  const clock = new SimulatedClock();
  const agent = createPuppetAgent();
  const placement = new MemoryPlacement({ clock, leaseMs: LEASE_MS });
  const channel = new MemoryChannel();
  const fleet = fleetExecutor({ placement, channel, clock, pool: 'pool' });
  const link = { cut: false };
  let served = false;
  return {
    ...{ agent, groupId: 'group' },
    // Nothing is ever written, so the channel forgets nothing, and tells each executor all of it.
    executor: () => fleet({ id: 'group', written: () => new Promise(() => {}) }),
    drive: promise => drive(clock, promise),
    async settle() {
      for (let turn = 0; turn < 10; turn += 1) await flush();
    },
    serve() {
      if (served) return;
      served = true;
      const worker = new FleetWorker({
        placement: cutPlacement(placement, link),
        channel: cutChannel(channel, link),
        ...{ clock, pool: 'pool', name: 'w', host: 'h', concurrency: 1, leaseMs: LEASE_MS },
        start: (order, sink) =>
          superviseAttempt(agent, { ...order, cwd: '/', env: {}, config: {} }, clock, sink),
      });
      const running = worker.run();
      ends.push(() => {
        worker.drain();
        return link.cut ? Promise.resolve() : drive(clock, running);
      });
    },
    lose() {
      link.cut = true;
    },
  };
}

executorConformance('this machine', local, { test });
executorConformance('a fleet in memory', remote, { test });
