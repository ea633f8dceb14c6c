import { Subject } from 'rxjs';
import { type Clock, isoTime } from '../clock.ts';
import type { GroupEvent, GroupEventBody } from './events.ts';
import type { InternalRecord, Journal, JournalRecord } from './journal.ts';
import type { ProgressAggregator } from './progress-aggregator.ts';

export interface RecorderOptions {
  readonly groupId: string;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly progress: ProgressAggregator;
}

/**
 * The one way by which anything becomes known: the journal first, then the progress, then subscribers (I10).
 * `seq` has no gap (I11).
 */
export class Recorder {
  events = new Subject<GroupEvent>();
  /** After each record. */
  changes = new Subject<void>();
  /** What happened before anybody could subscribe; forgotten once the group runs. */
  readonly prelude: GroupEvent[] = [];
  readonly #options: RecorderOptions;
  #seq = 0;
  #closed = false;
  readonly #undelivered: GroupEvent[] = [];
  #delivering = false;

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  /** Goes on numbering where a journal ended. */
  resumeAt(seq: number): void {
    this.#seq = seq;
  }

  /** A settled group runs again: those who subscribed before have seen its end. */
  reopen(): void {
    if (!this.#closed) return;
    this.#closed = false;
    this.events = new Subject();
    this.changes = new Subject();
  }

  record(body: GroupEventBody): void {
    const { groupId, clock } = this.#options;
    const { type, ...fields } = body;
    const event = { type, seq: this.#seq++, time: isoTime(clock), groupId, ...fields } as GroupEvent;
    if (type === 'group_created') this.prelude.push(event);
    else if (type === 'group_started') this.prelude.length = 0;
    this.#append(event);
    this.#undelivered.push(event);
    this.#deliver();
    this.changes.next();
  }

  internal(record: InternalRecord): void {
    this.#append(record);
    this.changes.next();
  }

  close(): void {
    this.#closed = true;
    this.events.complete();
    this.changes.complete();
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

  #append(record: JournalRecord): void {
    this.#options.journal.append(record);
    this.#options.progress.apply(record);
  }
}
