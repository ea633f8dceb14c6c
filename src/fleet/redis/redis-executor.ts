import { expectArgument, isObject } from '../../sdk/argument.ts';
import { type Clock, systemClock } from '../../sdk/clock.ts';
import { given } from '../../sdk/given.ts';
import type { ExecutorOf } from '../../sdk/group/attempt/executor/executor.ts';
import { RemoteExecutor } from '../remote-executor.ts';
import { DEFAULT_POOL, expectPool } from './pool-name.ts';
import { addressOf, type RedisAddress } from './redis-address.ts';
import { connectFleet, type RedisFleet } from './redis-fleet.ts';

/** Which workers carry out the sessions of a group. */
export interface RedisExecutorOptions {
  /** As an address, or as text: `redis://HOST:PORT`, `rediss://` for TLS, `unix:PATH`. */
  readonly redis: RedisAddress | string;
  /** Default: `default`. */
  readonly pool?: string;
  /** Redis can't be reached; called for each try of each connection. Default: nobody hears of it. */
  readonly onProblem?: (message: string) => void;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** As long as a worker's, unless that was told otherwise: here, only how often it is asked depends on it. */
const LEASE_MS = 30_000;

/**
 * For the option `executor`: the sessions of a group are carried out by the workers that serve a pool of a Redis, and go on
 * without this process. Connects with the first group that is opened with it, and closes with the last one. Each of its groups
 * is saved with the name of the pool.
 *
 * @throws SessionGroupsError `invalid_argument`.
 * @example
 * const executor = redisExecutor({ redis: 'redis://10.0.0.5:6379', pool: 'gpu' });
 * const group = await createSessionGroup('session-groups.yaml', { store: createFileStore(), executor });
 */
export function redisExecutor(options: RedisExecutorOptions): ExecutorOf {
  expectArgument(isObject(options), 'options', 'an object');
  const { pool = DEFAULT_POOL, clock = systemClock, onProblem } = options;
  expectPool(pool);
  const redis = addressOf(options.redis);
  const fleets = new SharedFleet(() =>
    connectFleet({ redis, clock, leaseMs: LEASE_MS, ...given({ onProblem }) }),
  );
  const executorOf: ExecutorOf = ({ id, written }) => {
    const { placement, channel } = fleets.join();
    const onClosed = () => fleets.leave();
    return new RemoteExecutor({ placement, channel, clock, pool, group: id, written, onClosed });
  };
  return Object.assign(executorOf, { saved: { kind: 'bullmq', pool } });
}

/** The connections of all groups that are open here. */
class SharedFleet {
  readonly #connect: () => RedisFleet;
  #fleet: RedisFleet | undefined;
  #users = 0;

  constructor(connect: () => RedisFleet) {
    this.#connect = connect;
  }

  join(): RedisFleet {
    this.#fleet ??= this.#connect();
    this.#users += 1;
    return this.#fleet;
  }

  async leave(): Promise<void> {
    this.#users -= 1;
    if (this.#users > 0) return;
    const fleet = this.#fleet;
    this.#fleet = undefined;
    await fleet?.close();
  }
}
