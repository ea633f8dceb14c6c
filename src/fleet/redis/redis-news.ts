import type { Redis } from 'ioredis';
import type { Clock } from '../../sdk/clock.ts';
import type { Closable, PlacementNews } from '../placement.ts';
import { disconnect, PREFIX } from './connection.ts';

/** Until a pool that is added is read as well, at the latest. */
const LONGEST_WAIT_MS = 2_000;
const REFUSED_MS = 1_000;
/** After news: what comes meanwhile is read at once, and nobody waits for it. */
const BETWEEN_MS = 50;
const MOST_READ = 1_000;

/** What BullMQ writes down of its jobs, as far as anybody wants to hear of it. */
const KINDS: Readonly<Record<string, Exclude<PlacementNews['kind'], 'reconnected'>>> = {
  active: 'placed',
  completed: 'returned',
  stalled: 'lost',
};

type Listener = (news: PlacementNews) => void;

/** A pool's stream of events, as far as it has been read. */
interface Watched {
  position: string;
  readonly listeners: Set<Listener>;
}

interface NewsOptions {
  /** It is never blocked. */
  readonly asked: Redis;
  /** Makes the connection that is. */
  readonly connect: () => Redis;
  readonly clock: Clock;
}

/** What becomes of the orders of any number of pools, read on one connection, which is there while somebody listens. */
export class RedisNews {
  readonly #options: NewsOptions;
  /** By stream. */
  readonly #watched = new Map<string, Watched>();
  #reader: Redis | undefined;

  constructor(options: NewsOptions) {
    this.#options = options;
  }

  /** Once it resolves, nothing is missed. */
  async watch(pool: string, listener: Listener): Promise<Closable> {
    const stream = `${PREFIX}:${pool}:events`;
    const [last] = await this.#options.asked.xrevrange(stream, '+', '-', 'COUNT', 1);
    const watched = this.#watched.get(stream) ?? { position: last?.[0] ?? '0', listeners: new Set() };
    const own: Listener = news => listener(news);
    watched.listeners.add(own);
    this.#watched.set(stream, watched);
    if (!this.#reader) void this.#read();
    return {
      close: async () => {
        watched.listeners.delete(own);
        if (watched.listeners.size === 0) this.#watched.delete(stream);
        if (this.#watched.size > 0 || !this.#reader) return;
        const reader = this.#reader;
        this.#reader = undefined;
        await disconnect(reader);
      },
    };
  }

  async #read(): Promise<void> {
    const { connect } = this.#options;
    const reader = connect();
    this.#reader = reader;
    reader.once('ready', () => reader.on('ready', () => this.#tellAll({ kind: 'reconnected' })));
    while (this.#reader === reader) {
      const [streams, all] = [[...this.#watched.keys()], [...this.#watched.values()]];
      const positions = all.map(({ position }) => position);
      const reading = reader.xread(
        ...(['COUNT', MOST_READ, 'BLOCK', LONGEST_WAIT_MS, 'STREAMS'] as const),
        ...[...streams, ...positions],
      );
      const found = await reading.catch(() => 'refused' as const);
      if (this.#reader !== reader || !found) continue;
      if (found !== 'refused') for (const [stream, entries] of found) this.#heard(stream, entries);
      await this.#pause(found === 'refused' ? REFUSED_MS : BETWEEN_MS);
    }
  }

  #pause(ms: number): Promise<void> {
    return new Promise(resolve => this.#options.clock.setTimeout(resolve, ms));
  }

  #heard(stream: string, entries: readonly (readonly [string, readonly string[]])[]): void {
    const watched = this.#watched.get(stream);
    for (const [id, fields] of entries) {
      if (watched) watched.position = id;
      const kind = KINDS[fieldOf(fields, 'event') ?? ''];
      const key = kind && fieldOf(fields, 'jobId');
      if (kind && key !== undefined) for (const tell of watched?.listeners ?? []) tell({ kind, key });
    }
  }

  #tellAll(news: PlacementNews): void {
    for (const { listeners } of this.#watched.values()) for (const tell of listeners) tell(news);
  }
}

function fieldOf(fields: readonly string[], name: string): string | undefined {
  const at = fields.indexOf(name);
  return at < 0 ? undefined : fields[at + 1];
}
