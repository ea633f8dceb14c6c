import { randomUUID } from 'node:crypto';
import type { Clock } from '../sdk/clock.ts';
import { textOfThrown } from '../sdk/errors.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import type { AgentEvent, Attempt } from '../sdk/session/agent.ts';
import type { Channel, Report } from './channel.ts';
import type { Closable, PlacedOrder, Placement, PlacementNews } from './placement.ts';
import {
  type Control,
  controlText,
  noteText,
  orderBytes,
  readWorkerReport,
  type WorkerReport,
} from './protocol.ts';
import { ReportOutbox } from './report-outbox.ts';

export interface RemoteAttemptsOptions {
  readonly placement: Placement;
  readonly channel: Channel;
  readonly clock: Clock;
  readonly group: string;
  readonly pool: string;
}

/** What becomes of an order, besides what its agent reports. */
export type PlaceNews =
  | { readonly type: 'placed'; readonly worker: string; readonly host: string }
  /** Its worker is gone, or can't be heard of: the attempt is over. */
  | { readonly type: 'lost' }
  /** It was taken back before a worker had it, or its worker was stopped: the attempt is over, and is nobody's failure. */
  | { readonly type: 'returned' }
  | { readonly type: 'refused'; readonly message: string };

export type RemoteEvent =
  | PlaceNews
  | { readonly type: 'event'; readonly n: number; readonly event: AgentEvent };

/**
 * The attempts of one group that work elsewhere, seen from the group.
 *
 * REMOTE-1 of an attempt, nothing follows its end, its loss, its return or its refusal, and one of these always comes.
 * REMOTE-2 what it reports comes in order, each once; a report of another attempt of the session than the latest is left out.
 * REMOTE-3 before an attempt is placed, all earlier ones of its session are fenced.
 * REMOTE-4 what an attempt had reported before it was lost is heard first: its end counts.
 */
export class RemoteAttempts {
  readonly #options: RemoteAttemptsOptions;
  readonly #live = new Map<string, RemoteAttempt>();
  readonly #reading = new AbortController();
  /** What the group says to itself: once it hears that, it has heard all that was reported before. */
  readonly #marks: ReportOutbox;
  readonly #marker = `~${randomUUID()}`;
  readonly #marked: (() => void)[] = [];
  #watch: Promise<Closable> | undefined;
  #read: Promise<void> | undefined;

  constructor(options: RemoteAttemptsOptions) {
    this.#options = options;
    const writer = { group: options.group, session: this.#marker, epoch: 1 };
    this.#marks = new ReportOutbox({ ...options, writer, onCutOff: () => this.#mark() });
  }

  /** Orders an attempt. Events come in a later turn. */
  open(order: AttemptOrder, sink: (event: RemoteEvent) => void): Attempt {
    const { group, pool } = this.#options;
    const { sessionId: session, attempt: epoch } = order;
    const key = `${group}.${session}.${epoch}`;
    const writer = { group, session, epoch };
    const { placement, channel } = this.#options;
    this.#read ??= this.#hear();
    this.#watch ??= placement.watch(pool, news => this.#news(news));
    const placed = (async () => {
      await this.#watch;
      await channel.fence(writer);
      const name = await channel.put(group, orderBytes(order));
      await placement.place({ key, pool }, noteText({ ...writer, order: name }));
    })();
    const attempt = new RemoteAttempt({ key, pool }, placed, this.#options, event => {
      if (isOver(event)) this.#live.delete(key);
      sink(event);
    });
    this.#live.set(key, attempt);
    return attempt;
  }

  /** What it has opened goes on; nothing is heard any more. */
  async close(): Promise<void> {
    this.#reading.abort();
    this.#marks.close();
    await this.#read;
    await (await this.#watch)?.close();
  }

  async #hear(): Promise<void> {
    const { channel, group } = this.#options;
    for await (const reports of channel.reports(group, undefined, this.#reading.signal)) {
      for (const report of reports) this.#heard(report);
      const last = reports.at(-1);
      if (last) await channel.forget(group, last.position);
    }
  }

  #heard({ session, epoch, n, text }: Report): void {
    if (session === this.#marker) this.#marked.shift()?.();
    const report = readWorkerReport(text);
    if (report) this.#live.get(`${this.#options.group}.${session}.${epoch}`)?.heard(report, n);
  }

  #news(news: PlacementNews): void {
    const attempt = 'key' in news ? this.#live.get(news.key) : undefined;
    if (news.kind === 'lost' && attempt) void this.#lost(attempt);
    if (news.kind === 'reconnected') for (const waiting of this.#live.values()) void this.#look(waiting);
  }

  /** The placement may have said something that nobody has heard. */
  async #look(attempt: RemoteAttempt): Promise<void> {
    if (await attempt.isGone()) await this.#lost(attempt);
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
}

const isOver = (event: RemoteEvent): boolean =>
  event.type === 'event' ? event.event.type === 'ended' : event.type !== 'placed';

class RemoteAttempt implements Attempt {
  readonly #order: PlacedOrder;
  readonly #options: RemoteAttemptsOptions;
  readonly #sink: (event: RemoteEvent) => void;
  readonly #placed: Promise<void>;
  #worker: string | undefined;
  /** What was to be told before it was known to whom. */
  #early: Control[] = [];
  #takingBack: Promise<void> | undefined;
  #isDrained = false;
  #isOver = false;

  /** @param placed resolves once it is placed; rejects if that is not possible. */
  constructor(
    order: PlacedOrder,
    placed: Promise<void>,
    options: RemoteAttemptsOptions,
    sink: (event: RemoteEvent) => void,
  ) {
    this.#order = order;
    this.#options = options;
    this.#sink = sink;
    this.#placed = placed.catch((thrown: unknown) => {
      this.#emit({ type: 'refused', message: textOfThrown(thrown) });
    });
  }

  interrupt(): void {
    this.#end('interrupt');
  }

  terminate(): void {
    this.#end('terminate');
  }

  kill(): void {
    this.#end('kill');
  }

  answerPermission(requestId: string, decision: 'allow' | 'deny', message?: string): void {
    this.#tell({
      key: this.#order.key,
      do: 'answer',
      requestId,
      decision,
      ...(message === undefined ? {} : { message }),
    });
  }

  send({ id, text }: { readonly id: string; readonly text: string }): void {
    this.#tell({ key: this.#order.key, do: 'send', id, text });
  }

  heard(report: WorkerReport, n: number): void {
    if (report.type === 'placed') {
      this.#worker = report.worker;
      this.#emit(report);
      for (const control of this.#early.splice(0)) this.#tell(control);
    } else if (report.type === 'drained') {
      this.#isDrained = true;
      if (this.#worker === undefined) this.#emit({ type: 'returned' }); // it had not begun
    } else if (report.type === 'refused') this.#emit(report);
    else if (report.event.type === 'ended' && this.#isDrained && report.event.end.outcome === 'interrupted')
      this.#emit({ type: 'returned' });
    else this.#emit({ type: 'event', n, event: report.event });
  }

  lost(): void {
    this.#emit({ type: 'lost' });
  }

  /** Whether the placement knows that no worker has it. */
  async isGone(): Promise<boolean> {
    await this.#placed;
    const { kind } = await this.#options.placement.standing(this.#order);
    return kind === 'lost' || kind === 'unknown';
  }

  #end(how: 'interrupt' | 'terminate' | 'kill'): void {
    this.#tell({ key: this.#order.key, do: how });
    if (this.#worker === undefined) this.#takingBack ??= this.#takeBack();
  }

  async #takeBack(): Promise<void> {
    await this.#placed;
    if (await this.#options.placement.takeBack(this.#order)) this.#emit({ type: 'returned' });
  }

  #tell(control: Control): void {
    if (this.#isOver) return;
    if (this.#worker === undefined) this.#early.push(control);
    else void this.#options.channel.tell(this.#worker, [controlText(control)]);
  }

  #emit(event: RemoteEvent): void {
    if (this.#isOver) return;
    this.#isOver = isOver(event);
    this.#sink(event);
  }
}
