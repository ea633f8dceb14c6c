import type { Job, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import { type Clock, sleep } from '../../sdk/clock.ts';
import { textOfThrown } from '../../sdk/errors.ts';
import type { Lease, ServedPool } from '../placement.ts';
import { PREFIX } from './connection.ts';
import type { RedisMarkers } from './redis-markers.ts';
import { SERVING } from './scripts.ts';

/** Who serves a pool. */
export const workersOf = (pool: string): string => `${PREFIX}:${pool}:workers`;

/** It was found without a lock once. */
export const isLost = (job: Job): boolean => job.stalledCounter > 0 || Boolean(job.deferredFailure);

interface PoolOptions {
  readonly clock: Clock;
  /** Not to be blocked. */
  readonly redis: Redis;
  readonly markers: RedisMarkers;
  /** How long a worker has an order without renewing its lease; milliseconds. */
  readonly leaseMs: number;
  readonly pool: string;
  readonly worker: string;
  readonly onProblem?: (message: string) => void;
}

/** Before a pool that has refused is asked again. */
const AGAIN_MS = 1_000;

interface Taken {
  readonly job: Job;
  readonly token: string;
}

/** A worker's place at a pool of Redis. */
export class RedisPool implements ServedPool {
  readonly #taker: Worker;
  readonly #options: PoolOptions;
  #taken = 0;
  /** When it has said last that it serves, by the monotonic clock. */
  #presentAt = Number.NEGATIVE_INFINITY;
  #next: Promise<Taken | undefined> | undefined;
  #isAwaited = false;
  readonly #closed = new AbortController();

  constructor(taker: Worker, options: PoolOptions) {
    this.#taker = taker;
    this.#options = options;
  }

  get #closing(): boolean {
    return this.#closed.signal.aborted;
  }

  async take(signal: AbortSignal): Promise<Lease | undefined> {
    while (!signal.aborted && !this.#closing) {
      const taken = await this.#nextOrNone(signal);
      if (taken) return this.#lease(taken.job, taken.token);
    }
    return undefined;
  }

  /** The next one; undefined as soon as the signal aborts. */
  async #nextOrNone(signal: AbortSignal): Promise<Taken | undefined> {
    let stop = () => {};
    const aborted = new Promise<undefined>(resolve => {
      stop = () => {
        this.#isAwaited = false;
        resolve(undefined);
      };
      signal.addEventListener('abort', stop);
    });
    this.#isAwaited = true;
    this.#next ??= this.#fetch();
    try {
      return await Promise.race([this.#next, aborted]);
    } finally {
      this.#isAwaited = false;
      signal.removeEventListener('abort', stop);
    }
  }

  async close(): Promise<void> {
    this.#closed.abort();
    const next = this.#next;
    const { pool, worker, redis, markers } = this.#options;
    if (redis.status === 'ready') await this.#within(redis.zrem(workersOf(pool), worker)).catch(() => {}); // it runs out
    markers.stop(pool);
    await this.#taker.close(true);
    if (redis.status === 'ready') await next?.catch(() => {});
  }

  /** Asking Redis for a job takes a while to end: what comes when nobody waits any more goes back. */
  async #fetch(): Promise<Taken | undefined> {
    try {
      const taken = await this.#nextOf();
      if (!taken || this.#isAwaited) return taken;
      await taken.job.moveToWait(taken.token);
      return undefined;
    } finally {
      this.#next = undefined;
    }
  }

  /** A job that can be carried out. undefined: it is being closed. */
  async #nextOf(): Promise<Taken | undefined> {
    const { pool, worker, markers, clock } = this.#options;
    while (!this.#closing) {
      try {
        await this.present();
        this.#taken += 1;
        const token = `${worker}:${this.#taken}`;
        const job = await this.#taker.getNextJob(token, { block: false });
        if (!job) await markers.wait(pool);
        else if (isLost(job)) await job.moveToFailed(new Error('its worker was lost'), token);
        else return { job, token };
      } catch (error) {
        // Redis is full, say, or an order can't be read: that one is lost once its lease is over.
        if (!this.#closing) this.#options.onProblem?.(`no order can be taken: ${textOfThrown(error)}`);
        await sleep(clock, AGAIN_MS, this.#closed.signal).catch(() => {}); // closed
      }
    }
    return undefined;
  }

  /** It counts as a worker of its pool for as long as two leases, and says so again after half of one. */
  async present(): Promise<void> {
    const { pool, worker, leaseMs, clock, redis } = this.#options;
    const now = clock.monotonic();
    if (now - this.#presentAt < leaseMs / 2) return;
    await SERVING.run(redis, workersOf(pool), worker, 2 * leaseMs);
    this.#presentAt = now;
  }

  #lease(job: Job, token: string): Lease {
    const { leaseMs } = this.#options;
    return {
      key: job.id ?? '',
      note: String(job.data),
      renew: async () => {
        const [held] = await this.#within(Promise.all([job.extendLock(token, leaseMs), this.present()]));
        return held === 1;
      },
      giveBack: async () => {
        try {
          await this.#within(job.moveToCompleted(null, token, false));
          return true;
        } catch (error) {
          const held = await this.#within(job.extendLock(token, leaseMs));
          if (held === 1) throw error;
          return false;
        }
      },
    };
  }

  /** Half a lease is the longest that an answer may take. */
  #within<T>(answer: Promise<T>): Promise<T> {
    const { clock, leaseMs } = this.#options;
    return new Promise<T>((resolve, reject) => {
      const timer = clock.setTimeout(() => reject(new Error('no answer from Redis')), leaseMs / 2);
      answer.then(resolve, reject).finally(() => clock.clearTimeout(timer));
    });
  }
}
