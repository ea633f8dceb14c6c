// @module-tag processes
import { randomUUID } from 'node:crypto';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { RedisChannel } from '../../src/fleet/redis/redis-channel.ts';
import { RedisPlacement } from '../../src/fleet/redis/redis-placement.ts';
import { RemoteAttempts, type RemoteEvent } from '../../src/fleet/remote-attempts.ts';
import { FleetWorker } from '../../src/fleet/worker.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { superviseAttempt } from '../../src/sdk/session/supervised-attempt.ts';
import { createPuppetAgent } from '../../src/sdk/testing/puppet-agent.ts';
import { RedisServer } from '../support/redis-server.ts';
import { attemptOrder } from './attempt-order.ts';
import { channelCases } from './channel-cases.ts';
import { placementCases } from './placement-cases.ts';

const LEASE_MS = 1_000;

let server: RedisServer;
beforeAll(async () => {
  server = await RedisServer.begin();
});
afterAll(() => server.end());

describe('placement by BullMQ', () => {
  placementCases(async () => {
    const options = { redis: server.address, clock: systemClock, leaseMs: LEASE_MS };
    const [placement, other] = [new RedisPlacement(options), new RedisPlacement(options)];
    return {
      ...{ placement, other, drive: promise => promise },
      close: async () => {
        await Promise.all([placement.close(), other.close()]);
      },
    };
  });
});

describe('a channel on Redis', () => {
  channelCases(async bound => {
    const options = { redis: server.address, bound };
    const [channel, other] = [new RedisChannel(options), new RedisChannel(options)];
    return {
      ...{ channel, other },
      close: async () => {
        await Promise.all([channel.close(), other.close()]);
      },
    };
  });
});

test('an order that cannot be read is in the way of no other, nor is a Redis that is full for a while', async () => {
  const redis = await RedisServer.begin();
  const client = new Redis(redis.address);
  const problems: string[] = [];
  const onProblem = (message: string) => void problems.push(message);
  const placement = new RedisPlacement({
    ...{ redis: redis.address, clock: systemClock, leaseMs: 60_000, onProblem },
  });
  const stop = new AbortController();
  try {
    await placement.place({ key: 'g.a.1', pool: 'p' }, 'note');
    await client.hset('session-groups:p:g.a.1', 'data', '{garbage');
    const served = await placement.serve('p', 'worker');
    const first = served.take(stop.signal);
    await placement.place({ key: 'g.b.1', pool: 'p' }, 'note');
    expect((await first)?.key).toBe('g.b.1');
    expect(problems.join('\n')).toContain('no order can be taken');
    await client.config('SET', 'maxmemory', '1');
    const second = served.take(stop.signal);
    const full = await placement.serve('q', 'worker');
    const other = full.take(stop.signal);
    await vi.waitUntil(() => problems.some(problem => problem.includes('OOM')), { timeout: 20_000 });
    await client.config('SET', 'maxmemory', '0');
    await placement.place({ key: 'g.c.1', pool: 'p' }, 'note');
    await placement.place({ key: 'g.d.1', pool: 'q' }, 'note');
    expect([(await second)?.key, (await other)?.key]).toEqual(['g.c.1', 'g.d.1']);
  } finally {
    stop.abort();
    await placement.close();
    client.disconnect();
    await redis.end();
  }
}, 60_000);

test('a placement has two connections for the pools that it serves, one for those that it watches, and wakes for each of them', async () => {
  const redis = await RedisServer.begin();
  const client = new Redis(redis.address);
  const placement = new RedisPlacement({ redis: redis.address, clock: systemClock, leaseMs: 60_000 });
  const other = new RedisPlacement({ redis: redis.address, clock: systemClock, leaseMs: 60_000 });
  const pools = ['a', 'b', 'c', 'd'];
  try {
    const stop = new AbortController();
    for (const pool of pools) {
      const served = await placement.serve(pool, 'worker');
      const taken = served.take(stop.signal); // waits, while others are waited for already
      await other.watch(pool, () => {});
      await other.place({ key: `order-${pool}`, pool }, 'note');
      expect((await taken)?.key).toBe(`order-${pool}`);
      void served.take(stop.signal);
    }
    await vi.waitFor(async () => {
      const blocked = /bzpopmin/g.exec(`${await client.client('LIST')}`);
      expect(blocked).not.toBeNull();
    }, 30_000);
    const lines = `${await client.client('LIST')}`.trim().split('\n');
    expect(lines).toHaveLength(1 + 2 + 2);
    stop.abort();
  } finally {
    client.disconnect();
    await Promise.all([placement.close(), other.close()]);
    await redis.end();
  }
}, 60_000);

test('all that a channel keeps of a group goes by itself, also what is begun again', async () => {
  const client = new Redis(server.address);
  const channel = new RedisChannel({ redis: server.address });
  const group = randomUUID();
  try {
    for (const epoch of [1, 2]) {
      const writer = { group, session: 'web', epoch };
      await channel.fence(writer);
      await channel.report(writer, [{ n: 1, text: 'one' }]);
    }
    const keys = await client.keys(`*${group}*`);
    expect(keys).toHaveLength(3);
    for (const key of keys) expect(await client.pttl(key), key).toBeGreaterThan(0);
  } finally {
    client.disconnect();
    await channel.close();
  }
});

test('what was said and placed is there after Redis was killed, and whoever waits goes on', async () => {
  const redis = await RedisServer.begin();
  const options = { redis: redis.address, clock: systemClock, leaseMs: 60_000 };
  const [placement, channel] = [new RedisPlacement(options), new RedisChannel(options)];
  const [group, never] = [randomUUID(), new AbortController()];
  const writer = { group, session: 'web', epoch: 1 };
  const [first, second] = ['first', 'second'].map(key => ({ key, pool: 'pool' }));
  if (!first || !second) throw new Error('two orders');
  try {
    const served = await placement.serve('pool', 'a');
    await placement.place(first, 'note');
    const lease = await served.take(never.signal);
    await channel.report(writer, [{ n: 1, text: 'before' }]);
    const [reading, next] = [channel.reports(group, undefined, never.signal), served.take(never.signal)];
    const heard = reading[Symbol.asyncIterator]();
    expect((await heard.next()).value).toMatchObject([{ n: 1, text: 'before' }]);
    const later = heard.next();
    await redis.kill();
    const said = Promise.all([
      channel.report(writer, [{ n: 2, text: 'while it was away' }]),
      placement.place(second, 'note'),
    ]);
    await redis.start();
    await said;
    expect((await later).value).toMatchObject([{ n: 2, text: 'while it was away' }]);
    expect((await next)?.key).toBe('second');
    expect(await lease?.renew()).toBe(true);
  } finally {
    never.abort();
    await Promise.all([placement.close(), channel.close()]);
    await redis.end();
  }
}, 60_000);

test('an attempt works elsewhere over Redis, and says so although Redis was killed meanwhile', async () => {
  const redis = await RedisServer.begin();
  const group = randomUUID();
  const options = { redis: redis.address, clock: systemClock, leaseMs: 60_000 };
  const worlds = [0, 1].map(() => ({
    placement: new RedisPlacement(options),
    channel: new RedisChannel(options),
  }));
  const [mine, its] = worlds;
  if (!mine || !its) throw new Error('two processes');
  const puppet = createPuppetAgent();
  const worker = new FleetWorker({
    ...{ ...its, clock: systemClock, pool: 'pool', name: `worker-${group}`, host: 'host' },
    ...{ concurrency: 2, leaseMs: options.leaseMs },
    start: (order, sink) =>
      superviseAttempt(puppet, { ...order, cwd: '/', env: {}, config: {} }, systemClock, sink),
  });
  const running = worker.run();
  const attempts = new RemoteAttempts({ ...mine, clock: systemClock, group, pool: 'pool' });
  try {
    const events: RemoteEvent[] = [];
    const ended = new Promise<void>(resolve => {
      attempts.open(attemptOrder(group, 'web', 1), event => {
        events.push(event);
        if (event.type === 'event' && event.event.type === 'ended') resolve();
      });
    });
    const web = await puppet.started('web');
    web.says('before');
    await redis.kill();
    web.says('while it was away');
    web.completes('Done.');
    await redis.start();
    await ended;
    expect(events.map(event => (event.type === 'event' ? event.event.type : event.type))).toEqual([
      ...['placed', 'started', 'message', 'message', 'ended'],
    ]);
    worker.drain();
    await running;
    await vi.waitFor(async () => {
      const standing = await mine.placement.standing({ key: `${group}.web.1`, pool: 'pool' });
      expect(standing).toEqual({ kind: 'unknown' }); // forgotten
    }, 30_000);
  } finally {
    worker.drain();
    await attempts.close();
    await Promise.all(worlds.flatMap(({ placement, channel }) => [placement.close(), channel.close()]));
    await redis.end();
  }
}, 60_000);
