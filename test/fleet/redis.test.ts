// @module-tag processes
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RedisChannel } from '../../src/fleet/redis/redis-channel.ts';
import { RedisPlacement } from '../../src/fleet/redis/redis-placement.ts';
import { systemClock } from '../../src/sdk/clock.ts';
import { RedisServer } from '../support/redis-server.ts';
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
