import { Redis, type RedisOptions } from 'ioredis';

/** All keys of ours begin with it; BullMQ's, too. */
export const PREFIX = 'session-groups';

/** How a Redis is reached, for ioredis. */
export type RedisAddress = Omit<RedisOptions, 'replyMapping'>;

/** A connection that waits for a Redis that is away, as long as that takes; whoever cannot wait that long says so. */
export function connectTo(address: RedisAddress): Redis {
  const options: RedisAddress = {
    ...address,
    maxRetriesPerRequest: null,
    retryStrategy: tries => Math.min(50 * 2 ** Math.min(tries, 6), 2_000),
  };
  const redis = new Redis(options);
  redis.on('error', () => {}); // it is told by what waits for an answer
  return redis;
}

/** Ends a connection that may be blocked, or away. */
export async function disconnect(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  await new Promise<void>(resolve => {
    redis.once('end', () => resolve());
    redis.disconnect();
  });
}
