import type { Observable } from 'rxjs';
import type { GroupEvent } from './events.ts';
import { isEvent, type JournalRecord } from './journal.ts';
import { SafeObservable } from './safe-observable.ts';

/** History first, then live, each event once and in order. */
export function journalStream(
  history: () => readonly JournalRecord[],
  live: () => Observable<GroupEvent>,
  fromSeq: number,
): Observable<GroupEvent> {
  return new SafeObservable<GroupEvent>(subscriber => {
    let next = fromSeq;
    const pass = (event: GroupEvent) => {
      if (event.seq < next) return;
      next = event.seq + 1;
      subscriber.next(event);
    };
    const early: GroupEvent[] = [];
    let caughtUp = false;
    const subscription = live().subscribe({
      next: event => (caughtUp ? pass(event) : early.push(event)),
      complete: () => {
        if (caughtUp) subscriber.complete();
      },
    });
    for (const record of history()) if (isEvent(record)) pass(record);
    for (const event of early) pass(event);
    caughtUp = true;
    if (subscription.closed) subscriber.complete();
    return subscription;
  });
}
