import type { Observable, Subscriber } from 'rxjs';
import { SessionGroupsError } from '../../errors.ts';
import type { GroupEvent } from './events.ts';
import { isEvent, type JournalRecord } from './records.ts';
import { SafeObservable } from './safe-observable.ts';

/** The events from a number on, as far as they have happened when it is called. */
export type EventHistory = (fromSeq: number) => AsyncIterable<GroupEvent>;

/** Of a journal's records and then of those that it has not got yet: only the events, from this number on. */
export async function* eventsOf(
  records: AsyncIterable<JournalRecord>,
  held: readonly JournalRecord[],
  fromSeq: number,
): AsyncGenerator<GroupEvent, void, void> {
  for await (const record of records) if (isEvent(record) && record.seq >= fromSeq) yield record;
  for (const record of held) if (isEvent(record) && record.seq >= fromSeq) yield record;
}

/** How many events may come in while the history is read, until it is read on instead. */
const MOST_EARLY = 1_000;

/**
 * History first, then live, each event once and in order, without a gap. The history is read bit by bit, for as long
 * as somebody subscribes; what happens meanwhile is kept only as far as MOST_EARLY goes, for the history has it too.
 */
export function journalStream(
  history: EventHistory,
  live: () => Observable<GroupEvent>,
  fromSeq: number,
): Observable<GroupEvent> {
  return new SafeObservable<GroupEvent>(subscriber => {
    const passage = new Passage(subscriber, fromSeq);
    const subscription = live().subscribe({
      next: event => passage.live(event),
      complete: () => passage.end(),
    });
    passage.catchUp(history).catch(error => subscriber.error(error));
    return subscription;
  });
}

class Passage {
  readonly #subscriber: Subscriber<GroupEvent>;
  readonly #early: GroupEvent[] = [];
  #next: number;
  #caughtUp = false;
  #ended = false;

  constructor(subscriber: Subscriber<GroupEvent>, fromSeq: number) {
    this.#subscriber = subscriber;
    this.#next = fromSeq;
  }

  live(event: GroupEvent): void {
    if (this.#caughtUp) this.#pass(event);
    else this.#early.push(event);
    if (this.#early.length > MOST_EARLY) this.#early.splice(0, MOST_EARLY / 2);
  }

  end(): void {
    this.#ended = true;
    if (this.#caughtUp) this.#subscriber.complete();
  }

  async catchUp(history: EventHistory): Promise<void> {
    do {
      const [before, missed] = [this.#next, this.#misses];
      for await (const event of history(before)) {
        if (this.#subscriber.closed) return;
        this.#pass(event);
      }
      // What was missed had happened before the history was asked for.
      if (missed && this.#next === before) throw missing(before);
    } while (this.#misses);
    for (let event = this.#early.shift(); event; event = this.#early.shift()) this.#pass(event);
    this.#caughtUp = true;
    if (this.#ended) this.#subscriber.complete();
  }

  /** Events lie between those that were passed on and those that came in. */
  get #misses(): boolean {
    const [oldest] = this.#early;
    return oldest !== undefined && oldest.seq > this.#next;
  }

  #pass(event: GroupEvent): void {
    if (event.seq < this.#next) return;
    this.#next = event.seq + 1;
    this.#subscriber.next(event);
  }
}

const missing = (seq: number): SessionGroupsError =>
  new SessionGroupsError('history_missing', `the journal has no event ${seq} any more`);
