import type { Clock } from '../sdk/clock.ts';
import { textOfThrown } from '../sdk/errors.ts';
import { given } from '../sdk/given.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import type { AttemptName } from '../sdk/process/attempt-marker.ts';
import type { ReaperLease } from '../sdk/process/reaper/reaper.ts';
import type { AgentEvent, Attempt } from '../sdk/session/agent.ts';
import type { Channel, Writer } from './channel.ts';
import type { Lease } from './placement.ts';
import { type Control, reportText, type ToldWork, type WorkerReport } from './protocol.ts';
import { ReportOutbox } from './report-outbox.ts';

/** @param kept with the end, what is in the session's tree. */
export type EventSink = (event: AgentEvent, kept?: ToldWork) => void;

/** The worker and its machine, as its attempts see them. */
export interface WorkerPlace {
  readonly channel: Channel;
  readonly clock: Clock;
  /** Unique: never used by another worker, or again. */
  readonly name: string;
  readonly host: string;
  /** Where it is, if it serves those who wait for that. */
  readonly place?: string;
  /** As the placement has it. */
  readonly leaseMs: number;
  /** Carries out an order on this machine; its events belong to the sink. @throws what is missing here. */
  readonly start: (order: AttemptOrder, sink: EventSink) => Attempt;
  /** Ends an attempt's processes with its lease, also while this process is stopped. Default: nothing does. */
  readonly guard?: (name: AttemptName) => ReaperLease;
  /** It does not carry an order out, for this reason. Default: only the order's group hears of it. */
  readonly onRefused?: (order: Writer, message: string) => void;
  /** How long an attempt that is interrupted may take to end before it is killed; milliseconds. Default: 30 s. */
  readonly drainMs?: number;
}

/** What has become of an order. */
export type OrderOutcome =
  | 'ended'
  | 'refused'
  /** Handed back, because the worker was to end. */
  | 'drained'
  /** Its lease was lost: whatever ran was killed. */
  | 'lost';

interface Options extends Omit<WorkerPlace, 'start'> {
  /** It begins only once the channel has heard that it does: no later one has been ordered. Default: at once. */
  readonly alone?: boolean;
  readonly lease: Lease;
  readonly writer: Writer;
}

/** Renewed so often, a lease survives one renewal that gets no answer. */
const RENEWALS_PER_LEASE = 5;
/** Of a lease that isn't renewed: then its attempt is killed, so that it is gone before another may begin (WORKER-2). */
const LAST_PART = 0.7;
const DRAIN_MS = 30_000;

/** One attempt that a worker carries out, from the lease to its being given back. */
export class WorkerAttempt {
  readonly #options: Options;
  readonly #outbox: ReportOutbox;
  readonly #ended: Promise<void>;
  #end = () => {};
  #attempt: Attempt | undefined;
  #isOver = false;
  /** Requests that nobody has answered. */
  readonly #asked = new Map<string, AgentEvent>();
  /** Controls that came before there was an attempt. */
  readonly #early: Control[] = [];
  #isDraining = false;
  #isRefused = false;
  /** Its group hears nothing of its end: the lease has to run out. */
  #isCutOff = false;
  readonly #guard: ReaperLease | undefined;
  /** Until when it may live, by the monotonic clock. */
  #until = 0;
  #renewal: unknown;
  #deadline: unknown;
  #drainEnd: unknown;

  constructor(options: Options) {
    this.#options = options;
    const { group: groupId, session: sessionId, epoch: attempt } = options.writer;
    this.#guard = options.guard?.({ groupId, sessionId, attempt });
    this.#outbox = new ReportOutbox({ ...options, onCutOff: () => this.#cutOff() });
    this.#ended = new Promise(resolve => {
      this.#end = () => {
        this.#isOver = true;
        resolve();
      };
    });
  }

  /** How many of its reports the channel does not have yet. */
  get waiting(): number {
    return this.#outbox.waiting;
  }

  /**
   * Resolves when nothing of it is left here. Never rejects.
   * @param orderOf undefined: the order can't be had; its lease runs out.
   */
  async carryOut(orderOf: () => Promise<((sink: EventSink) => Attempt) | undefined>): Promise<OrderOutcome> {
    const { clock, lease } = this.#options;
    this.#held(0);
    try {
      // Nobody knows how long ago the order was given: the lease begins with a renewal.
      const [start, isHeld] = await Promise.all([orderOf(), this.#renew()]);
      if (!start || !isHeld || clock.monotonic() >= this.#until) this.#cutOff();
      else if (!this.#isOver) await this.#begin(start);
    } catch (thrown) {
      this.#isRefused = true;
      const message = textOfThrown(thrown);
      this.#report({ type: 'refused', message });
      this.#options.onRefused?.(this.#options.writer, message);
      this.#end();
    }
    await this.#ended;
    await this.#outbox.empty();
    for (const timer of [this.#renewal, this.#deadline, this.#drainEnd]) clock.clearTimeout(timer);
    this.#outbox.close();
    this.#guard?.end();
    if (this.#isCutOff) return 'lost';
    await lease.giveBack().catch(() => {}); // it runs out
    if (this.#isRefused) return 'refused';
    return this.#isDraining ? 'drained' : 'ended';
  }

  control(control: Control): void {
    const attempt = this.#attempt;
    if (!attempt) this.#early.push(control);
    else if (control.do === 'answer') {
      const { requestId, decision, message, answers } = control;
      this.#asked.delete(requestId);
      attempt.answerPermission(requestId, decision, message, answers);
    } else if (control.do === 'repeat')
      for (const event of this.#asked.values()) this.#report({ type: 'event', event });
    else if (control.do === 'send') attempt.send?.({ id: control.id, text: control.text });
    else attempt[control.do]();
  }

  /** The worker is to end: interrupts the attempt, or doesn't begin it. */
  drain(): void {
    if (this.#isOver || this.#isDraining) return;
    this.#isDraining = true;
    this.#report({ type: 'drained' });
    const { clock, drainMs = DRAIN_MS } = this.#options;
    if (this.#attempt) {
      this.#attempt.interrupt();
      this.#drainEnd = clock.setTimeout(() => this.#attempt?.kill(), drainMs);
    } else this.#end();
  }

  async #begin(start: (sink: EventSink) => Attempt): Promise<void> {
    const { name: worker, host, place } = this.#options;
    this.#report({ type: 'placed', worker, host, ...given({ place }) });
    if (this.#options.alone) {
      await this.#outbox.empty();
      if (this.#isOver) return;
    }
    this.#attempt = start((event, kept) => this.#on(event, kept));
    for (const control of this.#early.splice(0)) this.control(control);
  }

  #on(event: AgentEvent, kept: ToldWork | undefined): void {
    if (event.type === 'approval') this.#asked.set(event.requestId, event);
    if (event.type === 'approval_withdrawn') this.#asked.delete(event.requestId);
    this.#report({ type: 'event', event, ...(kept && { kept }) });
    if (event.type === 'ended') this.#end();
  }

  #report(report: WorkerReport): void {
    this.#outbox.add(reportText(report));
  }

  #renewLater(): void {
    const { clock, leaseMs } = this.#options;
    this.#renewal = clock.setTimeout(() => void this.#renew(), leaseMs / RENEWALS_PER_LEASE);
  }

  /** Whether it is known to be held. */
  async #renew(): Promise<boolean> {
    const { clock, lease } = this.#options;
    const asked = clock.monotonic();
    const held = await lease.renew().catch(() => undefined);
    if (this.#isOver) return false;
    if (held === false) {
      this.#cutOff();
      return false;
    }
    if (held) this.#held(clock.monotonic() - asked);
    this.#renewLater();
    return held === true;
  }

  /** @param since how long ago the lease began at the latest; milliseconds. */
  #held(since: number): void {
    const { clock, leaseMs } = this.#options;
    const leftMs = Math.max(0, LAST_PART * leaseMs - since);
    this.#until = clock.monotonic() + leftMs;
    this.#guard?.renew(leftMs);
    clock.clearTimeout(this.#deadline);
    this.#deadline = clock.setTimeout(() => this.#cutOff(), leftMs);
  }

  /** Nobody hears it any more, or another attempt may begin soon. */
  #cutOff(): void {
    this.#isCutOff = true;
    this.#outbox.close();
    if (this.#attempt) this.#attempt.kill();
    else this.#end();
  }
}
