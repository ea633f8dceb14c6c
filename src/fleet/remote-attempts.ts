import { randomUUID } from 'node:crypto';
import type { Clock } from '../sdk/clock.ts';
import type { ForgottenSession, KnownAttempt } from '../sdk/group/attempt/executor/executor.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import type { Position, Report } from './channel.ts';
import type { Closable, PlacedOrder, PlacementNews } from './placement.ts';
import { controlText, noteText, orderBytes, readWorkerReport } from './protocol.ts';
import { isOver, RemoteAttempt, type RemoteAttemptOptions, type RemoteEvent } from './remote-attempt.ts';
import { ReportOutbox } from './report-outbox.ts';

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
  /** The orders of attempts that are over, until they are forgotten. */
  readonly #over = new Map<string, PlacedOrder>();
  #watch: Promise<Closable> | undefined;
  #read: Promise<void> | undefined;
  #forgetting = Promise.resolve();

  constructor(options: RemoteAttemptsOptions) {
    this.#options = options;
    const writer = { group: options.group, session: this.#marker, epoch: 1 };
    this.#marks = new ReportOutbox({ ...options, writer, onCutOff: () => this.#mark() });
  }

  /** Orders an attempt. Events come in a later turn. */
  open(order: AttemptOrder, sink: (event: RemoteEvent) => void): RemoteAttempt {
    const { group, pool, placement, channel } = this.#options;
    const { sessionId: session, attempt: epoch } = order;
    const key = this.#keyOf(session, epoch);
    const writer = { group, session, epoch };
    this.#begin();
    const place = async () => {
      await this.#watch;
      await channel.fence(writer);
      const name = await channel.put(
        group,
        orderBytes(await stored(order, bytes => channel.put(group, bytes))),
      );
      await placement.place({ key, pool }, noteText({ ...writer, order: name }));
    };
    return this.#follow(key, { placed: place() }, sink);
  }

  /** Takes over an attempt that another has ordered. Events come in a later turn. */
  adopt(
    { sessionId, attempt, after, worker }: KnownAttempt,
    sink: (event: RemoteEvent) => void,
  ): RemoteAttempt {
    this.#begin();
    const adopted = this.#follow(
      this.#keyOf(sessionId, attempt),
      { placed: Promise.resolve(), after, worker },
      sink,
    );
    void this.#look(adopted, true);
    return adopted;
  }

  /** Deletes what is kept of the group, and ends what is left of it. */
  async forget(sessions: readonly ForgottenSession[]): Promise<void> {
    const { group, pool, placement, channel } = this.#options;
    const live = sessions.flatMap(session => session.live ?? []);
    for (const { sessionId, attempt, worker } of live) {
      const key = this.#keyOf(sessionId, attempt);
      if (worker !== undefined) await channel.tell(worker, [controlText({ key, do: 'kill' })]);
    }
    await channel.end(group);
    for (const { sessionId, attempts } of sessions)
      for (let attempt = attempts; attempt > 0; attempt -= 1)
        await placement.forget({ key: this.#keyOf(sessionId, attempt), pool });
  }

  /** What it has opened goes on; nothing is heard any more. */
  async close(): Promise<void> {
    this.#live.clear();
    this.#reading.abort();
    this.#marks.close();
    for (const timer of this.#timers) this.#options.clock.clearTimeout(timer);
    await this.#read;
    await (await this.#watch)?.close();
  }

  #keyOf(session: string, epoch: number): string {
    return `${this.#options.group}.${session}.${epoch}`;
  }

  #begin(): void {
    const { placement, pool } = this.#options;
    this.#read ??= this.#hear();
    this.#watch ??= placement.watch(pool, news => this.#news(news));
  }

  #follow(
    key: string,
    beginning: ConstructorParameters<typeof RemoteAttempt>[1],
    sink: (event: RemoteEvent) => void,
  ): RemoteAttempt {
    const { pool } = this.#options;
    const attempt = new RemoteAttempt({ key, pool }, beginning, this.#options, event => {
      if (this.#reading.signal.aborted) return;
      if (isOver(event)) {
        this.#live.delete(key);
        void this.#isOver(attempt);
      }
      sink(event);
    });
    this.#live.set(key, attempt);
    return attempt;
  }

  async #isOver({ order, settled }: RemoteAttempt): Promise<void> {
    if (this.#options.written) await settled;
    this.#over.set(order.key, order);
    await this.#forgetOrder(order.key);
  }

  /** Asked again once its worker has given it back. */
  async #forgetOrder(key: string): Promise<void> {
    const order = this.#over.get(key);
    if (!order || this.#reading.signal.aborted) return;
    const isForgotten = await this.#options.placement.forget(order).catch(() => false);
    if (isForgotten) this.#over.delete(key);
  }

  async #hear(): Promise<void> {
    const { channel, group } = this.#options;
    for await (const reports of channel.reports(group, undefined, this.#reading.signal)) {
      const heard = new Set(reports.flatMap(report => this.#heard(report) ?? []));
      const last = reports.at(-1);
      if (last) this.#forgetting = this.#forgetting.then(() => this.#forget(last.position, heard));
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

  async #forget(upTo: Position, ended: ReadonlySet<RemoteAttempt>): Promise<void> {
    const { channel, group, written } = this.#options;
    try {
      if (written) {
        await Promise.all([...ended].map(({ settled }) => settled));
        await written();
      }
      if (!this.#reading.signal.aborted) await channel.forget(group, upTo);
    } catch {
      // What is not written is heard again by the next engine.
    }
  }

  #news(news: PlacementNews): void {
    const attempt = 'key' in news ? this.#live.get(news.key) : undefined;
    if ('key' in news && news.kind !== 'placed') void this.#forgetOrder(news.key);
    if (news.kind === 'lost' && attempt) void this.#lost(attempt);
    if (news.kind === 'reconnected') for (const waiting of this.#live.values()) void this.#look(waiting);
  }

  /** The placement may have said something that nobody has heard. @param before it may also have been given back. */
  async #look(attempt: RemoteAttempt, before = false): Promise<void> {
    try {
      await this.#watch;
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
