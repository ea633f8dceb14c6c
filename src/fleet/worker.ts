import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import type { Lease, Placement, ServedPool } from './placement.ts';
import { type Note, PROTOCOL, readControl, readNote, readOrder } from './protocol.ts';
import { type OrderOutcome, WorkerAttempt, type WorkerPlace } from './worker-attempt.ts';

export interface FleetWorkerOptions extends WorkerPlace {
  readonly placement: Placement;
  readonly pool: string;
  /** How many attempts at once. */
  readonly concurrency: number;
  /** How many orders it takes before it ends. Default: no limit. */
  readonly orders?: number;
  /** It serves its pool from now on. */
  readonly onServing?: () => void;
}

/** What a worker does and has done. */
export interface WorkerFigures {
  /** Attempts that it has now. */
  readonly live: number;
  /** Orders that it has taken. */
  readonly taken: number;
  /** What has become of those that it has no more. */
  readonly outcomes: Readonly<Record<OrderOutcome, number>>;
  /** Reports that the channel does not have yet. */
  readonly reportsWaiting: number;
}

/**
 * Takes orders of a pool and carries them out.
 *
 * WORKER-1 at most `concurrency` attempts live here, and no order is taken that would be one too many.
 * WORKER-2 an attempt lives only while its lease is renewed: it is killed when the lease is lost, or has not been
 *    renewed for 0.7 of its length.
 * WORKER-3 an order is given back once all that its attempt had to report is in the channel, and only then: otherwise its
 *    lease runs out.
 * WORKER-4 once it drains, it takes no more orders; its attempts are interrupted, killed if that takes too long, and it ends
 *    with the last of them.
 * WORKER-5 an attempt begins only after a renewal of its lease, however long its worker stood still before.
 */
export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #attempts = new Map<string, WorkerAttempt>();
  readonly #draining = new AbortController();
  readonly #outcomes = { ended: 0, refused: 0, drained: 0, lost: 0 };
  #taken = 0;
  #freed: (() => void) | undefined;

  constructor(options: FleetWorkerOptions) {
    this.#options = options;
  }

  get figures(): WorkerFigures {
    const attempts = [...this.#attempts.values()];
    const reportsWaiting = attempts.reduce((sum, { waiting }) => sum + waiting, 0);
    return { live: attempts.length, taken: this.#taken, outcomes: { ...this.#outcomes }, reportsWaiting };
  }

  /** Resolves when it has drained. Rejects if the pool can't be served. */
  async run(): Promise<void> {
    const { placement, pool, name, onServing } = this.#options;
    const listening = new AbortController();
    const listened = this.#listen(listening.signal);
    let served: ServedPool | undefined;
    try {
      served = await Promise.race([placement.serve(pool, name), this.#drained()]);
      if (!served) return;
      onServing?.();
      await this.#takeAll(served);
      while (this.#attempts.size > 0) await this.#oneFree();
    } finally {
      listening.abort();
      await listened;
      await served?.close();
    }
  }

  #drained(): Promise<undefined> {
    const { signal } = this.#draining;
    return new Promise(resolve => {
      if (signal.aborted) resolve(undefined);
      else signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
  }

  drain(): void {
    if (this.#draining.signal.aborted) return;
    this.#draining.abort();
    for (const attempt of this.#attempts.values()) attempt.drain();
  }

  async #takeAll(served: ServedPool): Promise<void> {
    const { signal } = this.#draining;
    const { concurrency, orders = Number.POSITIVE_INFINITY } = this.#options;
    while (!signal.aborted && this.#taken < orders) {
      if (this.#attempts.size >= concurrency) {
        await this.#oneFree();
        continue;
      }
      const lease = await served.take(signal);
      if (!lease) continue;
      this.#taken += 1;
      void this.#carryOut(lease);
    }
  }

  /** Until an attempt has ended, or it drains. */
  #oneFree(): Promise<void> {
    return new Promise(resolve => {
      this.#freed = resolve;
    });
  }

  async #carryOut(lease: Lease): Promise<void> {
    const note = readNote(lease.note);
    if (!note) {
      await lease.giveBack().catch(() => {}); // there is nobody to tell
      return;
    }
    const { group, session, epoch } = note;
    const attempt = new WorkerAttempt({ ...this.#options, lease, writer: { group, session, epoch } });
    this.#attempts.set(lease.key, attempt);
    if (this.#draining.signal.aborted) attempt.drain();
    const outcome = await attempt.carryOut(() => this.#orderOf(note));
    this.#outcomes[outcome] += 1;
    this.#attempts.delete(lease.key);
    this.#freed?.();
  }

  /** @throws why it isn't carried out. */
  async #orderOf({ protocol, group, session, epoch, order: name }: Note): Promise<AttemptOrder> {
    if (protocol !== PROTOCOL)
      throw new Error(`its group speaks version ${protocol}, this worker ${PROTOCOL}`);
    const bytes = await this.#options.channel.get(group, name);
    if (!bytes) throw new Error('what it says is not there any more');
    const order = readOrder(bytes);
    if (order?.groupId !== group || order.sessionId !== session || order.attempt !== epoch)
      throw new Error('what it says is not an order of this attempt');
    if (!order.results) return order;
    const results = Object.entries(order.results).map(async ([file, blob]) => {
      const text = await this.#options.channel.get(group, blob);
      if (!text) throw new Error(`${file}, which it names, is not there any more`);
      return [file, Buffer.from(text).toString()] as const;
    });
    return { ...order, results: Object.fromEntries(await Promise.all(results)) };
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { channel, name } = this.#options;
    for await (const told of channel.told(name, undefined, signal)) {
      for (const { text } of told) {
        const control = readControl(text);
        if (control) this.#attempts.get(control.key)?.control(control);
      }
    }
  }
}
