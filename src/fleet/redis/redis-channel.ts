import type { Redis } from 'ioredis';
import {
  type BlobName,
  blobName,
  type Channel,
  type NumberedText,
  type Position,
  type Report,
  type ReportAnswer,
  type Told,
  type Writer,
} from '../channel.ts';
import { type ConnectionEvents, connectTo, disconnect, PREFIX, RETENTION_MS } from './connection.ts';
import type { RedisAddress } from './redis-address.ts';
import { FENCE, REPORT } from './scripts.ts';

export interface RedisChannelOptions extends ConnectionEvents {
  readonly redis: RedisAddress;
  /** How many reports of a group are kept that it has not forgotten. Default: 50,000. */
  readonly bound?: number;
  /** How long what nobody deletes is kept; milliseconds. Default: 7 days. */
  readonly retentionMs?: number;
}

const DAY_MS = 86_400_000;
const MOST_TOLD = 10_000;
const MOST_READ = 1_000;
const PIECE_BYTES = 1_048_576;
const LONGEST_WAIT_MS = 5_000;

/** Channels on Redis: what is reported to a group is one stream, what a worker is told another. */
export class RedisChannel implements Channel {
  readonly #options: RedisChannelOptions & Required<Pick<RedisChannelOptions, 'bound' | 'retentionMs'>>;
  readonly #redis: Redis;
  readonly #readers = new Set<Redis>();

  constructor(options: RedisChannelOptions) {
    this.#options = { bound: 50_000, retentionMs: RETENTION_MS, ...options };
    this.#redis = connectTo(options.redis, { ...options, pipelines: true });
  }

  /** Whether Redis can be asked now. */
  get isConnected(): boolean {
    return this.#redis.status === 'ready';
  }

  async report({ group, session, epoch }: Writer, reports: readonly NumberedText[]): Promise<ReportAnswer> {
    const keys = keysOf(group);
    const [{ n: first } = { n: 1 }] = reports;
    const texts = reports.map(({ text }) => text);
    const { bound, retentionMs } = this.#options;
    const named = [keys.reports, keys.fences, keys.heard, keys.ended];
    const args = [session, epoch, first, bound, retentionMs, ...texts];
    const answer = await REPORT.run(this.#redis, ...named, ...args);
    if (answer === 'kept' || answer === 'fenced' || answer === 'full') return { kind: answer };
    return { kind: 'gap', last: Number(answer) };
  }

  async fence({ group, session, epoch }: Writer): Promise<void> {
    const { reports, fences, heard } = keysOf(group);
    await FENCE.run(this.#redis, reports, fences, heard, session, epoch, this.#options.retentionMs);
  }

  async *reports(
    group: string,
    after: Position | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Report[]> {
    for await (const entries of this.#read(keysOf(group).reports, after ?? '0', signal)) {
      yield entries.map(([position, { s = '', e, n, t = '' }]) => ({
        ...{ session: s, epoch: Number(e), n: Number(n), text: t, position },
      }));
    }
  }

  async forget(group: string, upTo: Position): Promise<void> {
    await this.#redis.xtrim(keysOf(group).reports, 'MINID', nextAfter(upTo));
  }

  async tell(worker: string, texts: readonly string[]): Promise<void> {
    const stream = controlsOf(worker);
    const all = this.#redis.multi();
    for (const text of texts) all.xadd(stream, 'MAXLEN', '~', MOST_TOLD, '*', 't', text);
    for (const [error] of (await all.pexpire(stream, DAY_MS).exec()) ?? []) if (error) throw error;
  }

  async *told(
    worker: string,
    after: Position | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Told[]> {
    const stream = controlsOf(worker);
    for await (const entries of this.#read(stream, after ?? '0', signal)) {
      yield entries.map(([position, { t = '' }]) => ({ text: t, position }));
    }
  }

  async put(group: string, bytes: Uint8Array): Promise<BlobName> {
    const name = blobName(bytes);
    const key = keysOf(group).blob(name);
    const all = this.#redis.multi();
    const [first = '', ...more] = pieces(bytes);
    all.hset(key, 'length', bytes.length, '0', first);
    for (const [i, piece] of more.entries()) all.hset(key, String(i + 1), piece);
    all.pexpire(key, this.#options.retentionMs);
    for (const [error] of (await all.exec()) ?? []) if (error) throw error;
    return name;
  }

  async get(group: string, name: BlobName): Promise<Uint8Array | undefined> {
    const key = keysOf(group).blob(name);
    const [length, first] = await this.#redis.hmgetBuffer(key, 'length', '0');
    if (!length) return undefined;
    const found = [first ?? Buffer.alloc(0)];
    for (let i = 1; i * PIECE_BYTES < Number(length); i += 1) {
      const piece = await this.#redis.hgetBuffer(key, String(i));
      if (piece) found.push(piece);
    }
    const bytes = Buffer.concat(found);
    return blobName(bytes) === name ? bytes : undefined;
  }

  async end(group: string): Promise<void> {
    const { reports, fences, heard, ended, blob } = keysOf(group);
    await this.#redis.set(ended, 1, 'PX', this.#options.retentionMs);
    await this.#redis.unlink(reports, fences, heard);
    let cursor = '0';
    do {
      const [next, found] = await this.#redis.scan(cursor, 'MATCH', blob('*'), 'COUNT', 1_000);
      if (found.length > 0) await this.#redis.unlink(...found);
      cursor = next;
    } while (cursor !== '0');
  }

  async hasEnded(group: string): Promise<boolean> {
    return (await this.#redis.exists(keysOf(group).ended)) === 1;
  }

  async close(): Promise<void> {
    await Promise.all([this.#redis, ...this.#readers].map(disconnect));
  }

  /** On a connection of its own, because it blocks. */
  async *#read(stream: string, after: Position, signal: AbortSignal): AsyncGenerator<Entry[]> {
    if (signal.aborted) return;
    const redis = connectTo(this.#options.redis, this.#options);
    this.#readers.add(redis);
    let stop = () => {};
    const stopped = new Promise<undefined>(resolve => {
      stop = () => {
        redis.disconnect();
        resolve(undefined); // what waits for a Redis that is away hears nothing of that
      };
    });
    signal.addEventListener('abort', stop);
    let position = after;
    try {
      while (!signal.aborted) {
        const entries = await Promise.race([read(redis, stream, position), stopped]);
        const last = entries?.at(-1);
        if (!entries || !last) continue;
        [position] = last;
        yield entries;
      }
    } catch (error) {
      if (!signal.aborted && this.#readers.has(redis) && redis.status !== 'end') throw error;
    } finally {
      signal.removeEventListener('abort', stop);
      this.#readers.delete(redis);
      await disconnect(redis);
    }
  }
}

type Entry = readonly [Position, Readonly<Record<string, string>>];

async function read(redis: Redis, stream: string, after: Position): Promise<Entry[]> {
  const found = await redis.xread('COUNT', MOST_READ, 'BLOCK', LONGEST_WAIT_MS, 'STREAMS', stream, after);
  const [first] = found ?? [];
  return (first?.[1] ?? []).map(([id, fields]) => [id, record(fields)]);
}

function record(fields: readonly string[]): Record<string, string> {
  const names = fields.filter((_, i) => i % 2 === 0);
  return Object.fromEntries(names.map((name, i) => [name, fields[2 * i + 1] ?? '']));
}

function keysOf(group: string) {
  const top = `${PREFIX}:{${group}}`;
  return {
    reports: `${top}:reports`,
    fences: `${top}:fences`,
    heard: `${top}:heard`,
    ended: `${top}:ended`,
    blob: (name: string) => `${top}:blob:${name}`,
  };
}

const controlsOf = (worker: string): string => `${PREFIX}:controls:${worker}`;

/** Stream ids are two numbers: the smallest one after this. */
function nextAfter(position: Position): Position {
  const [time = '0', number = '0'] = position.split('-');
  return `${time}-${BigInt(number) + 1n}`;
}

function pieces(bytes: Uint8Array): Buffer[] {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Array.from({ length: Math.ceil(all.length / PIECE_BYTES) }, (_, i) =>
    all.subarray(i * PIECE_BYTES, (i + 1) * PIECE_BYTES),
  );
}
