import { type Observable, Subject, type Subscription } from 'rxjs';
import { untilAborted } from '../../../abort.ts';
import { SessionGroupsError } from '../../../errors.ts';
import type { GroupEvent } from '../events.ts';
import type { EventHistory } from './journal-stream.ts';
import { pastEvents } from './past-events.ts';

/** The source of a group's events. */
export interface EventSource {
  /** Hot; completes once nothing more can follow. */
  readonly events$: Observable<GroupEvent>;
  readonly history: EventHistory;
  /** Whether the group has settled: nothing follows unless someone asks for it. */
  isSettled(): boolean;
}

export interface ReaderOptions {
  /** Ends the reader when it has read everything and the group has settled. Default: false, only with the source. */
  readonly untilSettled?: boolean;
}

/** Reads a group's events at its own pace. Close it when done. */
export interface EventReader {
  /** The `seq` of the event to read next. */
  nextSeq: number;
  /** How often it fell so far behind that it had to read the journal. */
  readonly lags: number;
  /** Waits for the next events, at most 200; undefined after the last. @throws the signal's reason. */
  next(signal: AbortSignal): Promise<readonly GroupEvent[] | undefined>;
  close(): void;
}

/**
 * A group's events for many readers. All readers share the latest events, which are in memory; older ones are read from
 * the journal in small batches, shared between readers where possible. A slow reader needs no memory but its position,
 * so there is no backlog to bound. Without a reader, nothing is kept.
 *
 * EVENT-LOG-1 a reader sees each event once, in order, without a gap, starting at `fromSeq`.
 * EVENT-LOG-2 a reader ends with its source; on request, when it has read everything and the group has settled.
 */
export class EventLog {
  readonly #source: EventSource;
  readonly #capacity: number;
  #readers = 0;
  #following: Subscription | undefined;
  #past: ReturnType<typeof pastEvents>;
  #recent: GroupEvent[] = [];
  /** While there are none in memory: the `seq` of the next one, once a reader has come to the end of the journal. */
  #end: number | undefined;
  #ended = false;
  /** Counts changes, so that a change during a read of the journal is not missed. */
  #changes = 0;
  readonly #wakes = new Subject<void>();

  /** @param options.capacity the least number of events in memory. Default: 5,000. */
  constructor(source: EventSource, { capacity = 5_000 }: { readonly capacity?: number } = {}) {
    this.#source = source;
    this.#capacity = capacity;
    this.#past = pastEvents(source);
  }

  reader(fromSeq: number, { untilSettled = false }: ReaderOptions = {}): EventReader {
    this.#readers += 1;
    this.#following ??= this.#follow();
    let open = true;
    let lags = 0;
    let caughtUp = false;
    const batch = async (seq: number): Promise<readonly GroupEvent[]> => {
      const [oldest] = this.#recent;
      const wasCaughtUp = caughtUp;
      caughtUp = seq >= (oldest?.seq ?? this.#end ?? Number.POSITIVE_INFINITY);
      if (caughtUp) return batchFrom(this.#recent, seq);
      if (wasCaughtUp) lags += 1;
      const events = batchFrom(await this.#past.from(seq), seq);
      if (events.length > 0) return events;
      if (oldest) throw historyMissing(seq);
      // With nothing in memory, the journal had everything.
      if (this.#recent.length === 0) this.#end = Math.min(seq, this.#end ?? seq);
      caughtUp = true;
      return [];
    };
    const reader: EventReader = {
      nextSeq: fromSeq,
      get lags() {
        return lags;
      },
      next: async signal => {
        for (;;) {
          const isOver = this.#ended || (untilSettled && this.#source.isSettled());
          const before = this.#changes;
          const events = await batch(reader.nextSeq);
          signal.throwIfAborted();
          reader.nextSeq = (events.at(-1)?.seq ?? reader.nextSeq - 1) + 1;
          if (events.length > 0) return events;
          if (this.#changes !== before) continue;
          if (isOver) return undefined;
          await untilAborted(this.#wakes, signal);
        }
      },
      close: () => {
        if (open) this.#left();
        open = false;
      },
    };
    return reader;
  }

  #follow(): Subscription {
    return this.#source.events$.subscribe({
      next: event => {
        const events = this.#recent;
        events.push(event);
        // Trimmed only now and then: the cost per event does not depend on the capacity.
        if (events.length >= this.#capacity * 2) this.#recent = events.slice(-this.#capacity);
        this.#wake();
      },
      error: () => this.#over(),
      complete: () => this.#over(),
    });
  }

  #left(): void {
    this.#readers -= 1;
    if (this.#readers > 0) return;
    this.#following?.unsubscribe();
    this.#following = undefined;
    this.#recent = [];
    this.#end = undefined;
    this.#past = pastEvents(this.#source);
  }

  #over(): void {
    this.#ended = true;
    this.#wake();
  }

  #wake(): void {
    this.#changes += 1;
    this.#wakes.next();
  }
}

const BATCH_SIZE = 200;

const historyMissing = (seq: number): SessionGroupsError =>
  new SessionGroupsError('history_missing', `the journal no longer has event ${seq}`);

/** `seq` has no gaps, so an index is a difference. */
function batchFrom(events: readonly GroupEvent[], seq: number): readonly GroupEvent[] {
  const index = seq - (events[0]?.seq ?? seq);
  return index < 0 ? [] : events.slice(index, index + BATCH_SIZE);
}
