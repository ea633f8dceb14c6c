import { Redis, type RedisOptions } from 'ioredis';
import { SessionGroupsError, textOfThrown } from '../../sdk/errors.ts';
import { type RedisAddress, shownAddress } from './redis-address.ts';

/** All keys of ours begin with it; BullMQ's, too. */
export const PREFIX = 'session-groups';

/** How long what nobody deletes is kept. */
export const RETENTION_MS = 7 * 86_400_000;

/** Longer than any command here blocks. Without an answer for so long, the other end has gone without a word. */
const SILENCE_MS = 15_000;

/** For an answer that somebody waits for. */
const PATIENCE_MS = 10_000;

/** What becomes of connections. */
export interface ConnectionEvents {
  /** A connection was lost, and is there again. */
  readonly onReconnect?: () => void;
  /** One can't be made, or was lost; it is tried again. Called for each try. */
  readonly onProblem?: (message: string) => void;
}

interface ConnectionOptions extends ConnectionEvents {
  /** What is asked in one turn goes together; what comes next waits for the answers. Default: false. */
  readonly pipelines?: boolean;
}

/** A connection that waits for a Redis that is away, as long as that takes; whoever cannot wait that long says so. */
export function connectTo(
  address: RedisAddress,
  { onReconnect, onProblem, pipelines = false }: ConnectionOptions = {},
): Redis {
  const options: Omit<RedisOptions, 'replyMapping'> = {
    ...address,
    maxRetriesPerRequest: null,
    enableAutoPipelining: pipelines,
    socketTimeout: SILENCE_MS,
    retryStrategy: tries => Math.min(50 * 2 ** Math.min(tries, 6), 2_000),
  };
  const redis = new Redis(options);
  redis.on('error', (error: Error) => onProblem?.(error.message));
  redis.once('ready', () => redis.on('ready', () => onReconnect?.()));
  return redis;
}

/** @throws SessionGroupsError `redis_unreachable` unless it answers within ten seconds. */
export async function expectRedis(address: RedisAddress): Promise<void> {
  const options = { maxRetriesPerRequest: 0, connectTimeout: PATIENCE_MS, commandTimeout: PATIENCE_MS };
  const redis = new Redis({ ...address, ...options, lazyConnect: true, retryStrategy: () => null });
  let problem: unknown;
  redis.on('error', (error: Error) => {
    problem ??= error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    const cause = problem ?? error;
    const message = `the Redis at ${shownAddress(address)} cannot be reached: ${textOfThrown(cause)}`;
    const hint = 'Start it, or correct its address; what workers carry out goes on without this process.';
    throw new SessionGroupsError('redis_unreachable', message, { hint, cause });
  } finally {
    await disconnect(redis);
  }
}

/** Redis has answered, and said no. */
export const isReplyError = (error: unknown): error is Error =>
  error instanceof Error && error.name === 'ReplyError';

/** What Redis does not do for us, as an error for people. */
export const refusedBy = (address: RedisAddress, cause: Error): SessionGroupsError =>
  new SessionGroupsError(
    'redis_unreachable',
    `the Redis at ${shownAddress(address)} refuses: ${cause.message}`,
    {
      hint: 'Give the user and the password in a file (--redis-file), and the user the permissions that docs/workers.md names.',
      cause,
    },
  );

/** Ends a connection that may be blocked, or away. */
export async function disconnect(redis: Redis): Promise<void> {
  if (redis.status === 'end') return;
  if (redis.status === 'reconnecting') return redis.disconnect(); // it says nothing then
  await new Promise<void>(resolve => {
    redis.once('end', () => resolve());
    redis.disconnect();
  });
}
