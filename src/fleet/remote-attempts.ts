import { randomUUID } from 'node:crypto';
import type { Clock } from '../sdk/clock.ts';
import type { ForgottenSession, KnownAttempt } from '../sdk/group/attempt/executor/executor.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import type { Position, Report } from './channel.ts';
import { OverOrders } from './over-orders.ts';
import type { Closable, PlacedOrder, PlacementNews } from './placement.ts';
import { controlText, noteText, orderBytes, readWorkerReport } from './protocol.ts';
import { readOn } from './read-on.ts';
import { isOver, RemoteAttempt, type RemoteAttemptOptions, type RemoteEvent } from './remote-attempt.ts';
import { ReportOutbox } from './report-outbox.ts';
import { attemptsAt } from './trees/step-sender.ts';

export type { RemoteEvent } from './remote-attempt.ts';

export interface RemoteAttemptsOptions extends RemoteAttemptOptions {
  readonly clock: Clock;
  readonly group: string;
  readonly pool: string;
  /**
   * Resolves once everything that was journalled so far is written; undefined: it is. Then a report is forgotten once that is so,
   * and an end once `done` was called. Default: they are forgotten when they have been heard.
   */
  readonly written?: () => Promise<void> | undefined;
}

/** What is ordered, and where it waits. */
interface Ordered {
  readonly session: string;
  readonly epoch: number;
  readonly kind: 'attempt' | 'step';
  /** What it says; it may be made, and parts of it stored, once it is placed. */
  readonly bytes: () => Promise<Uint8Array> | Uint8Array;
  readonly pool: string;
}

const NOTHING = () => {};

/** Texts that are carried along are blobs of their own, each kept once for all orders. */
async function stored(
  order: AttemptOrder,
  put: (bytes: Uint8Array) => Promise<string>,
): Promise<AttemptOrder> {
  if (!order.results) return order;
  const results: [string, string][] = [];
  for (const [name, text] of Object.entries(order.results))
    results.push([name, await put(Buffer.from(text))]);
  return { ...order, results: Object.fromEntries(results) };
}

/** Between two questions to a placement that has not answered. */
const AGAIN_MS = 1_000;

/**
 * The attempts of one group that work elsewhere, seen from the group.
 *
 * REMOTE-1 of an attempt, nothing follows its end, its loss, its return or its refusal, and one of these always comes.
 * REMOTE-2 what it reports comes in order, each once; a report of another attempt of the session than the latest is left out.
 * REMOTE-3 before an attempt is placed, all earlier ones of its session are fenced.
 * REMOTE-4 what an attempt had reported before it was lost is heard first: its end counts.
 * REMOTE-5 of one that is taken over, what it has reported since is heard; if it has ended without a word, or was never placed,
 *    it is lost. Those that are to be heard are taken over before the first of them is heard: in one turn.
 * REMOTE-6 the order of one that is over is forgotten once its end is journalled and no worker has it.
 */
export class RemoteAttempts {
  readonly #options: RemoteAttemptsOptions;
  readonly #live = new Map<string, RemoteAttempt>();
  readonly #reading = new AbortController();
  /** What the group says to itself: once it hears that, it has heard all that was reported before. */
  readonly #marks: ReportOutbox;
  readonly #marker = `~${randomUUID()}`;
  readonly #marked: (() => void)[] = [];
  readonly #timers = new Set<unknown>();
  /** By pool. */
  readonly #watches = new Map<string, Promise<Closable>>();
  readonly #orders: OverOrders;
  #read: Promise<void> | undefined;
  #forgetting = Promise.resolve();
  /** What is forgotten next. */
  #forgettable: { readonly upTo: Position; readonly ended: readonly RemoteAttempt[] } | undefined;

  constructor(options: RemoteAttemptsOptions) {
    this.#options = options;
    const writer = { group: options.group, session: this.#marker, epoch: 1 };
    this.#orders = new OverOrders(options);
    this.#marks = new ReportOutbox({ ...options, writer, onCutOff: () => this.#mark() });
  }

  /** Orders an attempt. Events come in a later turn. */
  open(order: AttemptOrder, sink: (event: RemoteEvent) => void): RemoteAttempt {
    const { sessionId: session, attempt: epoch, tree, place = tree?.at } = order;
    const { group, channel } = this.#options;
    const bytes = async () => orderBytes(await stored(order, text => channel.put(group, text)));
    const pool = this.#poolOf(place);
    return this.#order({ session, epoch, kind: 'attempt', bytes, pool }, sink);
  }

  /** Orders a step: it is followed like an attempt, and its answer is the result of its end. */
  openStep(
    { bytes, ...step }: Omit<Ordered, 'kind' | 'bytes'> & { readonly bytes: Uint8Array },
    sink: (event: RemoteEvent) => void,
  ): RemoteAttempt {
    return this.#order({ ...step, kind: 'step', bytes: () => bytes }, sink);
  }

  #order({ session, epoch, kind, bytes, pool }: Ordered, sink: (event: RemoteEvent) => void): RemoteAttempt {
    const { group, placement, channel } = this.#options;
    const key = this.#keyOf(session, epoch);
    const writer = { group, session, epoch };
    const watch = this.#begin(pool);
    const stored = async () => channel.put(group, await bytes());
    const place = async () => {
      const fenced = epoch > 1 ? channel.fence(writer) : undefined; // before the first, there is none
      const [name] = await Promise.all([stored(), fenced, watch]);
      await placement.place({ key, pool }, noteText({ ...writer, kind, order: name }));
    };
    return this.#follow({ key, pool }, { placed: place() }, sink);
  }

  /** Takes over an attempt that another has ordered. Events come in a later turn. */
  adopt(
    { sessionId, attempt, after, worker, at }: KnownAttempt,
    sink: (event: RemoteEvent) => void,
  ): RemoteAttempt {
    const pool = this.#poolOf(at);
    const watch = this.#begin(pool);
    const order = { key: this.#keyOf(sessionId, attempt), pool };
    const placed = watch.then(NOTHING, NOTHING); // whoever looks finds out
    const adopted = this.#follow(order, { placed, after, worker }, sink);
    void this.#look(adopted, true);
    return adopted;
  }

  /** Deletes what is kept of the group, and ends what is left of it. */
  async forget(sessions: readonly ForgottenSession[]): Promise<void> {
    const { group, placement, channel } = this.#options;
    const live = sessions.flatMap(session => session.live ?? []);
    for (const { sessionId, attempt, worker } of live) {
      const key = this.#keyOf(sessionId, attempt);
      if (worker !== undefined) await channel.tell(worker, [controlText({ key, do: 'kill' })]);
    }
    await channel.end(group);
    for (const { sessionId, attempts, live } of sessions)
      for (let attempt = attempts; attempt > 0; attempt -= 1) {
        const pool = this.#poolOf(attempt === live?.attempt ? live.at : undefined);
        await placement.forget({ key: this.#keyOf(sessionId, attempt), pool });
      }
  }

  /** What it has opened goes on; nothing is heard any more. */
  async close(): Promise<void> {
    this.#live.clear();
    this.#orders.close();
    this.#reading.abort();
    this.#marks.close();
    for (const timer of this.#timers) this.#options.clock.clearTimeout(timer);
    await this.#read;
    await Promise.all([...this.#watches.values()].map(async watch => (await watch).close()));
  }

  #keyOf(session: string, epoch: number): string {
    return `${this.#options.group}.${session}.${epoch}`;
  }

  #poolOf(place: string | undefined): string {
    const { pool } = this.#options;
    return place === undefined ? pool : attemptsAt(pool, place);
  }

  #begin(pool: string): Promise<Closable> {
    this.#read ??= this.#hear();
    const watch =
      this.#watches.get(pool) ?? this.#options.placement.watch(pool, news => this.#news(news, pool));
    this.#watches.set(pool, watch);
    return watch;
  }

  #follow(
    order: PlacedOrder,
    beginning: ConstructorParameters<typeof RemoteAttempt>[1],
    sink: (event: RemoteEvent) => void,
  ): RemoteAttempt {
    const { key } = order;
    const attempt = new RemoteAttempt(order, beginning, this.#options, event => {
      if (this.#reading.signal.aborted) return;
      if (isOver(event)) {
        this.#live.delete(key);
        void this.#isOver(attempt, event);
      }
      sink(event);
    });
    this.#live.set(key, attempt);
    return attempt;
  }

  async #isOver({ order, settled }: RemoteAttempt, { type }: RemoteEvent): Promise<void> {
    if (this.#options.written) await settled;
    // Its worker gives it back after it has reported the end.
    this.#orders.over(order, type === 'event');
  }

  async #hear(): Promise<void> {
    const { channel, group, clock } = this.#options;
    const { signal } = this.#reading;
    const read = (after: Position | undefined) => channel.reports(group, after, signal);
    for await (const reports of readOn(read, clock, signal)) {
      const heard = new Set(reports.flatMap(report => this.#heard(report) ?? []));
      const last = reports.at(-1);
      if (last) this.#forgetLater(last.position, heard);
    }
  }

  /** Returns the attempt if that is over with it. */
  #heard({ session, epoch, n, text }: Report): RemoteAttempt | undefined {
    if (session === this.#marker) this.#marked.shift()?.();
    const key = this.#keyOf(session, epoch);
    const attempt = this.#live.get(key);
    const report = readWorkerReport(text);
    if (report) attempt?.heard(report, n);
    return this.#live.has(key) ? undefined : attempt;
  }

  /** With what is heard until the one before is forgotten. */
  #forgetLater(upTo: Position, ended: ReadonlySet<RemoteAttempt>): void {
    const next = this.#forgettable;
    this.#forgettable = { upTo, ended: [...(next?.ended ?? []), ...ended] };
    if (next) return;
    this.#forgetting = this.#forgetting.then(() => {
      const all = this.#forgettable;
      this.#forgettable = undefined;
      return all && this.#forget(all.upTo, all.ended);
    });
  }

  async #forget(upTo: Position, ended: readonly RemoteAttempt[]): Promise<void> {
    const { channel, group, written } = this.#options;
    try {
      if (written) {
        await Promise.all(ended.map(({ settled }) => settled));
        await written();
      }
      if (!this.#reading.signal.aborted) await channel.forget(group, upTo);
    } catch {
      // What is not written is heard again by the next engine.
    }
  }

  #news(news: PlacementNews, pool: string): void {
    const attempt = 'key' in news ? this.#live.get(news.key) : undefined;
    if ('key' in news && news.kind !== 'placed') this.#orders.returned(news.key);
    if (news.kind === 'lost' && attempt) void this.#lost(attempt);
    if (news.kind !== 'reconnected') return;
    this.#orders.again();
    for (const waiting of this.#live.values()) if (waiting.pool === pool) void this.#look(waiting);
  }

  /** The placement may have said something that nobody has heard. @param before it may also have been given back. */
  async #look(attempt: RemoteAttempt, before = false): Promise<void> {
    try {
      const { kind } = (await attempt.standing()) ?? {};
      if (kind === 'lost' || kind === 'unknown' || (before && kind === 'returned')) await this.#lost(attempt);
    } catch {
      this.#later(() => void this.#look(attempt, before));
    }
  }

  async #lost(attempt: RemoteAttempt): Promise<void> {
    await new Promise<void>(resolve => {
      this.#marked.push(resolve);
      this.#marks.add('');
    });
    attempt.lost();
  }

  /** The channel has lost what was said: there is nothing left to be heard. */
  #mark(): void {
    for (const go of this.#marked.splice(0)) go();
  }

  #later(act: () => void): void {
    if (this.#reading.signal.aborted) return;
    const timer = this.#options.clock.setTimeout(() => {
      this.#timers.delete(timer);
      act();
    }, AGAIN_MS);
    this.#timers.add(timer);
  }
}
