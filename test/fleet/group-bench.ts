import { onTestFinished } from 'vitest';
import type { Channel } from '../../src/fleet/channel.ts';
import { MemoryChannel, MemoryPlacement } from '../../src/fleet/memory-fleet.ts';
import type { Placement, ServedPool } from '../../src/fleet/placement.ts';
import { fleetExecutor } from '../../src/fleet/remote-executor.ts';
import { FleetWorker } from '../../src/fleet/worker.ts';
import type { Clock } from '../../src/sdk/clock.ts';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import type { SessionExecutor } from '../../src/sdk/group/attempt/executor/executor.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import type { GroupStore } from '../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import type { AgentEvent, AttemptSpec } from '../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../src/sdk/session/scripted/scripted.ts';
import { superviseAttempt } from '../../src/sdk/session/supervised-attempt.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { drive, pass } from '../../src/sdk/testing/flush.ts';
import { type ConfigInput, definitionOf, type SessionInput } from '../support/bench.ts';
import { diskFull, faultyStore } from '../support/faulty-store.ts';

export const LEASE_MS = 1_000;

/** What an agent itself has seen of an attempt. */
export interface AgentsLog {
  readonly spec: Pick<AttemptSpec, 'sessionId' | 'attempt' | 'conversation'>;
  readonly worker: string;
  readonly events: readonly AgentEvent[];
  /** Monotonic; `overAt` is absent while it lives. */
  readonly begunAt: number;
  readonly overAt?: number;
}

export interface FleetBench {
  readonly clock: SimulatedClock;
  /** Every attempt that an agent has started, on any worker. */
  readonly log: readonly AgentsLog[];
  /**
   * Starts a worker; `cutOff`: nothing that it says arrives any more, until `mend`.
   * @param place what it shares with others. Default: it serves no place.
   */
  worker(name: string, concurrency?: number, place?: string): { cutOff(): void; mend(): void; drain(): void };
  /** A group whose attempts the workers carry out. */
  group(sessions: readonly SessionInput[], config?: ConfigInput): Promise<GroupRunner>;
  /** The engine of the group dies, with all that it knows; the next one finds what it has journalled. */
  die(): Promise<void>;
  /** Another engine opens the group; `alone`: without the fleet. */
  open(how?: { readonly alone?: boolean; readonly takeOver?: boolean }): Promise<GroupRunner>;
  /** What is journalled. */
  records(): Promise<readonly JournalRecord[]>;
  until<T>(promise: Promise<T>): Promise<T>;
  pass(ms: number): Promise<void>;
}

/**
 * A fleet within this process, whose agent works on each worker, as if they shared a disk.
 * @param forgets whether the channel forgets what is journalled; else each engine is told all of it again. Default: yes.
 */
export function fleetBench({
  forgets = true,
  leaseMs = LEASE_MS,
  faultsOn = () => NO_FAULTS,
}: {
  readonly forgets?: boolean;
  readonly leaseMs?: number;
  /** What goes wrong between a group, its workers and what is between them. Default: nothing. */
  readonly faultsOn?: (clock: Clock) => FleetFaults;
} = {}): FleetBench {
  const clock = new SimulatedClock();
  const faults = faultsOn(clock);
  const placement = new MemoryPlacement({ clock, leaseMs });
  const channel = new MemoryChannel();
  const agent = createScriptedAgent(clock);
  const log: (AgentsLog & { readonly events: AgentEvent[]; overAt?: number })[] = [];
  const memory = createMemoryStore({ clock });
  let engine = mortal(clock);
  let executor: SessionExecutor | undefined;
  let group: GroupRunner | undefined;
  const options = (): SessionGroupOptions & { readonly store: GroupStore } => ({
    store: engine.store(memory),
    ...{ clock: engine.clock, env: {}, projects: memoryProjectGate(), attended: true },
    quota: new QuotaGate(clock, () => 0),
    agents: { [agent.kind]: agent },
    executor: of => {
      const parts = { placement: faults.placement(placement), channel: faults.channel(channel) };
      executor = fleetExecutor({ ...parts, clock: engine.clock, pool: 'pool' })({
        ...of,
        ...(forgets ? {} : { written: () => new Promise<void>(() => {}) }),
      });
      return executor;
    },
  });
  const read = async () => (await memory.read(group?.id ?? '')).records;
  return {
    clock,
    log,
    worker(name, concurrency = 4, place) {
      const link = { cut: false };
      const served: ServedPool[] = [];
      const worker = new FleetWorker({
        placement: faults.placement(cutPlacement(placement, link, served)),
        channel: faults.channel(cutChannel(channel, link)),
        ...{ clock, pool: 'pool', name, host: `host of ${name}`, concurrency, leaseMs },
        ...(place === undefined ? {} : { trees: { place, start: noTrees } }),
        start(order, sink) {
          const events: AgentEvent[] = [];
          const { sessionId, attempt, conversation } = order;
          const entry: (typeof log)[number] = {
            ...{ spec: { sessionId, attempt, conversation }, worker: name, events },
            begunAt: clock.monotonic(),
          };
          log.push(entry);
          const { config: _, ...rest } = order;
          return superviseAttempt(agent, { ...rest, cwd: '/', env: {} }, clock, event => {
            events.push(event);
            if (event.type === 'ended') entry.overAt = clock.monotonic();
            sink(event);
          });
        },
      });
      const running = worker.run();
      onTestFinished(async () => {
        worker.drain();
        if (!link.cut) await drive(clock, running);
      });
      return {
        cutOff: () => {
          link.cut = true;
          clock.setTimeout(() => {
            if (link.cut) for (const pool of served) void pool.close(); // it counts as a worker no more
          }, 2 * leaseMs);
        },
        mend: () => {
          link.cut = false;
        },
        drain: () => worker.drain(),
      };
    },
    async group(sessions, config = {}) {
      group = await createSessionGroup(definitionOf(sessions, config), options());
      return group;
    },
    async die() {
      engine.kill();
      await executor?.close();
      memory.crash(group?.id ?? '');
    },
    async open({ alone = false, takeOver = false } = {}) {
      engine = mortal(clock);
      const { executor: fleet, ...here } = options();
      const opening = { ...here, ...(alone || !fleet ? {} : { executor: fleet }), takeOver };
      group = await openSessionGroup(group?.id ?? '', opening);
      return group;
    },
    records: read,
    until: promise => drive(clock, promise),
    pass: ms => pass(clock, ms),
  };
}

/** A clock of which no timer fires once it is dead, and a store that takes nothing more. */
export function mortal(clock: Clock): {
  readonly clock: Clock;
  store(memory: GroupStore): GroupStore;
  kill(): void;
} {
  let dead = false;
  return {
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimeout: (act, ms) => clock.setTimeout(() => !dead && act(), ms),
      clearTimeout: timer => clock.clearTimeout(timer),
    },
    store: memory =>
      faultyStore(() => {
        if (dead) throw diskFull();
      }, memory),
    kill: () => {
      dead = true;
    },
  };
}

/** Makes parts of a fleet that are slow, or give no answer. */
export interface FleetFaults {
  placement(placement: Placement): Placement;
  channel(channel: Channel): Channel;
}

export const NO_FAULTS: FleetFaults = { placement: given => given, channel: given => given };

interface Link {
  cut: boolean;
}

const aborted = (signal: AbortSignal): Promise<undefined> =>
  new Promise(resolve => signal.addEventListener('abort', () => resolve(undefined), { once: true }));

const noTrees = () => {
  throw new Error('no session here has a tree');
};

const noAnswer = () => Promise.reject(new Error('no answer'));

/** @param among gets what is served. */
export function cutPlacement(placement: Placement, link: Link, among: ServedPool[] = []): Placement {
  const serve = async (pool: string, name: string): Promise<ServedPool> => {
    const served = await placement.serve(pool, name);
    among.push(served);
    return {
      close: () => served.close(),
      take: async signal => {
        const lease = await (link.cut ? aborted(signal) : served.take(signal));
        return (
          lease && {
            ...lease,
            renew: () => (link.cut ? noAnswer() : lease.renew()),
            giveBack: () => (link.cut ? noAnswer() : lease.giveBack()),
          }
        );
      },
    };
  };
  return Object.assign(Object.create(placement), { serve });
}

export function cutChannel(channel: Channel, link: Link): Channel {
  return {
    report: (...args) => (link.cut ? noAnswer() : channel.report(...args)),
    fence: writer => channel.fence(writer),
    reports: (...args) => channel.reports(...args),
    forget: (...args) => channel.forget(...args),
    tell: (...args) => channel.tell(...args),
    told: (...args) => channel.told(...args),
    put: (...args) => channel.put(...args),
    get: (...args) => channel.get(...args),
    end: group => channel.end(group),
    hasEnded: group => channel.hasEnded(group),
    close: () => channel.close(),
  };
}
