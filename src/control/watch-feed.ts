import type { EventReader } from './event-log.ts';
import type { ControlContext } from './handlers.ts';

/**
 * Streams what the reader of a log finds to a watcher: history first, then live, until the events are over or the
 * watcher has gone. A watcher that was too far behind is told `lagged`, and gets what it missed from the journal.
 */
export async function feedWatcher(
  reader: EventReader,
  { signal, send, notify, drained }: Pick<ControlContext, 'signal' | 'send' | 'notify' | 'drained'>,
): Promise<{ nextSeq: number }> {
  let lags = 0;
  for (;;) {
    const events = await reader.next(signal);
    if (events === undefined) return { nextSeq: reader.nextSeq };
    if (reader.lags > lags) notify('lagged');
    lags = reader.lags;
    for (const event of events) if (!send(event)) await drained();
  }
}
