import { firstValueFrom, merge, Observable, type ObservableInput } from 'rxjs';

/** The first value, unless the signal aborts before: then rejects with its reason. The work itself is not undone. */
export const untilAborted = <T>(work: ObservableInput<T>, signal: AbortSignal): Promise<T> =>
  firstValueFrom(merge(aborted(signal), work));

/** Never emits. */
const aborted = (signal: AbortSignal): Observable<never> =>
  new Observable(subscriber => onAbort(signal, () => subscriber.error(signal.reason)));

/** Calls at once if the signal has aborted. The returned function takes the listener away. */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) call();
  else signal.addEventListener('abort', call, { once: true });
  return () => signal.removeEventListener('abort', call);
}

/**
 * Does the work with a signal that aborts when the first of these does. `AbortSignal.any` would be kept by a signal that
 * lives long.
 */
export async function withFirstAbort<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const first = new AbortController();
  const releases = signals.map(signal => onAbort(signal, () => first.abort(signal.reason)));
  try {
    return await work(first.signal);
  } finally {
    for (const release of releases) release();
  }
}

/** Begins the work unless the signal has aborted, and waits for it until it does: rejects with its reason. */
export function abortable<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return work();
  return signal.aborted ? Promise.reject(signal.reason) : untilAborted(work(), signal);
}
