import { given } from '../sdk/given.ts';
import type { AttemptOrder } from '../sdk/group/attempt/order/attempt-order.ts';
import type { Position } from './channel.ts';
import type { Lease, Placement, ServedPool } from './placement.ts';
import { type Note, PROTOCOL, readControl, readNote, readOrder } from './protocol.ts';
import { readOn } from './read-on.ts';
import { attemptsAt, stepsAt, treesOf } from './trees/step-sender.ts';
import { readStep } from './trees/step-texts.ts';
import type { TreeWorker } from './trees/worker-trees.ts';
import { type EventSink, type OrderOutcome, WorkerAttempt, type WorkerPlace } from './worker-attempt.ts';
import { WorkerRoom } from './worker-room.ts';

export interface FleetWorkerOptions extends Omit<WorkerPlace, 'place'> {
  readonly placement: Placement;
  readonly pool: string;
  /** How many attempts at once; and as many steps in sessions' trees. */
  readonly concurrency: number;
  /** How many orders it takes before it ends. Default: no limit. */
  readonly orders?: number;
  /** Carries out steps in the trees of sessions. Default: it takes no sessions that have trees. */
  readonly trees?: TreeWorker;
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

/** The start of what an order says. */
type Start = (sink: EventSink) => ReturnType<WorkerPlace['start']>;

/** Of a lease: for an answer of the channel that an order's beginning waits for. */
const PATIENT_PART = 0.5;

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
 * WORKER-6 a session whose tree was made here has a place here for its next attempt, for a minute. Other steps in trees wait
 *    for no attempt, and at most `concurrency` are carried out at once.
 * WORKER-7 an order that the channel doesn't hand over within half a lease is let go of, nothing of it having begun. After
 *    that, and after every lease that is lost, none is taken until the channel answers.
 */
export class FleetWorker {
  readonly #options: FleetWorkerOptions;
  readonly #attempts = new Map<string, WorkerAttempt>();
  readonly #steps = new Map<string, WorkerAttempt>();
  readonly #draining = new AbortController();
  readonly #outcomes = { ended: 0, refused: 0, drained: 0, lost: 0 };
  readonly #room: WorkerRoom;
  #taken = 0;
  /** An answer of the channel that is late; settles when it comes. */
  #overdue: Promise<unknown> | undefined;

  constructor(options: FleetWorkerOptions) {
    this.#options = options;
    this.#room = new WorkerRoom(options.clock);
  }

  get figures(): WorkerFigures {
    const attempts = [...this.#attempts.values(), ...this.#steps.values()];
    const reportsWaiting = attempts.reduce((sum, { waiting }) => sum + waiting, 0);
    const live = this.#attempts.size;
    return { live, taken: this.#taken, outcomes: { ...this.#outcomes }, reportsWaiting };
  }

  /** Resolves when it has drained. Rejects if the pool can't be served. */
  async run(): Promise<void> {
    const { placement, pool, name, trees, onServing } = this.#options;
    const listening = new AbortController();
    const listened = this.#listen(listening.signal);
    const served: ServedPool[] = [];
    const serve = async (of: string): Promise<ServedPool | undefined> => {
      const one = await Promise.race([placement.serve(of, name), this.#drained()]);
      if (one) served.push(one);
      return one;
    };
    try {
      const anywhere = await serve(pool);
      const first = trees && (await serve(treesOf(pool)));
      const here = trees && (await serve(attemptsAt(pool, trees.place)));
      const steps = trees && (await serve(stepsAt(pool, trees.place)));
      if (!anywhere || (trees && !(first && here && steps))) return;
      onServing?.();
      const taking = [
        this.#takeAll(
          [anywhere, first].filter(one => one !== undefined),
          [here].filter(one => one !== undefined),
        ),
        ...(steps ? [this.#takeSteps(steps)] : []),
      ];
      for (const one of taking) one.catch(() => this.drain()); // what it has is brought to an end
      const taken = await Promise.allSettled(taking);
      while (this.#attempts.size + this.#steps.size > 0) await this.#room.changed();
      for (const one of taken) if (one.status === 'rejected') throw one.reason;
    } finally {
      this.#room.close();
      listening.abort();
      await listened;
      await Promise.all(served.map(one => one.close()));
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
    for (const attempt of [...this.#attempts.values(), ...this.#steps.values()]) attempt.drain();
    this.#room.free();
  }

  /** @param anywhere orders that others may take as well. @param here those that wait for this place. */
  async #takeAll(anywhere: readonly ServedPool[], here: readonly ServedPool[]): Promise<void> {
    const { concurrency, orders = Number.POSITIVE_INFINITY } = this.#options;
    while ((await this.#mayTake()) && this.#taken < orders) {
      const left = concurrency - this.#attempts.size;
      const from = left - this.#room.kept > 0 ? [...here, ...anywhere] : left > 0 ? here : [];
      const leases = from.length === 0 ? await this.#room.changed() : await this.#take(from);
      for (const lease of leases ?? []) {
        this.#taken += 1;
        void this.#carryOut(lease, this.#attempts);
      }
    }
  }

  async #takeSteps(steps: ServedPool): Promise<void> {
    while (await this.#mayTake()) {
      if (this.#steps.size >= this.#options.concurrency) await this.#room.changed();
      else for (const lease of await this.#take([steps])) void this.#carryOut(lease, this.#steps);
    }
  }

  /** False: it drains. Waits while the channel is silent. */
  async #mayTake(): Promise<boolean> {
    while (this.#overdue && !this.#draining.signal.aborted)
      await Promise.race([this.#overdue, this.#drained()]);
    return !this.#draining.signal.aborted;
  }

  /** The first that any of them has; two if they come at the same time. None: there may be room for others now. */
  async #take(from: readonly ServedPool[]): Promise<Lease[]> {
    const stop = new AbortController();
    const taking = from.map(one => one.take(stop.signal));
    try {
      await Promise.race([...taking, this.#room.changed()]);
    } finally {
      stop.abort();
    }
    return (await Promise.all(taking)).filter(lease => lease !== undefined);
  }

  async #carryOut(lease: Lease, among: Map<string, WorkerAttempt>): Promise<void> {
    const note = readNote(lease.note);
    if (!note) {
      await lease.giveBack().catch(() => {}); // there is nobody to tell
      return;
    }
    const { group, session, epoch, kind } = note;
    const { start: _, trees, ...place } = this.#options;
    const writer = { group, session, epoch };
    const at = given({ place: trees?.place });
    const attempt = new WorkerAttempt({ ...place, ...at, lease, writer, alone: kind === 'step' });
    among.set(lease.key, attempt);
    this.#room.begun(note);
    if (this.#draining.signal.aborted) attempt.drain();
    const outcome = await attempt.carryOut(async () => {
      while (!this.#fits(lease.key, among)) await this.#room.changed();
      return this.#startOf(note);
    });
    if (among === this.#attempts) this.#outcomes[outcome] += 1;
    // Whatever kept the lease from being renewed may keep the channel from being heard.
    if (outcome === 'lost') this.#takeNoneUntil(place.channel.hasEnded(group).catch(() => {}));
    among.delete(lease.key);
    this.#room.ended(note, among === this.#attempts ? 'trees' : undefined);
  }

  /** Whether it is one of the first that may live. One that is over waits for nothing. */
  #fits(key: string, among: ReadonlyMap<string, WorkerAttempt>): boolean {
    return [...among.keys()].indexOf(key) < this.#options.concurrency || this.#draining.signal.aborted;
  }

  /** Undefined: the channel is silent. @throws why it isn't carried out. */
  async #startOf({ protocol, group, session, epoch, kind, order: name }: Note): Promise<Start | undefined> {
    const { channel, trees, start } = this.#options;
    if (protocol !== PROTOCOL)
      throw new Error(
        `its group speaks version ${protocol} of the protocol, this worker ${PROTOCOL}: update the older one`,
      );
    const reading = channel.get(group, name);
    if (!(await this.#answers(reading))) return undefined;
    const bytes = await reading;
    if (!bytes) throw new Error('what it says is not there any more');
    if (kind === 'step') {
      const step = readStep(bytes);
      if (!trees || step?.order.groupId !== group)
        throw new Error('what it says is not a step for this worker');
      return sink => trees.start(step, { group, session, epoch }, sink);
    }
    const order = readOrder(bytes);
    if (order?.groupId !== group || order.sessionId !== session || order.attempt !== epoch)
      throw new Error('what it says is not an order of this attempt');
    const whole = await this.#withResults(order);
    return sink => start(whole, sink);
  }

  async #answers(reading: Promise<unknown>): Promise<boolean> {
    const { clock, leaseMs } = this.#options;
    let timer: unknown;
    const late = new Promise<boolean>(resolve => {
      timer = clock.setTimeout(() => resolve(false), PATIENT_PART * leaseMs);
    });
    const came = reading.then(
      () => true,
      () => true,
    );
    const isInTime = await Promise.race([came, late]);
    clock.clearTimeout(timer);
    if (!isInTime) this.#takeNoneUntil(came);
    return isInTime;
  }

  #takeNoneUntil(answer: Promise<unknown>): void {
    const overdue = answer.then(() => {
      if (this.#overdue === overdue) this.#overdue = undefined;
    });
    this.#overdue = overdue;
    this.#room.free(); // whoever waits for an order waits no more
  }

  /** @throws what is not there any more. */
  async #withResults(order: AttemptOrder): Promise<AttemptOrder> {
    const { channel } = this.#options;
    if (!order.results) return order;
    const results = Object.entries(order.results).map(async ([file, blob]) => {
      const text = await channel.get(order.groupId, blob);
      if (!text) throw new Error(`${file}, which it names, is not there any more`);
      return [file, Buffer.from(text).toString()] as const;
    });
    return { ...order, results: Object.fromEntries(await Promise.all(results)) };
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { channel, name } = this.#options;
    const told = (after: Position | undefined) => channel.told(name, after, signal);
    for await (const some of readOn(told, this.#options.clock, signal)) {
      for (const { text } of some) {
        const control = readControl(text);
        if (control) (this.#attempts.get(control.key) ?? this.#steps.get(control.key))?.control(control);
      }
    }
  }
}
