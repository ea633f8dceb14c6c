import type { EventReader } from '../sdk/group/journal/streams/event-log.ts';
import type { ControlContext } from './wire/request-context.ts';

/** A watcher's connection. */
type Watcher = Pick<ControlContext, 'signal' | 'send' | 'notify' | 'drained'>;

/**
 * Streams events to a watcher: history first, then live, until the last event or until it disconnects. A watcher that
 * fell too far behind gets the notice `lagged`, and what it missed from the journal.
 *
 * FEED-1 a watcher that does not read needs no memory but its position.
 */
export async function feedWatcher(
  reader: EventReader,
  { signal, send, notify, drained }: Watcher,
): Promise<{ nextSeq: number }> {
  try {
    for (let lags = 0; ; ) {
      const events = await reader.next(signal);
      if (events === undefined) return { nextSeq: reader.nextSeq };
      if (reader.lags > lags) notify('lagged');
      lags = reader.lags;
      const last = events.find(event => !send(event)); // sent, but the watcher's buffer is full now
      if (last === undefined) continue;
      reader.nextSeq = last.seq + 1; // those after it are read again later
      await drained();
    }
  } finally {
    reader.close();
  }
}
