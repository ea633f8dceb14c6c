import { firstValueFrom, merge, Observable, type ObservableInput } from 'rxjs';

/** The first value, unless the signal aborts before: then rejects with its reason. The work itself is not undone. */
export const untilAborted = <T>(work: ObservableInput<T>, signal: AbortSignal): Promise<T> =>
  firstValueFrom(merge(aborted(signal), work));

/** Never emits. */
const aborted = (signal: AbortSignal): Observable<never> =>
  new Observable(subscriber => {
    const abort = () => subscriber.error(signal.reason);
    if (signal.aborted) return abort();
    signal.addEventListener('abort', abort, { once: true });
    return () => signal.removeEventListener('abort', abort);
  });
