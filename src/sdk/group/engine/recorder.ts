import { Subject } from 'rxjs';
import { type Clock, isoTime } from '../../clock.ts';
import { isPromised, RefusedError, type SessionGroupsError } from '../../errors.ts';
import { BufferedRecords, lostRecords } from '../journal/buffered-records.ts';
import type { GroupEvent, GroupEventBody } from '../journal/events.ts';
import type { Journal } from '../journal/journal.ts';
import type { InternalRecord, JournalRecord, ReportNumber } from '../journal/records.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';

export interface RecorderOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly progress: ProgressAggregator;
  /** Called once when the journal has failed, until `recover`: nothing more may start. */
  readonly onFailing: () => void;
  /** Called after each record has been applied. */
  readonly onRecord: (record: JournalRecord) => void;
  /** Called when an asynchronous journal has answered for everything, or has failed. */
  readonly onAnswered: () => void;
  /** The group was live when its engine died. */
  readonly interrupted: boolean;
}

/**
 * The single path of every record: first the journal, then the progress, then subscribers (I10). `seq` has no gap
 * (I11). Of an asynchronous journal, the progress is ahead: subscribers get an event once the journal has answered for it.
 * While the journal fails, events are buffered and still reach progress and subscribers. Where an engine has died, the next
 * one's first record is `_taken_over`: the time between them does not count.
 */
export class Recorder {
  readonly events = new Subject<GroupEvent>();
  /** Emits after each record. */
  readonly changes = new Subject<void>();
  /** Events from before anyone could subscribe; cleared once the group runs. */
  readonly prelude: GroupEvent[] = [];
  readonly #options: RecorderOptions;
  readonly #records: BufferedRecords;
  /** Completed once the last event is delivered. */
  #completes = false;
  #takesOver: boolean;
  #failureReported = false;
  readonly #undelivered: GroupEvent[] = [];
  #delivering = false;
  #recovering: Promise<void> | undefined;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#takesOver = options.interrupted;
    const { journal, clock } = options;
    this.#records = new BufferedRecords(
      journal,
      clock,
      () => this.#reportFailure(),
      () => this.#answered(),
    );
  }

  /** Why the journal can't be relied on; undefined if it can. */
  get failure(): SessionGroupsError | undefined {
    return this.#records.failure;
  }

  /** Records that are not yet in the journal. */
  get held(): readonly JournalRecord[] {
    return this.#records.held;
  }

  /** Whether every event has reached the subscribers. */
  get isDelivered(): boolean {
    return this.#undelivered.length === 0;
  }

  /** Records something that has happened. Never throws. */
  record(body: GroupEventBody & ReportNumber): void {
    const event = this.#next(body);
    this.#records.keep(event);
    this.#publish(event);
  }

  internal(record: InternalRecord): void {
    this.#takeOver();
    this.#records.keep(record);
    this.#apply(record);
  }

  /** Around a suspension of this process. Of a group whose time stands still, nothing is recorded. */
  async whileSuspended(work: () => Promise<void>): Promise<void> {
    const { clock, progress } = this.#options;
    if (this.#takesOver || !progress.fold.ticking) return work();
    this.internal({ type: '_suspended', time: isoTime(clock) });
    try {
      await this.answered();
      await work();
    } finally {
      this.internal({ type: '_continued', time: isoTime(clock) });
    }
  }

  /**
   * Records something that is about to start: at once, unless there is a promise; then when that resolves.
   * @throws if it isn't in the journal; then it must not start.
   */
  announce(body: GroupEventBody): Promise<void> | undefined {
    const event = this.#next(body);
    const written = this.#writeFirst(event);
    this.#publish(event);
    return written;
  }

  /** The same for a record that is no event: the order of an effect. */
  order(record: InternalRecord): Promise<void> | undefined {
    const written = this.#writeFirst(record);
    this.#apply(record);
    return written;
  }

  /** An asynchronous journal is writing, and has not failed. */
  get isWriting(): boolean {
    return this.#records.isWriting;
  }

  /** Resolves once everything so far is written, and rejects if it isn't. undefined: there is nothing to wait for. */
  written(): Promise<void> | undefined {
    return this.#records.written();
  }

  /** Resolves once it is known of everything so far whether it is written. undefined: it is known. */
  answered(): Promise<void> | undefined {
    return this.#records.written()?.catch(() => {});
  }

  #writeFirst(record: JournalRecord): Promise<void> | undefined {
    try {
      return this.#records.announce(record);
    } catch (error) {
      this.#reportFailure();
      throw error;
    }
  }

  /** Of these, those that subscribers have been told of. */
  get toldUnwritten(): readonly JournalRecord[] {
    return this.held.filter(record => !this.#records.isPending(record));
  }

  /** The group's folder has failed in some other way: nothing more may start. */
  fail(reason: unknown): SessionGroupsError {
    const failure = this.#records.fail(reason);
    this.#reportFailure();
    return failure;
  }

  /** Makes sure that records can be written, and writes the buffered ones. @throws RefusedError `store_failed`. */
  recover(): Promise<void> | undefined {
    if (this.#recovering) return this.#recovering;
    const answer = this.#records.recover();
    if (!isPromised(answer)) {
      this.#recovered(answer);
      return undefined;
    }
    const over = () => {
      this.#recovering = undefined;
    };
    this.#recovering = answer.then(cause => this.#recovered(cause));
    this.#recovering.then(over, over);
    return this.#recovering;
  }

  /** What is under way to that end, if anything is. */
  get recovering(): Promise<void> | undefined {
    return this.#recovering;
  }

  #recovered(cause: SessionGroupsError | undefined): void {
    if (cause) {
      const { message, hint } = cause;
      throw new RefusedError('store_failed', message, { cause, ...(hint === undefined ? {} : { hint }) });
    }
    this.#failureReported = false;
  }

  /** Tries one last time to write the buffered records. undefined: it is over at once. Never rejects. */
  writeLast(): Promise<void> | undefined {
    return this.#records.writeLast();
  }

  /** An error that names the records that are not written. */
  lost(): SessionGroupsError | undefined {
    const { failure, held } = this;
    return held.length > 0 && failure ? lostRecords(held, failure) : undefined;
  }

  close(): void {
    this.#completes = true;
    this.#complete();
  }

  #complete(): void {
    if (!this.#completes || !this.isDelivered) return;
    this.#completes = false;
    this.events.complete();
    this.changes.complete();
  }

  #answered(): void {
    this.#deliver();
    if (this.#records.isWriting) return;
    if (this.held.length === 0) this.#records.folded(this.#options.progress.fold);
    this.#options.onAnswered();
  }

  #takeOver(): void {
    if (!this.#takesOver) return;
    this.#takesOver = false;
    this.internal({ type: '_taken_over' });
  }

  #next(body: GroupEventBody): GroupEvent {
    this.#takeOver();
    const { clock, progress } = this.#options;
    const { groupId, fold } = progress;
    const fields: object = body;
    return { type: body.type, seq: fold.seq, time: isoTime(clock), groupId, ...fields } as GroupEvent;
  }

  #publish(event: GroupEvent): void {
    if (event.type === 'group_created') this.prelude.push(event);
    else if (event.type === 'group_started') this.prelude.length = 0;
    this.#undelivered.push(event);
    this.#apply(event);
  }

  #apply(record: JournalRecord): void {
    const { progress, onRecord } = this.#options;
    progress.apply(record);
    if (this.held.length === 0) this.#records.folded(progress.fold);
    onRecord(record);
    this.#deliver();
    if (this.changes.observed) this.changes.next();
    this.#reportFailure();
  }

  /** Called only after the record itself is applied, because reacting to the failure adds records. */
  #reportFailure(): void {
    if (this.#failureReported || this.failure === undefined) return;
    this.#failureReported = true;
    this.#options.onFailing();
  }

  /** Events that a subscriber causes are delivered after the current event has reached every subscriber. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    for (
      let event = this.#undelivered[0];
      event && !this.#records.isPending(event);
      event = this.#undelivered[0]
    ) {
      this.#undelivered.shift();
      this.events.next(event);
    }
    this.#delivering = false;
    this.#complete();
  }
}
