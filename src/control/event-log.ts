import { SessionGroupsError } from '../sdk/errors.ts';
import type { SessionGroupHandle } from '../sdk/group/api/handle.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import { pastEvents } from './past-events.ts';

/** Where the events of a group come from. */
export type EventSource = Pick<SessionGroupHandle, 'events$' | 'history'>;

/** Reads a group's events at a pace of its own. */
export interface EventReader {
  /** Of the event that is read next. */
  nextSeq: number;
  /** How often it was so far behind that it had to go back to the journal. */
  readonly lags: number;
  /** The next events, at most 200, as soon as there are any; undefined once there will be none. */
  next(signal: AbortSignal): Promise<readonly GroupEvent[] | undefined>;
}

/**
 * A group's events for many readers. The last ones are kept in memory, once for all; for older ones the journal is
 * read, a little at a time and where it can be once for all who are behind. So a slow reader costs the owner next to
 * nothing, and holds nothing but its place: there is no backlog to bound.
 *
 * EVENT-LOG-1 a reader sees each event once, in order, without a gap, from `fromSeq` on.
 *
 * @param options.capacity events in memory at least. Default: 5,000.
 */
export function eventLog(source: EventSource, options: { readonly capacity?: number } = {}) {
  const { capacity = 5_000 } = options;
  let recent: GroupEvent[] = [];
  let ended = false;
  /** How often something happened: what happens while a reader looks at the journal must not be missed. */
  let turns = 0;
  let wakers = new Set<() => void>();
  const past = pastEvents(source);

  const wake = (): void => {
    turns += 1;
    const waking = wakers;
    wakers = new Set();
    for (const resolve of waking) resolve();
  };
  const end = (): void => {
    ended = true;
    wake();
  };
  source.events$.subscribe({
    next: event => {
      recent.push(event);
      // Now and then, so that an event costs the same however many are kept.
      if (recent.length >= capacity * 2) recent = recent.slice(-capacity);
      wake();
    },
    error: end,
    complete: end,
  });

  const changed = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = (): void => {
        wakers.delete(onChange);
        reject(signal.reason);
      };
      const onChange = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      wakers.add(onChange);
      signal.addEventListener('abort', onAbort, { once: true });
    });

  return {
    reader(fromSeq: number): EventReader {
      let lags = 0;
      let hasCaughtUp = false;
      const batch = async (seq: number): Promise<readonly GroupEvent[]> => {
        const [oldest] = recent;
        if (oldest ? seq >= oldest.seq : hasCaughtUp) {
          hasCaughtUp = true;
          return batchFrom(recent, seq);
        }
        if (hasCaughtUp) lags += 1;
        const events = batchFrom(await past.from(seq), seq);
        if (oldest && events.length === 0) throw historyMissing(seq);
        // With nothing in memory, all there is has been read.
        hasCaughtUp = events.length === 0;
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
            const turn = turns;
            const events = await batch(reader.nextSeq);
            signal.throwIfAborted();
            reader.nextSeq = (events.at(-1)?.seq ?? reader.nextSeq - 1) + 1;
            if (events.length > 0) return events;
            if (wasEnded) return undefined;
            if (turns === turn) await changed(signal);
          }
        },
      };
      return reader;
    },
  };
}

const BATCH = 200;

const historyMissing = (seq: number): SessionGroupsError =>
  new SessionGroupsError('history_missing', `the journal has no event ${seq} any more`);

/** Events have no gap in `seq`, so a place is a matter of counting. */
function batchFrom(events: readonly GroupEvent[], seq: number): readonly GroupEvent[] {
  const index = seq - (events[0]?.seq ?? seq);
  return index < 0 ? [] : events.slice(index, index + BATCH);
}
