import type { EventReader } from './event-log.ts';
import type { ControlContext } from './wire/request-context.ts';

/** A watcher's connection. */
type Watcher = Pick<ControlContext, 'signal' | 'send' | 'notify' | 'drained'>;

/**
 * Streams events to a watcher: history first, then live, until the last event or until it disconnects. A watcher that
 * fell too far behind gets the notice `lagged`, and what it missed from the journal.
 *
 * FEED-1 a watcher that does not read needs no memory but its position.
 */
export async function feedWatcher(reader: EventReader, watcher: Watcher): Promise<{ nextSeq: number }> {
  let lags = 0;
  for (;;) {
    const sent = await sendNext(reader, watcher, lags);
    if (sent === 'over') return { nextSeq: reader.nextSeq };
    lags = reader.lags;
    if (sent === 'full') await watcher.drained();
  }
}

/** Sends the next events until the watcher's buffer is full; unsent events are read again later. */
async function sendNext(
  reader: EventReader,
  { signal, send, notify }: Watcher,
  lags: number,
): Promise<'over' | 'full' | 'sent'> {
  const events = await reader.next(signal);
  if (events === undefined) return 'over';
  if (reader.lags > lags) notify('lagged');
  for (const event of events) {
    if (send(event)) continue;
    reader.nextSeq = event.seq + 1;
    return 'full';
  }
  return 'sent';
}
