import { type Clock, sleep, systemClock } from '../sdk/clock.ts';
import type { GroupEvent } from '../sdk/group/journal/events.ts';
import { eventsOf } from '../sdk/group/journal/journal-stream.ts';
import type { GroupStore } from '../sdk/group/store/store.ts';
import { isPassing, type Owners } from './reach.ts';
import type { ControlClient } from './wire/client.ts';

export interface EventsOptions {
  readonly fromSeq: number;
  readonly signal: AbortSignal;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/** How long until the journal is looked at again, where its owner has to be waited for. */
const PAUSE_MS = 100;

/**
 * The events of a group: from its live owner as they come, else what the journal holds. Ends when nobody runs it.
 * A host that does not listen for requests is followed by its journal.
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
    const asked = ownerOf(stored);
    if (asked === undefined) {
      for await (const event of eventsOf(stored.history({ fromSeq: next }), [], next)) {
        signal.throwIfAborted();
        next = event.seq + 1;
        yield event;
      }
    }
    if (!live) return;
    if (asked !== undefined) {
      try {
        for await (const event of ownersEvents(asked, next, signal)) {
          next = event.seq + 1;
          yield event;
        }
        return;
      } catch (error) {
        if (!isPassing(error)) throw error;
      }
    }
    await sleep(clock, PAUSE_MS, signal);
  }
}

async function* ownersEvents(
  asked: Promise<ControlClient>,
  fromSeq: number,
  signal: AbortSignal,
): AsyncGenerator<GroupEvent, void, void> {
  const client = await asked;
  try {
    yield* client.watch({ fromSeq }, { signal });
  } finally {
    client.close();
  }
}
