import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { MemoryChannel, MemoryPlacement } from '../../src/fleet/memory-fleet.ts';
import type { Placement } from '../../src/fleet/placement.ts';
import { orderBytes, PROTOCOL } from '../../src/fleet/protocol.ts';
import { RemoteAttempts, type RemoteEvent } from '../../src/fleet/remote-attempts.ts';
import { FleetWorker, type FleetWorkerOptions } from '../../src/fleet/worker.ts';
import { superviseAttempt } from '../../src/sdk/session/supervised-attempt.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { createPuppetAgent } from '../../src/sdk/testing/puppet-agent.ts';
import { attemptOrder } from './attempt-order.ts';

const LEASE_MS = 1_000;

let clock: SimulatedClock;
let placement: MemoryPlacement;
let channel: MemoryChannel;
let attempts: RemoteAttempts;
const agent = () => createPuppetAgent();

beforeEach(() => {
  clock = new SimulatedClock();
  placement = new MemoryPlacement({ clock, leaseMs: LEASE_MS });
  channel = new MemoryChannel();
  attempts = new RemoteAttempts({ placement, channel, clock, group: 'group', pool: 'pool' });
});

afterEach(async () => {
  await attempts.close();
  expect(clock.pending).toBe(0);
});

test('an attempt works elsewhere: what its agent reports comes in order, and its end gives the order back', async () => {
  const { puppet, stop } = worker();
  const events = opened('web', 1);
  const web = await when(puppet.started('web'));
  web.says('Hello.');
  web.completes('Done.');
  await when(events.over);
  expect(events.types()).toEqual(['placed', 'started', 'message', 'ended']);
  expect(events.ns()).toEqual([2, 3, 4]);
  await stop();
  expect(await placement.standing({ key: 'group.web.1', pool: 'pool' })).toEqual({ kind: 'unknown' }); // forgotten
});

test('a worker whose channel is silent begins nothing, lets go of what it has taken, and takes no more until it answers', async () => {
  let answer = () => {};
  const get = channel.get.bind(channel);
  vi.spyOn(channel, 'get').mockImplementation(async (...of) => {
    await new Promise<void>(resolve => {
      answer = resolve;
    });
    return get(...of);
  });
  const { puppet, fleetWorker, stop } = worker();
  const first = opened('web', 1);
  await when(first.over);
  expect(first.types()).toEqual(['lost']);
  opened('api', 1);
  for (let part = 0; part < 20; part += 1) await passes();
  expect(fleetWorker.figures).toMatchObject({ live: 0, taken: 1, outcomes: { lost: 1 } });
  answer();
  await vi.waitUntil(() => fleetWorker.figures.taken === 2, { interval: 0 });
  answer();
  (await when(puppet.started('api'))).completes('Done.');
  await stop();
  expect(fleetWorker.figures.outcomes).toMatchObject({ lost: 1, ended: 1 });
});

test('what the group says reaches it, also what was said before a worker had it', async () => {
  const events = opened('web', 1);
  events.attempt.send?.({ id: 'm1', text: 'Go left.' });
  const { puppet, stop } = worker();
  const web = await when(puppet.started('web'));
  await passes();
  expect(web.messages).toMatchObject([{ id: 'm1', text: 'Go left.' }]);
  events.attempt.interrupt();
  await when(events.over);
  expect(events.last()).toMatchObject({
    type: 'event',
    event: { type: 'ended', end: { outcome: 'interrupted' } },
  });
  await stop();
});

test('one that no worker has had is taken back, and never starts', async () => {
  const events = opened('web', 1);
  events.attempt.interrupt();
  await when(events.over);
  expect(events.types()).toEqual(['returned']);
  const { puppet, stop } = worker();
  await passes();
  expect(puppet.attempts).toEqual([]);
  await stop();
});

test('a worker that has lost an order before it begins runs nothing, and takes the next', async () => {
  const events = opened('web', 1);
  const { puppet, fleetWorker, stop } = worker({ heldAtFirst: false });
  await when(events.over);
  expect(events.types()).toEqual(['lost']);
  expect(puppet.attempts).toEqual([]);
  expect(fleetWorker.figures).toMatchObject({ live: 0, taken: 1, outcomes: { lost: 1 } });
  await stop();
});

test('what guards the processes of an attempt hears of each renewal before it begins, and of its end', async () => {
  const told: string[] = [];
  const { puppet, stop } = worker({
    guard: ({ groupId, sessionId, attempt }) => ({
      renew: ms => told.push(`${groupId}.${sessionId}.${attempt} ${ms}`),
      end: () => told.push('end'),
    }),
  });
  const events = opened('web', 1);
  const web = await when(puppet.started('web'));
  expect(new Set(told)).toEqual(new Set([`group.web.1 ${0.7 * LEASE_MS}`]));
  const before = told.length;
  for (let part = 0; part < 5; part += 1) await passes();
  expect(told.length).toBeGreaterThan(before);
  web.completes('Done.');
  await when(events.over);
  await stop();
  expect(told.at(-1)).toBe('end');
});

test('a worker that cannot renew ends its attempt before the group may start another', async () => {
  const { puppet, stop } = worker({ renews: false });
  const events = opened('web', 1);
  await when(puppet.started('web'));
  await when(events.over);
  expect(events.last()).toEqual({ type: 'lost' });
  expect(puppet.live).toEqual([]);
  const again = opened('web', 2);
  const second = await when(puppet.started('web'));
  second.completes('Done.');
  await when(again.over);
  expect(again.last()).toMatchObject({ event: { type: 'ended', end: { outcome: 'done' } } });
  expect(events.types()).not.toContain('ended');
  await stop();
});

test('an end that was reported before its worker was lost counts', async () => {
  const { puppet, stop } = worker({ givesBack: false });
  const events = opened('web', 1);
  (await when(puppet.started('web'))).completes('Done.');
  await when(events.over);
  expect(events.types()).toEqual(['placed', 'started', 'ended']);
  for (let part = 0; part < 20; part += 1) await passes();
  expect(await placement.standing({ key: 'group.web.1', pool: 'pool' })).toEqual({ kind: 'unknown' });
  expect(events.types()).toEqual(['placed', 'started', 'ended']);
  await stop();
});

test('a worker that drains interrupts what it has, takes nothing more, and says that it is nobody’s failure', async () => {
  const { puppet, fleetWorker, running } = worker({ concurrency: 1 });
  const events = opened('web', 1);
  const waiting = opened('api', 1);
  await when(puppet.started('web'));
  fleetWorker.drain();
  await when(running);
  await when(events.over);
  expect(events.last()).toEqual({ type: 'returned' });
  expect(await placement.standing({ key: 'group.api.1', pool: 'pool' })).toMatchObject({ kind: 'waiting' });
  expect(waiting.types()).toEqual([]);
  waiting.attempt.interrupt();
  await when(waiting.over);
});

test('an attempt that does not end when its worker drains is killed in time, and is nobody’s failure', async () => {
  const { puppet, fleetWorker, running } = worker({ ignoresInterrupt: true, drainMs: 3 * LEASE_MS });
  const events = opened('web', 1);
  await when(puppet.started('web'));
  fleetWorker.drain();
  await passes();
  expect(puppet.live).toHaveLength(1);
  await when(running);
  await when(events.over);
  expect(events.last()).toEqual({ type: 'returned' });
  expect(fleetWorker.figures.outcomes).toMatchObject({ drained: 1 });
});

test('a worker for one order ends with it', async () => {
  const { puppet, fleetWorker, running } = worker({ orders: 1 });
  const events = opened('web', 1);
  const waiting = opened('api', 1);
  (await when(puppet.started('web'))).completes('Done.');
  await when(running);
  await when(events.over);
  expect(fleetWorker.figures).toMatchObject({ taken: 1, outcomes: { ended: 1 } });
  expect(waiting.types()).toEqual([]);
  waiting.attempt.interrupt();
  await when(waiting.over);
});

test('an order that is of another attempt than its note says is refused', async () => {
  const { puppet, stop } = worker();
  const events = opened('web', 1, {
    order: await channel.put('group', orderBytes(attemptOrder('group', 'api', 1))),
  });
  await when(events.over);
  expect(events.last()).toMatchObject({ type: 'refused', message: expect.stringContaining('not an order') });
  expect(puppet.attempts).toEqual([]);
  await stop();
});

test('at most as many as the worker has room for live at once', async () => {
  const { puppet, stop } = worker({ concurrency: 2 });
  const all = ['a', 'b', 'c'].map(session => opened(session, 1));
  const [first] = [await when(puppet.started()), await when(puppet.started())];
  await passes();
  expect(puppet.live).toHaveLength(2);
  first.completes('Done.');
  await when(puppet.started());
  expect(puppet.live).toHaveLength(2);
  for (const one of puppet.live) one.completes('Done.');
  for (const { over } of all) await when(over);
  await stop();
});

test('a worker of another version refuses an order, and runs nothing', async () => {
  const { puppet, stop } = worker();
  const events = opened('web', 1, { protocol: 99 });
  await when(events.over);
  expect(events.last()).toMatchObject({
    type: 'refused',
    message: expect.stringMatching(new RegExp(`version 99 .*, this worker ${PROTOCOL}: update`)),
  });
  expect(puppet.attempts).toEqual([]);
  await stop();
});

interface How extends Partial<Pick<FleetWorkerOptions, 'concurrency' | 'orders' | 'guard' | 'drainMs'>> {
  /** After the first time. */
  readonly renews?: boolean;
  readonly heldAtFirst?: boolean;
  readonly givesBack?: boolean;
  readonly ignoresInterrupt?: boolean;
}

function worker({ renews = true, heldAtFirst = true, givesBack = true, ...how }: How = {}) {
  const { ignoresInterrupt = false, ...options } = how;
  const puppet = agent();
  const noAnswer = () => Promise.reject(new Error('no answer'));
  const faulty: Placement = Object.assign(Object.create(placement), {
    serve: async (pool: string, name: string) => {
      const served = await placement.serve(pool, name);
      return {
        close: () => served.close(),
        take: async (signal: AbortSignal) => {
          const lease = await served.take(signal);
          if (!lease) return undefined;
          let renewals = 0;
          const renew = async () => {
            renewals += 1;
            if (renewals > 1) return renews ? lease.renew() : noAnswer();
            return heldAtFirst && lease.renew();
          };
          return { ...lease, renew, giveBack: givesBack ? lease.giveBack : noAnswer };
        },
      };
    },
  });
  const fleetWorker = new FleetWorker({
    ...{ placement: faulty, channel, clock, pool: 'pool', name: 'worker', host: 'host' },
    ...{ concurrency: 4, leaseMs: LEASE_MS, ...options },
    start: (order, sink) => {
      const spec = { ...order, cwd: '/', env: {}, config: {} };
      const attempt = superviseAttempt(puppet, spec, clock, sink);
      if (ignoresInterrupt) attempt.interrupt = () => {};
      return attempt;
    },
  });
  const running = fleetWorker.run();
  const stop = async () => {
    fleetWorker.drain();
    await when(running);
  };
  return { puppet, fleetWorker, running, stop };
}

function opened(session: string, attempt: number, how: Changes = {}) {
  const events: RemoteEvent[] = [];
  let end = () => {};
  const over = new Promise<void>(resolve => {
    end = resolve;
  });
  const from = Object.keys(how).length === 0 ? attempts : saying(how);
  const opening = from.open(attemptOrder('group', session, attempt), event => {
    events.push(event);
    const type = event.type === 'event' ? event.event.type : event.type;
    if (['ended', 'lost', 'returned', 'refused'].includes(type)) end();
  });
  return {
    attempt: opening,
    over,
    last: () => events.at(-1),
    types: () => events.map(event => (event.type === 'event' ? event.event.type : event.type)),
    ns: () => events.flatMap(event => (event.type === 'event' ? [event.n] : [])),
  };
}

interface Changes {
  readonly protocol?: number;
  /** The name of a blob. */
  readonly order?: string;
}

/** A group that writes something else into its notes. */
function saying(changes: Changes): RemoteAttempts {
  const other: Placement = Object.assign(Object.create(placement), {
    place: (placed: { key: string; pool: string }, note: string) =>
      placement.place(placed, JSON.stringify({ ...JSON.parse(note), ...changes })),
    watch: (pool: string, listener: Parameters<Placement['watch']>[1]) => placement.watch(pool, listener),
  });
  attempts = new RemoteAttempts({ placement: other, channel, clock, group: 'group', pool: 'pool' });
  return attempts;
}

/** A tenth of a lease. */
async function passes(): Promise<void> {
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
  clock.advance(LEASE_MS / 10);
  for (let turn = 0; turn < 10; turn += 1) await nextTurn();
}

/** Time goes on until it settles. */
async function when<T>(promise: Promise<T>): Promise<T> {
  let isOver = false;
  const settled = promise.finally(() => {
    isOver = true;
  });
  for (let part = 0; part < 100 && !isOver; part += 1) await passes();
  if (!isOver) throw new Error('it did not happen within ten leases');
  return settled;
}
