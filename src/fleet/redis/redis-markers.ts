import { randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../../sdk/clock.ts';
import { disconnect, PREFIX } from './connection.ts';

/** BullMQ's sign that a pool has an order: one worker takes it away, looks, and puts it back if it has found one. */
const markerOf = (pool: string): string => `${PREFIX}:${pool}:marker`;

/** How long a key that wakes may outlive its worker. */
const WAKING_MS = 60_000;
const REFUSED_MS = 1_000;

interface MarkersOptions {
  /** It is never blocked. */
  readonly asked: Redis;
  /** Makes the connection that is. */
  readonly connect: () => Redis;
  readonly clock: Clock;
  /** For a marker: whoever waits looks then whether one was lost. */
  readonly longestWaitMs: number;
}

/** Waits for orders of any number of pools, on one connection. */
export class RedisMarkers {
  readonly #options: MarkersOptions;
  readonly #wake = `${PREFIX}:wake:${randomUUID()}`;
  /** By marker. */
  readonly #waiting = new Map<string, (() => void)[]>();
  /** What it is blocked by. */
  #blocked: ReadonlySet<string> | undefined;
  #reader: Redis | undefined;
  #isReading = false;
  #isClosed = false;

  constructor(options: MarkersOptions) {
    this.#options = options;
  }

  /** Resolves when the pool may have an order: it has to be looked for then. */
  wait(pool: string): Promise<void> {
    const marker = markerOf(pool);
    return new Promise(resolve => {
      this.#waiting.set(marker, [...(this.#waiting.get(marker) ?? []), resolve]);
      if (!this.#isReading) void this.#read();
      else if (this.#blocked && !this.#blocked.has(marker)) void this.#unblock();
    });
  }

  /** Whoever waits goes on. */
  stop(pool: string): void {
    this.#go(markerOf(pool));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const marker of this.#waiting.keys()) this.#go(marker);
    if (this.#reader) await disconnect(this.#reader);
  }

  async #read(): Promise<void> {
    const { asked, connect, longestWaitMs } = this.#options;
    this.#isReading = true;
    this.#reader ??= connect();
    await new Promise(resolve => setImmediate(resolve)); // others begin to wait in the same turn
    while (this.#waiting.size > 0 && !this.#isClosed) {
      const markers = [...this.#waiting.keys()];
      this.#blocked = new Set(markers);
      const waiting = this.#reader.bzpopmin(...markers, this.#wake, longestWaitMs / 1_000);
      const found = await waiting.catch(() => this.#later());
      this.#blocked = undefined;
      const [marker] = found ?? [];
      if (marker === undefined) for (const one of markers) this.#go(one);
      else if (marker !== this.#wake && !this.#go(marker)) await asked.zadd(marker, 0, '0').catch(() => {}); // others look before long
    }
    this.#isReading = false;
  }

  /** Redis has refused: whoever waits looks, but not at once. */
  async #later(): Promise<undefined> {
    const { clock } = this.#options;
    if (!this.#isClosed) await new Promise<void>(resolve => clock.setTimeout(resolve, REFUSED_MS));
  }

  /** False: nobody waits for it any more. */
  #go(marker: string): boolean {
    const waiting = this.#waiting.get(marker) ?? [];
    this.#waiting.delete(marker);
    for (const go of waiting) go();
    return waiting.length > 0;
  }

  /** It goes on with all that are waited for. */
  async #unblock(): Promise<void> {
    const all = this.#options.asked.multi().zadd(this.#wake, 0, '0').pexpire(this.#wake, WAKING_MS);
    await all.exec().catch(() => {}); // it goes on before long
  }
}
