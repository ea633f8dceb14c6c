import type { Clock } from '../sdk/clock.ts';
import type {
  AttemptSink,
  ExecutorOf,
  KnownAttempt,
  OpenedAttempt,
  SessionExecutor,
} from '../sdk/group/attempt/executor/executor.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import type { Channel } from './channel.ts';
import type { Placement } from './placement.ts';
import type { RemoteAttempt } from './remote-attempt.ts';
import { RemoteAttempts, type RemoteAttemptsOptions, type RemoteEvent } from './remote-attempts.ts';

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

/** How often it asks how those stand that wait for a worker. */
const LOOK_MS = 2_000;

/** Carries out a group's attempts on the workers of a pool. */
export class RemoteExecutor implements SessionExecutor {
  readonly here = false;
  readonly #attempts: RemoteAttempts;
  readonly #clock: Clock;
  readonly #onClosed: () => Promise<void>;
  #closing: Promise<void> | undefined;
  /** Those that wait for a worker, as far as is known. */
  readonly #waiting = new Map<AttemptSink, RemoteAttempt>();
  #timer: unknown;

  constructor({ onClosed = async () => {}, ...options }: RemoteExecutorOptions) {
    this.#attempts = new RemoteAttempts(options);
    this.#clock = options.clock;
    this.#onClosed = onClosed;
  }

  open(order: AttemptOrder, sink: AttemptSink): OpenedAttempt {
    return this.#waits(
      sink,
      this.#attempts.open(order, event => this.#tell(sink, event)),
    );
  }

  reconcile(known: KnownAttempt, sink: AttemptSink): OpenedAttempt {
    const attempt = this.#attempts.adopt(known, event => this.#tell(sink, event));
    if (known.worker === undefined) return this.#waits(sink, attempt);
    return { attempt, done: () => attempt.done() };
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#waiting.clear();
    this.#clock.clearTimeout(this.#timer);
    await this.#attempts.close();
    await this.#onClosed();
  }

  #waits(sink: AttemptSink, attempt: RemoteAttempt): OpenedAttempt {
    this.#waiting.set(sink, attempt);
    if (this.#waiting.size === 1) this.#lookLater();
    return { attempt, waits: true, done: () => attempt.done() };
  }

  #tell(sink: AttemptSink, event: RemoteEvent): void {
    this.#waiting.delete(sink);
    if (this.#waiting.size === 0) this.#clock.clearTimeout(this.#timer);
    if (event.type === 'event') sink.reported(event.event, event.n);
    else if (event.type === 'placed') sink.placed({ ...event, report: event.n });
    else sink.placed(event);
  }

  #lookLater(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => void this.#look(), LOOK_MS);
  }

  async #look(): Promise<void> {
    await Promise.all([...this.#waiting].map(waiting => this.#lookAt(...waiting)));
    if (this.#waiting.size > 0) this.#lookLater();
  }

  async #lookAt(sink: AttemptSink, attempt: RemoteAttempt): Promise<void> {
    const standing = await attempt.standing().catch(() => undefined); // asked again
    if (standing?.kind !== 'waiting' || !this.#waiting.has(sink)) return;
    const { workers, ahead } = standing;
    sink.placed({ type: 'waiting', workers, ahead });
  }
}
