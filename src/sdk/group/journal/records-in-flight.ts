import { afterAwake, type Clock } from '../../clock.ts';
import { SessionGroupsError } from '../../errors.ts';
import type { JournalRecord } from './records.ts';

/** How long a store may take to answer, while this process can run, before it counts as failed. */
const ANSWER_MS = 30_000;

interface Flying {
  readonly record: JournalRecord;
  state: 'pending' | 'written' | 'refused';
}

interface Waiting {
  /** How many records must be written. */
  readonly upTo: number;
  readonly resolve: () => void;
  readonly reject: (reason: SessionGroupsError) => void;
}

/** What is told of the records. */
interface FlightObserver {
  /** One was written, and so were all those before it. */
  written(): void;
  /** One was refused, or the journal does not answer. */
  failed(reason: unknown): void;
  /** Nothing is pending, and these, in order, were not written. */
  refused(records: readonly JournalRecord[]): void;
  /** Called after each answer. */
  answered(): void;
}

/**
 * Records that an asynchronous journal has taken and not written yet, in their order. Answers may come in any order.
 *
 * FLIGHT-1 a wait for them resolves once all that were taken before it are written, and rejects as soon as one fails.
 * FLIGHT-2 nothing waits for ever: a journal that does not answer in time has failed.
 */
export class RecordsInFlight {
  readonly #clock: Clock;
  readonly #observer: FlightObserver;
  readonly #pending = new Set<JournalRecord>();
  readonly #waiting: Waiting[] = [];
  readonly #drained: (() => void)[] = [];
  #flying: Flying[] = [];
  #taken = 0;
  #written = 0;
  #unwatch: () => void = () => {};
  #isOverdue = false;

  constructor(clock: Clock, observer: FlightObserver) {
    this.#clock = clock;
    this.#observer = observer;
  }

  get size(): number {
    return this.#flying.length;
  }

  /** The journal has not answered in time. */
  get isOverdue(): boolean {
    return this.#isOverdue;
  }

  /** One was refused: nothing is appended behind it. */
  get isBroken(): boolean {
    return this.#flying.some(({ state }) => state === 'refused');
  }

  get unwritten(): JournalRecord[] {
    return this.#flying.filter(({ state }) => state !== 'written').map(({ record }) => record);
  }

  isPending(record: JournalRecord): boolean {
    return !this.#isOverdue && this.#pending.has(record);
  }

  add(record: JournalRecord, answer: unknown): void {
    const flying: Flying = { record, state: 'pending' };
    this.#flying.push(flying);
    this.#pending.add(record);
    this.#taken++;
    if (this.#flying.length === 1) this.#watch();
    Promise.resolve(answer).then(
      () => this.#answered(flying, 'written'),
      reason => this.#answered(flying, 'refused', reason),
    );
  }

  /** FLIGHT-1; undefined if there are none. */
  written(): Promise<void> | undefined {
    if (this.#flying.length === 0) return undefined;
    const written = new Promise<void>((resolve, reject) => {
      this.#waiting.push({ upTo: this.#taken, resolve, reject });
    });
    written.catch(() => {}); // whoever waits may have gone
    return written;
  }

  /** Resolves once none is left, or the journal does not answer in time; undefined if there are none. */
  drained(): Promise<void> | undefined {
    if (this.#flying.length === 0 || this.#isOverdue) return undefined;
    return new Promise(resolve => this.#drained.push(resolve));
  }

  /** Nothing may start: everybody who waits is told. */
  fail(reason: SessionGroupsError): void {
    for (const { reject } of this.#waiting.splice(0)) reject(reason);
  }

  #answered(flying: Flying, state: 'written' | 'refused', reason?: unknown): void {
    flying.state = state;
    this.#pending.delete(flying.record);
    if (state === 'refused') this.#observer.failed(reason);
    const before = this.#written;
    for (; this.#flying[0]?.state === 'written'; this.#flying.shift()) {
      this.#written++;
      this.#observer.written();
    }
    if (this.#written > before) this.#wake();
    if (this.#flying.length > 0 && this.#pending.size === 0) {
      const refused = this.unwritten;
      this.#flying = [];
      this.#written = this.#taken;
      this.#observer.refused(refused);
    }
    if (this.#written > before || this.#flying.length === 0) this.#watch();
    if (this.#flying.length === 0) for (const resolve of this.#drained.splice(0)) resolve();
    this.#observer.answered();
  }

  #wake(): void {
    for (let next = this.#waiting[0]; next && next.upTo <= this.#written; next = this.#waiting[0]) {
      this.#waiting.shift();
      next.resolve();
    }
  }

  /** The oldest has this long from now on. */
  #watch(): void {
    this.#unwatch();
    this.#isOverdue = false;
    if (this.#flying.length === 0) return;
    const overdue = (): void => {
      this.#isOverdue = true;
      this.#observer.failed(noAnswer());
      for (const resolve of this.#drained.splice(0)) resolve();
      this.#observer.answered();
    };
    this.#unwatch = afterAwake(this.#clock, overdue, ANSWER_MS);
  }
}

/** What a store answers. @throws SessionGroupsError `store_failed` if that takes too long. */
export async function answerInTime<T>(clock: Clock, answer: PromiseLike<T>): Promise<T> {
  let cancel = (): void => {};
  const late = new Promise<never>((_, reject) => {
    cancel = afterAwake(clock, () => reject(noAnswer()), ANSWER_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    cancel();
  }
}

const noAnswer = (): SessionGroupsError =>
  new SessionGroupsError('store_failed', `the store has not answered for ${ANSWER_MS / 1_000} s`, {
    hint: 'Check the store, then resume the group.',
  });
