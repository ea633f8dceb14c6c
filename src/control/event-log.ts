import { SessionGroupsError } from '../sdk/group/errors.ts';
import type { GroupEvent } from '../sdk/group/events.ts';
import type { SessionGroupHandle } from '../sdk/group/handle.ts';

/** Where the events of a group come from. */
export type EventSource = Pick<SessionGroupHandle, 'events$' | 'journal$'>;

/** Reads a group's events at a pace of its own. */
export interface EventReader {
  readonly nextSeq: number;
  /** How often it was so far behind that it had to go back to the journal. */
  readonly lags: number;
  /** The next events, at most 200, as soon as there are any; undefined once there will be none. */
  next(signal: AbortSignal): Promise<readonly GroupEvent[] | undefined>;
}

/**
 * A group's events for many readers. The last ones are kept in memory, once for all; for older ones the journal is
 * read, once for all who are behind. So a slow reader costs the owner nothing, and holds nothing but its place: there
 * is no backlog to bound.
 *
 * E1 a reader sees each event once, in order, without a gap, from `fromSeq` on.
 *
 * @param options.capacity events in memory at least. Default: 5,000.
 */
export function eventLog(source: EventSource, options: { readonly capacity?: number } = {}) {
  const { capacity = 5_000 } = options;
  let recent: GroupEvent[] = [];
  let ended = false;
  let wakers = new Set<() => void>();
  let lastPast: WeakRef<readonly GroupEvent[]> | undefined;

  const wake = (): void => {
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

  const pastFrom = (seq: number): readonly GroupEvent[] => {
    const known = lastPast?.deref();
    if (known && batchFrom(known, seq).length > 0) return known;
    const past = readPast(source, seq);
    lastPast = new WeakRef(past);
    return past;
  };
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
      let seq = fromSeq;
      let lags = 0;
      let hasCaughtUp = false;
      let past: readonly GroupEvent[] | undefined;
      const batch = (): readonly GroupEvent[] => {
        const [oldest] = recent;
        if (oldest ? seq >= oldest.seq : hasCaughtUp) {
          past = undefined;
          hasCaughtUp = true;
          return batchFrom(recent, seq);
        }
        if (past === undefined || batchFrom(past, seq).length === 0) past = pastFrom(seq);
        if (hasCaughtUp) lags += 1;
        const events = batchFrom(past, seq);
        if (oldest && events.length === 0) throw historyMissing(seq);
        // With nothing in memory, all there is has been read.
        hasCaughtUp = events.length === 0;
        return events;
      };
      return {
        get nextSeq() {
          return seq;
        },
        get lags() {
          return lags;
        },
        async next(signal) {
          for (;;) {
            const wasEnded = ended;
            const events = batch();
            seq = (events.at(-1)?.seq ?? seq - 1) + 1;
            if (events.length > 0) return events;
            if (wasEnded) return undefined;
            await changed(signal);
          }
        },
      };
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

/** The history up to now, which the stream gives before it goes live. */
function readPast(source: EventSource, seq: number): readonly GroupEvent[] {
  const past: GroupEvent[] = [];
  let failure: unknown;
  const keep = {
    next: (event: GroupEvent) => void past.push(event),
    error: (error: unknown) => (failure = error),
  };
  source.journal$(seq).subscribe(keep).unsubscribe();
  if (failure !== undefined) throw failure;
  return past;
}
