import type { Clock } from '../sdk/clock.ts';
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
} from './channel.ts';
import { GrowingList } from './growing-list.ts';
import type {
  Closable,
  Lease,
  PlacedOrder,
  Placement,
  PlacementNews,
  PlacementStanding,
  ServedPool,
} from './placement.ts';

/** Placement within one process, for tests and simulations; leases end by the clock. */
export class MemoryPlacement implements Placement {
  readonly #clock: Clock;
  readonly #leaseMs: number;
  readonly #orders = new Map<string, Placed>();
  readonly #pools = new Map<string, Pool>();

  constructor({ clock, leaseMs }: { readonly clock: Clock; readonly leaseMs: number }) {
    this.#clock = clock;
    this.#leaseMs = leaseMs;
  }

  async place({ key, pool }: PlacedOrder, note: string): Promise<void> {
    if (this.#orders.has(key)) return;
    this.#orders.set(key, { kind: 'waiting', note });
    this.#pool(pool).wait(key);
  }

  async takeBack({ key, pool }: PlacedOrder): Promise<boolean> {
    if (this.#orders.get(key)?.kind !== 'waiting') return false;
    this.#pool(pool).drop(key);
    return this.#orders.delete(key);
  }

  async standing({ key, pool }: PlacedOrder): Promise<PlacementStanding> {
    const { kind = 'unknown', worker = '' } = this.#orders.get(key) ?? {};
    if (kind === 'placed') return { kind, worker };
    if (kind !== 'waiting') return { kind };
    const { waiting, workers } = this.#pool(pool);
    return { kind, ahead: waiting.indexOf(key), workers: workers.size };
  }

  async leases(orders: readonly PlacedOrder[]): Promise<readonly number[]> {
    const now = this.#clock.monotonic();
    return orders.map(({ key }) => Math.max(0, (this.#orders.get(key)?.until ?? 0) - now));
  }

  async watch(pool: string, listener: (news: PlacementNews) => void): Promise<Closable> {
    const { listeners } = this.#pool(pool);
    listeners.add(listener);
    return { close: async () => void listeners.delete(listener) };
  }

  async forget({ key, pool }: PlacedOrder): Promise<boolean> {
    if (this.#orders.get(key)?.kind === 'placed') return false;
    this.#pool(pool).drop(key);
    this.#orders.delete(key);
    return true;
  }

  async serve(name: string, worker: string): Promise<ServedPool> {
    const pool = this.#pool(name);
    pool.workers.add(worker);
    return {
      take: async signal => {
        const key = await pool.next(signal);
        return key === undefined ? undefined : this.#lease(key, worker, pool);
      },
      close: async () => void pool.workers.delete(worker),
    };
  }

  async close(): Promise<void> {
    this.#pools.clear();
  }

  #lease(key: string, worker: string, pool: Pool): Lease {
    const { note = '' } = this.#orders.get(key) ?? {};
    let timer: unknown;
    const end = (kind: 'returned' | 'lost') => {
      this.#clock.clearTimeout(timer);
      this.#orders.set(key, { kind, note });
      pool.tell({ kind, key });
    };
    const begin = () => {
      const until = this.#clock.monotonic() + this.#leaseMs;
      this.#orders.set(key, { kind: 'placed', worker, note, until });
      this.#clock.clearTimeout(timer);
      timer = this.#clock.setTimeout(() => end('lost'), this.#leaseMs);
    };
    const isHeld = () => this.#orders.get(key)?.kind === 'placed';
    begin();
    pool.tell({ kind: 'placed', key });
    return {
      key,
      note,
      renew: async () => {
        if (!isHeld()) return false;
        begin();
        return true;
      },
      giveBack: async () => {
        if (!isHeld()) return false;
        end('returned');
        return true;
      },
    };
  }

  #pool(name: string): Pool {
    const pool = this.#pools.get(name) ?? new Pool();
    this.#pools.set(name, pool);
    return pool;
  }
}

interface Placed {
  readonly kind: 'waiting' | 'placed' | 'returned' | 'lost';
  readonly note: string;
  readonly worker?: string;
  /** When its lease ends, by the monotonic clock. */
  readonly until?: number;
}

class Pool {
  readonly waiting: string[] = [];
  readonly workers = new Set<string>();
  readonly listeners = new Set<(news: PlacementNews) => void>();
  readonly #takers: ((key: string) => void)[] = [];

  wait(key: string): void {
    const taker = this.#takers.shift();
    if (taker) taker(key);
    else this.waiting.push(key);
  }

  drop(key: string): void {
    const at = this.waiting.indexOf(key);
    if (at >= 0) this.waiting.splice(at, 1);
  }

  next(signal: AbortSignal): Promise<string | undefined> {
    if (signal.aborted) return Promise.resolve(undefined);
    const key = this.waiting.shift();
    if (key !== undefined) return Promise.resolve(key);
    return new Promise(resolve => {
      const stop = () => {
        const at = this.#takers.indexOf(take);
        if (at >= 0) this.#takers.splice(at, 1);
        resolve(undefined);
      };
      const take = (taken: string) => {
        signal.removeEventListener('abort', stop);
        resolve(taken);
      };
      this.#takers.push(take);
      signal.addEventListener('abort', stop, { once: true });
    });
  }

  tell(news: PlacementNews): void {
    for (const listener of this.listeners) listener(news);
  }
}

/** A channel within one process. */
export class MemoryChannel implements Channel {
  readonly #bound: number;
  readonly #groups = new Map<string, GroupChannel>();
  readonly #told = new Map<string, GrowingList<string>>();
  readonly #ended = new Set<string>();

  constructor({ bound = 50_000 }: { readonly bound?: number } = {}) {
    this.#bound = bound;
  }

  async report({ group, session, epoch }: Writer, texts: readonly NumberedText[]): Promise<ReportAnswer> {
    if (this.#ended.has(group)) return { kind: 'fenced' };
    const { fences, heard, reports } = this.#group(group);
    if (epoch < (fences.get(session) ?? 0)) return { kind: 'fenced' };
    const writer = `${session}:${epoch}`;
    const last = heard.get(writer) ?? 0;
    const [{ n: first } = { n: 1 }] = texts;
    if (first > last + 1) return { kind: 'gap', last };
    const more = texts.slice(last - first + 1);
    if (more.length === 0) return { kind: 'kept' };
    if (reports.kept + more.length > this.#bound) return { kind: 'full' };
    fences.set(session, epoch);
    heard.set(writer, last + more.length);
    reports.add(more.map(({ n, text }) => ({ session, epoch, n, text })));
    return { kind: 'kept' };
  }

  async fence({ group, session, epoch }: Writer): Promise<void> {
    const { fences } = this.#group(group);
    fences.set(session, Math.max(epoch, fences.get(session) ?? 0));
  }

  async *reports(
    group: string,
    after: Position | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Report[]> {
    for await (const found of this.#group(group).reports.after(Number(after ?? 0), signal))
      yield found.map(({ at, item }) => ({ ...item, position: String(at) }));
  }

  async forget(group: string, upTo: Position): Promise<void> {
    this.#group(group).reports.forget(Number(upTo));
  }

  async tell(worker: string, texts: readonly string[]): Promise<void> {
    this.#tellings(worker).add(texts);
  }

  async *told(
    worker: string,
    after: Position | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<readonly Told[]> {
    const told = this.#tellings(worker);
    for await (const found of told.after(Number(after ?? 0), signal))
      yield found.map(({ at, item }) => ({ text: item, position: String(at) }));
  }

  async put(group: string, bytes: Uint8Array): Promise<BlobName> {
    const name = blobName(bytes);
    this.#group(group).blobs.set(name, Uint8Array.from(bytes));
    return name;
  }

  async get(group: string, name: BlobName): Promise<Uint8Array | undefined> {
    return this.#group(group).blobs.get(name);
  }

  async end(group: string): Promise<void> {
    this.#groups.delete(group);
    this.#ended.add(group);
  }

  async hasEnded(group: string): Promise<boolean> {
    return this.#ended.has(group);
  }

  async close(): Promise<void> {
    this.#groups.clear();
  }

  #group(group: string): GroupChannel {
    const known = this.#groups.get(group);
    if (known) return known;
    const made = { fences: new Map(), heard: new Map(), reports: new GrowingList<Item>(), blobs: new Map() };
    this.#groups.set(group, made);
    return made;
  }

  #tellings(worker: string): GrowingList<string> {
    const told = this.#told.get(worker) ?? new GrowingList<string>();
    this.#told.set(worker, told);
    return told;
  }
}

type Item = Omit<Report, 'position'>;

interface GroupChannel {
  readonly fences: Map<string, number>;
  readonly heard: Map<string, number>;
  readonly reports: GrowingList<Item>;
  readonly blobs: Map<BlobName, Uint8Array>;
}
