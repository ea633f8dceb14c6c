import { Subject } from 'rxjs';
import { SessionGroupsError } from '../sdk/errors.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import type { GroupRunner } from '../sdk/group/runner.ts';
import { pastEvents } from './past-events.ts';
import { untilAborted } from './until-aborted.ts';

/** The source of a group's events. */
export type EventSource = Pick<GroupRunner, 'events$' | 'history'>;

/** Reads a group's events at its own pace. */
export interface EventReader {
  /** The `seq` of the event to read next. */
  nextSeq: number;
  /** How often it fell so far behind that it had to read the journal. */
  readonly lags: number;
  /** Waits for the next events, at most 200; undefined after the last. */
  next(signal: AbortSignal): Promise<readonly GroupEvent[] | undefined>;
}

/**
 * A group's events for many readers. All readers share the latest events, which are in memory; older ones are read from
 * the journal in small batches, shared between readers where possible. A slow reader needs no memory but its position,
 * so there is no backlog to bound.
 *
 * EVENT-LOG-1 a reader sees each event once, in order, without a gap, starting at `fromSeq`.
 * EVENT-LOG-2 a reader ends when the group has settled; one that comes after the group was opened again follows it on.
 *
 * @param options.capacity the least number of events in memory. Default: 5,000.
 */
export function eventLog(source: EventSource, options: { readonly capacity?: number } = {}) {
  const { capacity = 5_000 } = options;
  let recent: GroupEvent[] = [];
  let ended = false;
  /** Counts how often the group has been followed: once it has settled, `events$` is over, and is another when it runs again. */
  let runs = 0;
  /** Counts changes, so that a change during a read of the journal is not missed. */
  let changes = 0;
  const wakes = new Subject<void>();
  const past = pastEvents(source);

  const wake = (): void => {
    changes += 1;
    wakes.next();
  };
  const end = (): void => {
    ended = true;
    wake();
  };
  const follow = (): void => {
    runs += 1;
    recent = [];
    ended = false;
    let live = false;
    source.events$.subscribe({
      next: event => {
        if (!live) return; // what each subscriber is told first is in the journal
        recent.push(event);
        // Trimmed only now and then: the cost per event does not depend on the capacity.
        if (recent.length >= capacity * 2) recent = recent.slice(-capacity);
        wake();
      },
      error: end,
      complete: end,
    });
    live = true;
  };
  follow();

  return {
    reader(fromSeq: number): EventReader {
      if (ended) follow();
      let lags = 0;
      let caughtUpIn = 0;
      const batch = async (seq: number): Promise<readonly GroupEvent[]> => {
        const [oldest] = recent;
        const run = runs;
        const hasCaughtUp = caughtUpIn === run;
        if (oldest ? seq >= oldest.seq : hasCaughtUp) {
          caughtUpIn = run;
          return batchFrom(recent, seq);
        }
        if (hasCaughtUp) lags += 1;
        const events = batchFrom(await past.from(seq), seq);
        if (oldest && events.length === 0) throw historyMissing(seq);
        // With nothing in memory, the journal had everything.
        caughtUpIn = events.length === 0 ? run : 0;
        return events;
      };
      const reader: EventReader = {
        nextSeq: fromSeq,
        get lags() {
          return lags;
        },
        async next(signal) {
          for (;;) {
            const wasEnded = ended;
            const before = changes;
            const events = await batch(reader.nextSeq);
            signal.throwIfAborted();
            reader.nextSeq = (events.at(-1)?.seq ?? reader.nextSeq - 1) + 1;
            if (events.length > 0) return events;
            if (wasEnded) return undefined;
            if (changes === before) await untilAborted(wakes, signal);
          }
        },
      };
      return reader;
    },
  };
}

const BATCH_SIZE = 200;

const historyMissing = (seq: number): SessionGroupsError =>
  new SessionGroupsError('history_missing', `the journal no longer has event ${seq}`);

/** `seq` has no gaps, so an index is a difference. */
function batchFrom(events: readonly GroupEvent[], seq: number): readonly GroupEvent[] {
  const index = seq - (events[0]?.seq ?? seq);
  return index < 0 ? [] : events.slice(index, index + BATCH_SIZE);
}
