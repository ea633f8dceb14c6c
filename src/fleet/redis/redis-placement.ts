import { createRedisBackend, Job, Queue, Worker } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Clock } from '../../sdk/clock.ts';
import type {
  Closable,
  PlacedOrder,
  Placement,
  PlacementNews,
  PlacementStanding,
  ServedPool,
} from '../placement.ts';
import { type ConnectionEvents, connectTo, disconnect, PREFIX, RETENTION_MS } from './connection.ts';
import type { RedisAddress } from './redis-address.ts';
import { RedisMarkers } from './redis-markers.ts';
import { RedisNews } from './redis-news.ts';
import { isLost, RedisPool, workersOf } from './redis-pool.ts';
import { SERVED_BY } from './scripts.ts';

export interface RedisPlacementOptions extends ConnectionEvents {
  readonly redis: RedisAddress;
  readonly clock: Clock;
  /** How long a worker has an order without renewing its lease; milliseconds. */
  readonly leaseMs: number;
}

/** For an order, until a worker looks whether it has missed one. */
const LONGEST_WAIT_MS = 10_000;
/** What no group forgets, because it was killed or deleted. */
const KEPT = { removeOnComplete: { age: RETENTION_MS / 1_000 }, removeOnFail: { age: RETENTION_MS / 1_000 } };
/** Between two looks for leases that are over. */
const LONGEST_CHECK_MS = 2_000;

/**
 * Placement by BullMQ: an order is a job that is tried once, and a lease its lock. A job whose lock has run out goes back to
 * its queue, marked, and BullMQ would fail it when the next worker takes it; here it counts as lost from the mark on.
 */
export class RedisPlacement implements Placement {
  readonly #options: RedisPlacementOptions;
  readonly #redis: Redis;
  readonly #queues = new Map<string, Queue>();
  readonly #open = new Set<Closable>();
  readonly #news: RedisNews;
  readonly #markers: RedisMarkers;

  constructor(options: RedisPlacementOptions) {
    const { redis, leaseMs, clock } = options;
    this.#options = options;
    this.#redis = connectTo(redis, { ...options, pipelines: true });
    const reading = { asked: this.#redis, connect: () => connectTo(redis, options), clock };
    this.#news = new RedisNews(reading);
    this.#markers = new RedisMarkers({ ...reading, longestWaitMs: Math.min(leaseMs / 2, LONGEST_WAIT_MS) });
  }

  async place({ key, pool }: PlacedOrder, note: string): Promise<void> {
    await this.#queue(pool).add('attempt', note, { jobId: key, attempts: 1, ...KEPT });
  }

  async takeBack({ key, pool }: PlacedOrder): Promise<boolean> {
    const job = await this.#jobOf({ key, pool });
    if (!job || (await standingOf(job)) !== 'waiting') return false;
    try {
      await job.remove();
      return true;
    } catch (error) {
      if ((await this.standing({ key, pool })).kind === 'placed') return false; // a worker was faster
      throw error;
    }
  }

  async standing({ key, pool }: PlacedOrder): Promise<PlacementStanding> {
    const job = await this.#jobOf({ key, pool });
    const kind = job ? await standingOf(job) : 'unknown';
    if (kind === 'placed') return { kind, worker: job?.processedBy ?? '' };
    if (kind !== 'waiting') return { kind };
    const queue = `${PREFIX}:${pool}:wait`;
    const [place, length, workers] = await Promise.all([
      this.#redis.lpos(queue, key),
      this.#redis.llen(queue),
      SERVED_BY.run(this.#redis, workersOf(pool)),
    ]);
    return { kind, ahead: place === null ? 0 : Math.max(0, length - 1 - place), workers: Number(workers) };
  }

  async leases(orders: readonly PlacedOrder[]): Promise<readonly number[]> {
    const all = this.#redis.pipeline();
    for (const { key, pool } of orders) all.pttl(`${PREFIX}:${pool}:${key}:lock`);
    return ((await all.exec()) ?? []).map(([, left]) => Math.max(0, Number(left)));
  }

  async watch(pool: string, listener: (news: PlacementNews) => void): Promise<Closable> {
    const checker = this.#worker(pool, 'checker');
    const watched = await this.#news.watch(pool, listener);
    await checker.startStalledCheckTimer();
    return this.#opened(async () => {
      await Promise.all([watched.close(), checker.close(true)]);
    });
  }

  async forget({ key, pool }: PlacedOrder): Promise<boolean> {
    return (await this.#queue(pool).remove(key)) === 1 || (await this.#jobOf({ key, pool })) === undefined;
  }

  async serve(pool: string, worker: string): Promise<ServedPool> {
    const taker = this.#worker(pool, worker);
    const place = { redis: this.#redis, markers: this.#markers, pool, worker };
    const served = new RedisPool(taker, { ...this.#options, ...place });
    const closing = this.#opened(() => served.close()); // also while it waits for Redis
    await taker.waitUntilReady();
    await served.present().catch(() => {}); // it says so again with each order that it takes
    return { take: signal => served.take(signal), close: () => closing.close() };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map(opened => opened.close()));
    await this.#markers.close();
    await Promise.all([...this.#queues.values()].map(queue => queue.close()));
    await disconnect(this.#redis);
  }

  #queue(pool: string): Queue {
    const known = this.#queues.get(pool);
    if (known) return known;
    const queue = new Queue(pool, { connection: this.#redis, prefix: PREFIX });
    queue.on('error', () => {});
    this.#queues.set(pool, queue);
    return queue;
  }

  async #jobOf({ key, pool }: PlacedOrder): Promise<Job | undefined> {
    return (await Job.fromId(this.#queue(pool), key)) ?? undefined;
  }

  /** Without a connection of its own: it is never asked to wait for a job. */
  #worker(pool: string, name: string): Worker {
    const { leaseMs } = this.#options;
    const options = {
      ...{ connection: this.#redis, name, prefix: PREFIX, autorun: false },
      ...{ lockDuration: leaseMs, maxStalledCount: 0 },
      stalledInterval: Math.min(leaseMs / 4, LONGEST_CHECK_MS),
    };
    const worker = new Worker(pool, null, options, (queue, given) => createRedisBackend(queue, given));
    worker.on('error', () => {});
    return worker;
  }

  #opened(close: () => Promise<void>): Closable {
    let closing: Promise<void> | undefined;
    const opened: Closable = {
      close: () => {
        this.#open.delete(opened);
        closing ??= close();
        return closing;
      },
    };
    this.#open.add(opened);
    return opened;
  }
}

/** A job that has been found without a lock is lost, wherever it is. */
async function standingOf(job: Job): Promise<PlacementStanding['kind']> {
  if (isLost(job)) return 'lost';
  switch (await job.getState()) {
    case 'active':
      return 'placed';
    case 'completed':
      return 'returned';
    case 'failed':
      return 'lost';
    case 'unknown':
      return 'unknown';
    default:
      return 'waiting';
  }
}
