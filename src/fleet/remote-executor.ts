import type { Clock } from '../sdk/clock.ts';
import type {
  AttemptSink,
  ExecutorOf,
  ForgottenSession,
  KnownAttempt,
  OpenedAttempt,
  SessionExecutor,
} from '../sdk/group/attempt/executor/executor.ts';
import type { StepAnswer, StepOptions, StepOrder } from '../sdk/group/attempt/executor/step.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import type { KeptWork } from '../sdk/group/tree/tree-call.ts';
import type { Channel } from './channel.ts';
import type { Placement } from './placement.ts';
import type { ToldWork } from './protocol.ts';
import { isOver, type RemoteAttempt } from './remote-attempt.ts';
import { RemoteAttempts, type RemoteAttemptsOptions, type RemoteEvent } from './remote-attempts.ts';
import { StepSender } from './trees/step-sender.ts';

interface RemoteExecutorOptions extends RemoteAttemptsOptions {
  /** It uses placement and channel no more. Default: nobody hears of it. */
  readonly onClosed?: () => Promise<void>;
}

/** Of what a fleet consists, as its groups see it. */
export interface FleetOptions {
  readonly placement: Placement;
  readonly channel: Channel;
  readonly clock: Clock;
  /** Where the attempts of the groups wait for workers. */
  readonly pool: string;
}

/** For the option `executor`: the attempts of each group are carried out by the workers of a pool. */
export const fleetExecutor =
  (fleet: FleetOptions): ExecutorOf =>
  ({ id, written }) =>
    new RemoteExecutor({ ...fleet, group: id, written });

/** How often it asks how attempts stand. */
const LOOK_MS = 2_000;
/** Of a lease that is renewed five times while it lasts: with less left of it, its worker has not been heard of. */
const SILENT_PART = 0.5;

/** What is known of the lease of an attempt that has a worker. */
interface Held {
  readonly attempt: RemoteAttempt;
  /** The most that was left of it; milliseconds. 0: that is not known yet. */
  longestMs: number;
  /** When it is over, by the last answer and the monotonic clock. */
  until: number;
  isSilent: boolean;
}

/** Carries out a group's attempts on the workers of a pool. */
export class RemoteExecutor implements SessionExecutor {
  readonly here = false;
  readonly #attempts: RemoteAttempts;
  readonly #clock: Clock;
  readonly #steps: StepSender;
  readonly #options: RemoteAttemptsOptions;
  readonly #onClosed: () => Promise<void>;
  readonly #leases: Placement['leases'];
  #closing: Promise<void> | undefined;
  /** Those that wait for a worker, as far as is known. */
  readonly #waiting = new Map<AttemptSink, RemoteAttempt>();
  /** Those that have one. */
  readonly #held = new Map<AttemptSink, Held>();
  #timer: unknown;
  #asking: Promise<void> | undefined;

  constructor({ onClosed = async () => {}, ...options }: RemoteExecutorOptions) {
    this.#attempts = new RemoteAttempts(options);
    this.#clock = options.clock;
    this.#options = options;
    this.#steps = new StepSender({ ...options, open: (step, sink) => this.#attempts.openStep(step, sink) });
    this.#onClosed = onClosed;
    this.#leases = orders => options.placement.leases(orders);
  }

  open(order: AttemptOrder, sink: AttemptSink): OpenedAttempt {
    const attempt = this.#attempts.open(order, event => this.#tell(sink, attempt, event));
    return this.#waits(sink, attempt);
  }

  reconcile(known: KnownAttempt, sink: AttemptSink): OpenedAttempt {
    const attempt = this.#attempts.adopt(known, event => this.#tell(sink, attempt, event));
    if (known.worker === undefined) return this.#waits(sink, attempt);
    this.#hold(sink, attempt);
    return { attempt, done: () => attempt.done() };
  }

  step(order: StepOrder, options: StepOptions): Promise<StepAnswer> {
    return this.#steps.send(order, options);
  }

  forget(sessions: readonly ForgottenSession[]): Promise<void> {
    return this.#attempts.forget(sessions);
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#waiting.clear();
    this.#held.clear();
    this.#clock.clearTimeout(this.#timer);
    this.#steps.close();
    await this.#attempts.close();
    await this.#onClosed();
  }

  #waits(sink: AttemptSink, attempt: RemoteAttempt): OpenedAttempt {
    this.#waiting.set(sink, attempt);
    this.#lookLater();
    return { attempt, waits: true, done: () => attempt.done() };
  }

  #hold(sink: AttemptSink, attempt: RemoteAttempt): void {
    this.#held.set(sink, { attempt, longestMs: 0, until: 0, isSilent: false });
    this.#lookLater();
  }

  #tell(sink: AttemptSink, attempt: RemoteAttempt, event: RemoteEvent): void {
    this.#waiting.delete(sink);
    if (isOver(event)) this.#held.delete(sink);
    else if (!this.#held.has(sink)) this.#hold(sink, attempt);
    if (event.type === 'placed') sink.placed({ ...event, report: event.n });
    else if (event.type === 'event' || event.type === 'returned') void this.#tellWithWork(sink, event);
    else sink.placed(event);
  }

  /** What was in the session's tree comes with what is told last. */
  async #tellWithWork(
    sink: AttemptSink,
    event: Extract<RemoteEvent, { readonly kept?: ToldWork }>,
  ): Promise<void> {
    const kept = event.kept && (await this.#workOf(event.kept));
    if (event.type === 'event') sink.reported(event.event, event.n, kept);
    else sink.placed({ type: 'returned', ...(kept && { kept }) });
  }

  async #workOf({ pack: name, ...work }: ToldWork): Promise<KeptWork> {
    const { channel, group } = this.#options;
    const pack = name === undefined ? undefined : await channel.get(group, name).catch(() => undefined);
    return { ...work, ...(pack && { pack }) };
  }

  #lookLater(): void {
    this.#timer ??= this.#clock.setTimeout(() => this.#look(), LOOK_MS);
  }

  /** One question at a time; a lease that nobody can be asked for runs out like any other. */
  #look(): void {
    this.#timer = undefined;
    this.#asking ??= this.#ask().finally(() => {
      this.#asking = undefined;
    });
    this.#tellOfLeases();
    if (this.#waiting.size > 0 || this.#held.size > 0) this.#lookLater();
  }

  async #ask(): Promise<void> {
    await Promise.all([
      ...[...this.#waiting].map(waiting => this.#lookAt(...waiting)),
      this.#lookAtLeases().catch(() => {}), // asked again
    ]);
  }

  async #lookAtLeases(): Promise<void> {
    const asked = [...this.#held];
    const left = asked.length === 0 ? [] : await this.#leases(asked.map(([, { attempt }]) => attempt.order));
    for (const [i, [sink, held]] of asked.entries()) {
      const leftMs = left[i] ?? 0;
      if (this.#held.get(sink) !== held) continue;
      held.longestMs = Math.max(held.longestMs, leftMs);
      held.until = this.#clock.monotonic() + leftMs;
    }
    this.#tellOfLeases();
  }

  #tellOfLeases(): void {
    for (const [sink, held] of this.#held) {
      if (held.longestMs === 0) continue;
      const leftMs = held.until - this.#clock.monotonic();
      const isSilent = leftMs < SILENT_PART * held.longestMs;
      if (isSilent) sink.placed({ type: 'silent', until: this.#clock.now() + leftMs });
      else if (held.isSilent) sink.placed({ type: 'heard' });
      held.isSilent = isSilent;
    }
  }

  async #lookAt(sink: AttemptSink, attempt: RemoteAttempt): Promise<void> {
    const standing = await attempt.standing().catch(() => undefined); // asked again
    if (standing?.kind !== 'waiting' || !this.#waiting.has(sink)) return;
    const { workers, ahead } = standing;
    // Nobody serves the place that has its tree or conversation: its session goes elsewhere.
    const { pool } = this.#options;
    if (workers === 0 && attempt.pool !== pool) return attempt.interrupt();
    sink.placed({ type: 'waiting', workers, ahead, pool });
  }
}
