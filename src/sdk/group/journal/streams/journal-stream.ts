import type { Observable, Subscriber } from 'rxjs';
import { SessionGroupsError } from '../../../errors.ts';
import type { GroupEvent } from '../events.ts';
import { isEvent, type JournalRecord } from '../records.ts';
import { SafeObservable } from './safe-observable.ts';

/** The events from this `seq` on that have happened when it is called. */
export type EventHistory = (fromSeq: number) => AsyncIterable<GroupEvent>;

/** The events from this `seq` on, first from the journal, then from the records that it doesn't have yet. */
export async function* eventsOf(
  records: AsyncIterable<JournalRecord>,
  held: readonly JournalRecord[],
  fromSeq: number,
): AsyncGenerator<GroupEvent, void, void> {
  for await (const record of records) if (isEvent(record) && record.seq >= fromSeq) yield record;
  for (const record of held) if (isEvent(record) && record.seq >= fromSeq) yield record;
}

/** How many live events are buffered while the history is read. */
const MAX_BUFFERED = 1_000;

/**
 * History first, then live, each event once and in order, without a gap. The history is read lazily while there is a
 * subscription. At most MAX_BUFFERED live events are buffered meanwhile; any others are read from the history.
 */
export function journalStream(
  history: EventHistory,
  live: Observable<GroupEvent>,
  fromSeq: number,
): Observable<GroupEvent> {
  return new SafeObservable<GroupEvent>(subscriber => {
    const catchUp = new CatchUp(subscriber, fromSeq);
    const subscription = live.subscribe({
      next: event => catchUp.live(event),
      complete: () => catchUp.end(),
    });
    catchUp.run(history).catch(error => subscriber.error(error));
    return subscription;
  });
}

class CatchUp {
  readonly #subscriber: Subscriber<GroupEvent>;
  readonly #buffered: GroupEvent[] = [];
  #next: number;
  #caughtUp = false;
  #ended = false;

  constructor(subscriber: Subscriber<GroupEvent>, fromSeq: number) {
    this.#subscriber = subscriber;
    this.#next = fromSeq;
  }

  live(event: GroupEvent): void {
    if (this.#caughtUp) this.#emit(event);
    else this.#buffered.push(event);
    if (this.#buffered.length > MAX_BUFFERED) this.#buffered.splice(0, MAX_BUFFERED / 2);
  }

  end(): void {
    this.#ended = true;
    if (this.#caughtUp) this.#subscriber.complete();
  }

  async run(history: EventHistory): Promise<void> {
    do {
      const [before, missed] = [this.#next, this.#hasGap];
      for await (const event of history(before)) {
        if (this.#subscriber.closed) return;
        this.#emit(event);
      }
      // The missed events happened before the history was requested, so it should contain them.
      if (missed && this.#next === before) throw missing(before);
    } while (this.#hasGap);
    for (let event = this.#buffered.shift(); event; event = this.#buffered.shift()) this.#emit(event);
    this.#caughtUp = true;
    if (this.#ended) this.#subscriber.complete();
  }

  /** Whether events are missing between the last emitted one and the first buffered one. */
  get #hasGap(): boolean {
    const [oldest] = this.#buffered;
    return oldest !== undefined && oldest.seq > this.#next;
  }

  #emit(event: GroupEvent): void {
    if (event.seq < this.#next) return;
    this.#next = event.seq + 1;
    this.#subscriber.next(event);
  }
}

const missing = (seq: number): SessionGroupsError =>
  new SessionGroupsError('history_missing', `the journal has no event ${seq} any more`);
