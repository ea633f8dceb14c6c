import { afterEach, test } from 'vitest';
import { MemoryChannel, MemoryPlacement } from '../../src/fleet/memory-fleet.ts';
import { fleetExecutor } from '../../src/fleet/remote-executor.ts';
import { answerBytes } from '../../src/fleet/trees/step-texts.ts';
import type { TreeWorker } from '../../src/fleet/trees/worker-trees.ts';
import { FleetWorker } from '../../src/fleet/worker.ts';
import type { Clock } from '../../src/sdk/clock.ts';
import { LocalExecutor } from '../../src/sdk/group/attempt/executor/local-executor.ts';
import type { StepAnswer } from '../../src/sdk/group/attempt/executor/step.ts';
import { resolveSession } from '../../src/sdk/group/config/resolve-session.ts';
import { parseDefinition } from '../../src/sdk/group/definition/definition.ts';
import type { AttemptEnd } from '../../src/sdk/session/agent.ts';
import { capabilitiesOf } from '../../src/sdk/session/own/registered.ts';
import { superviseAttempt } from '../../src/sdk/session/supervised-attempt.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { executorConformance } from '../../src/sdk/testing/executor-conformance.ts';
import type { ExecutorFixture, PuppetStep, PuppetTrees } from '../../src/sdk/testing/executor-fixture.ts';
import { drive, flush, pass } from '../../src/sdk/testing/flush.ts';
import { createPuppetAgent } from '../../src/sdk/testing/puppet-agent.ts';
import { Random } from '../simulation/random.ts';
import { faultyFleet } from './faulty-fleet.ts';
import { cutChannel, cutPlacement, type FleetFaults, LEASE_MS, NO_FAULTS } from './group-bench.ts';

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

/** The faulty fleet, of which no fault is planned. */
const calm = (clock: Clock): FleetFaults =>
  faultyFleet(new Random(1), clock, { late: 0, unanswered: 0, silent: 0 });

/** Trees of machines, which answer as they are told. */
function puppetTrees(channel: MemoryChannel): PuppetTrees & TreeWorker {
  const begun: PuppetStep[] = [];
  const waiting: ((step: PuppetStep) => void)[] = [];
  return {
    place: 'p',
    begun: () =>
      new Promise(resolve => {
        const step = begun.shift();
        if (step) resolve(step);
        else waiting.push(resolve);
      }),
    start({ order }, { group }, sink) {
      let live = true;
      const end = (how: AttemptEnd) => {
        if (!live) return;
        live = false;
        sink({ type: 'ended', end: how });
      };
      const told = async (answer: StepAnswer) => {
        const { pack, ...rest } = { pack: undefined, ...answer };
        const blob = pack && (await channel.put(group, pack));
        const bytes = answerBytes({ answer: rest, pack: blob });
        end({ outcome: 'done', result: await channel.put(group, bytes), denials: [] });
      };
      const step: PuppetStep = {
        order,
        get live() {
          return live;
        },
        answer: answer => void told(answer),
      };
      const next = waiting.shift();
      if (next) next(step);
      else begun.push(step);
      const stop = () => end({ outcome: 'interrupted' });
      return { interrupt: stop, terminate: stop, kill: stop, answerPermission() {} };
    },
  };
}

function remote(faultsOn: (clock: Clock) => FleetFaults = () => NO_FAULTS): ExecutorFixture {
  const clock = new SimulatedClock();
  const faults = faultsOn(clock);
  const agent = createPuppetAgent();
  const placement = new MemoryPlacement({ clock, leaseMs: LEASE_MS });
  const channel = new MemoryChannel();
  const parts = { placement: faults.placement(placement), channel: faults.channel(channel) };
  const fleet = fleetExecutor({ ...parts, clock, pool: 'pool' });
  let link: { cut: boolean } | undefined;
  const trees = puppetTrees(channel);
  return {
    ...{ agent, groupId: 'group', trees },
    // Nothing is ever written, so the channel forgets nothing, and tells each executor all of it.
    executor: () => fleet({ id: 'group', written: () => new Promise(() => {}) }),
    drive: promise => drive(clock, promise),
    async settle() {
      for (let turn = 0; turn < 10; turn += 1) await flush();
    },
    serve() {
      if (link) return;
      const mine = { cut: false };
      link = mine;
      const name = `w${ends.length}`;
      const worker = new FleetWorker({
        placement: faults.placement(cutPlacement(placement, mine)),
        channel: faults.channel(cutChannel(channel, mine)),
        ...{ clock, pool: 'pool', name, host: 'h', concurrency: 1, leaseMs: LEASE_MS, trees },
        start: (order, sink) =>
          superviseAttempt(agent, { ...order, cwd: '/', env: {}, config: {} }, clock, sink),
      });
      const running = worker.run();
      ends.push(() => {
        worker.drain();
        return mine.cut ? Promise.resolve() : drive(clock, running);
      });
    },
    lose() {
      if (link) link.cut = true;
      link = undefined;
    },
  };
}

executorConformance('this machine', local, { test });
executorConformance('a fleet in memory', () => remote(), { test });
executorConformance('a faulty fleet of which no fault is planned', () => remote(calm), { test });
