import type { EventReader } from './event-log.ts';
import type { ControlContext } from './wire/request-context.ts';

/** What a watcher's connection offers. */
type Watcher = Pick<ControlContext, 'signal' | 'send' | 'notify' | 'drained'>;

/**
 * Streams what the reader of a log finds to a watcher: history first, then live, until the events are over or the
 * watcher has gone. A watcher that was too far behind is told `lagged`, and gets what it missed from the journal.
 *
 * FEED-1 while a watcher does not read, nothing is held for it but its place.
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

/** Sends the next events until the watcher is behind; what it was not sent is read again. */
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
