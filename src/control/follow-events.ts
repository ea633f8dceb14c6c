import { type Clock, sleep, systemClock } from '../sdk/clock.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import { eventsOf } from '../sdk/group/journal/streams/journal-stream.ts';
import type { GroupStore } from '../sdk/group/store/store.ts';
import { isTransient, type Owners } from './reach.ts';
import type { ControlClient } from './wire/client.ts';

export interface EventsOptions {
  readonly fromSeq: number;
  readonly signal: AbortSignal;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** The interval between reads of the journal while waiting for its owner. */
const POLL_MS = 100;

/**
 * The events of a group: live from its owner, else from the journal. Ends when the group has no live owner. An owner
 * that does not listen for requests is followed through the journal.
 *
 * @throws the signal's reason.
 */
export async function* groupEvents(
  id: string,
  store: GroupStore,
  { ownerOf }: Owners,
  { fromSeq, signal, clock = systemClock }: EventsOptions,
): AsyncGenerator<GroupEvent, void, void> {
  let next = fromSeq;
  for (;;) {
    const stored = await store.read(id);
    const { owner } = stored;
    const live = owner?.alive === true;
    const connecting = ownerOf(stored);
    if (connecting === undefined) {
      for await (const event of eventsOf(stored.history({ fromSeq: next }), [], next)) {
        signal.throwIfAborted();
        next = event.seq + 1;
        yield event;
      }
    }
    if (!live) return;
    if (connecting !== undefined) {
      try {
        for await (const event of ownersEvents(connecting, next, signal)) {
          next = event.seq + 1;
          yield event;
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
): AsyncGenerator<GroupEvent, void, void> {
  const client = await connecting;
  try {
    yield* client.watch({ fromSeq }, { signal });
  } finally {
    client.close();
  }
}
