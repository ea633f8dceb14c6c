import { Subject } from 'rxjs';
import { type Clock, isoTime } from '../../clock.ts';
import { RefusedError, type SessionGroupsError } from '../../errors.ts';
import { BufferedRecords, lostRecords } from '../journal/buffered-records.ts';
import type { GroupEvent, GroupEventBody } from '../journal/events.ts';
import type { Journal } from '../journal/journal.ts';
import type { InternalRecord, JournalRecord } from '../journal/records.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';

export interface RecorderOptions {
  readonly clock: Clock;
  readonly journal: Journal;
  readonly progress: ProgressAggregator;
  /** The journal has failed: nothing more may start. Once until `recover`. */
  readonly onFailing: () => void;
  /** After each record has been taken in. */
  readonly onRecord: (record: JournalRecord) => void;
}

/**
 * The one way by which anything becomes known: the journal first, then the progress, then subscribers (I10).
 * `seq` has no gap (I11). While the journal fails, what has happened is held, and shown all the same.
 */
export class Recorder {
  events = new Subject<GroupEvent>();
  /** After each record. */
  changes = new Subject<void>();
  /** What happened before anybody could subscribe; forgotten once the group runs. */
  readonly prelude: GroupEvent[] = [];
  readonly #options: RecorderOptions;
  readonly #records: BufferedRecords;
  #closed = false;
  #saidFailing = false;
  readonly #undelivered: GroupEvent[] = [];
  #delivering = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
    this.#records = new BufferedRecords(options.journal, () => this.#sayFailing());
  }

  /** Why the journal cannot be relied on; undefined while it can. */
  get failure(): SessionGroupsError | undefined {
    return this.#records.failure;
  }

  /** What has happened and is not in the journal. */
  get held(): readonly JournalRecord[] {
    return this.#records.held;
  }

  /** A settled group runs again: those who subscribed before have seen its end. */
  reopen(): void {
    if (!this.#closed) return;
    this.#closed = false;
    this.events = new Subject();
    this.changes = new Subject();
  }

  /** What has happened. Never throws. */
  record(body: GroupEventBody): void {
    const event = this.#next(body);
    this.#records.keep(event);
    this.#known(event);
  }

  internal(record: InternalRecord): void {
    this.#records.keep(record);
    this.#takenIn(record);
  }

  /** What is about to be started. @throws where the journal has not got it: then it must not be. */
  announce(body: GroupEventBody): void {
    const event = this.#next(body);
    try {
      this.#records.announce(event);
    } catch (error) {
      this.#sayFailing();
      throw error;
    }
    this.#known(event);
  }

  /** The group's folder has failed in another way: nothing more may start. */
  fail(reason: unknown): SessionGroupsError {
    const failure = this.#records.fail(reason);
    this.#sayFailing();
    return failure;
  }

  /** Makes sure that records can be written, and writes those that are held. @throws RefusedError `store_failed`. */
  recover(): void {
    const cause = this.#records.recover();
    if (cause) {
      const { message, hint } = cause;
      throw new RefusedError('store_failed', message, { cause, ...(hint === undefined ? {} : { hint }) });
    }
    this.#saidFailing = false;
  }

  /** Tries for the last time to write what is held; gives the error that names what was not. */
  lost(): SessionGroupsError | undefined {
    const { failure } = this;
    if (this.held.length === 0 || this.#records.tryToWrite() || !failure) return undefined;
    return lostRecords(this.held, failure);
  }

  close(): void {
    this.#closed = true;
    this.events.complete();
    this.changes.complete();
  }

  #next(body: GroupEventBody): GroupEvent {
    const { clock, progress } = this.#options;
    const { type, ...fields } = body;
    const { groupId, fold } = progress;
    return { type, seq: fold.seq, time: isoTime(clock), groupId, ...fields } as GroupEvent;
  }

  #known(event: GroupEvent): void {
    if (event.type === 'group_created') this.prelude.push(event);
    else if (event.type === 'group_started') this.prelude.length = 0;
    this.#undelivered.push(event);
    this.#takenIn(event);
  }

  #takenIn(record: JournalRecord): void {
    const { journal, progress, onRecord } = this.#options;
    progress.apply(record);
    if (this.held.length === 0) journal.folded?.(progress.fold);
    onRecord(record);
    this.#deliver();
    this.changes.next();
    this.#sayFailing();
  }

  /** Only once its own record is known: what it sets off comes after. */
  #sayFailing(): void {
    if (this.#saidFailing || this.failure === undefined) return;
    this.#saidFailing = true;
    this.#options.onFailing();
  }

  /** What a subscriber sets off reaches all of them after the event that it was told of. */
  #deliver(): void {
    if (this.#delivering) return;
    this.#delivering = true;
    for (let event = this.#undelivered.shift(); event; event = this.#undelivered.shift()) {
      this.events.next(event);
    }
    this.#delivering = false;
  }
}
