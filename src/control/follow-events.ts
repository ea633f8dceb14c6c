import { type Clock, sleep, systemClock } from '../sdk/clock.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import { eventsOf } from '../sdk/group/journal/streams/journal-stream.ts';
import type { GroupStore } from '../sdk/group/store/store.ts';
import { isTransient, type Owners } from './reach.ts';
import type { ControlClient } from './wire/client.ts';
import { eachEvent } from './wire/event-batches.ts';

export interface EventsOptions {
  readonly fromSeq: number;
  readonly signal: AbortSignal;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** The interval between reads of the journal while waiting for its owner. */
const POLL_MS = 100;
const BATCH_SIZE = 200;

/**
 * The events of a group: live from its owner, else from the journal. Ends when the group has no live owner. An owner
 * that does not listen for requests, or is suspended, is followed through the journal.
 *
 * @throws the signal's reason.
 */
export const groupEvents = (
  id: string,
  store: GroupStore,
  owners: Owners,
  options: EventsOptions,
): AsyncGenerator<GroupEvent, void, void> =>
  eachEvent(groupEventBatches(id, store, owners, options), options.signal);

/** The same, as many at a time as there are. */
export async function* groupEventBatches(
  id: string,
  store: GroupStore,
  { ownerOf }: Owners,
  { fromSeq, signal, clock = systemClock }: EventsOptions,
): AsyncGenerator<readonly GroupEvent[], void, void> {
  let next = fromSeq;
  for (;;) {
    const stored = await store.read(id);
    const { owner } = stored;
    const live = owner?.alive === true;
    const connecting = owner?.suspended ? undefined : ownerOf(stored);
    if (connecting === undefined) {
      let batch: GroupEvent[] = [];
      for await (const event of eventsOf(stored.history({ fromSeq: next }), [], next)) {
        signal.throwIfAborted();
        batch.push(event);
        if (batch.length < BATCH_SIZE) continue;
        next = event.seq + 1;
        yield batch;
        batch = [];
      }
      next += batch.length;
      if (batch.length > 0) yield batch;
    }
    if (!live) return;
    if (connecting !== undefined) {
      try {
        for await (const events of ownersEvents(connecting, next, signal)) {
          next = (events.at(-1)?.seq ?? next - 1) + 1;
          yield events;
        }
        return;
      } catch (error) {
        if (!isTransient(error)) throw error;
      }
    }
    await sleep(clock, POLL_MS, signal);
  }
}

async function* ownersEvents(
  connecting: Promise<ControlClient>,
  fromSeq: number,
  signal: AbortSignal,
): AsyncGenerator<readonly GroupEvent[], void, void> {
  const client = await connecting;
  try {
    yield* client.watchBatches({ fromSeq }, { signal });
  } finally {
    client.close();
  }
}
