import { EmptyError, from, type ObservableInput, Subscription } from 'rxjs';
import { expectSignal } from './argument.ts';
import { catchLater } from './errors.ts';

/** The first value, unless the signal aborts before: then rejects with its reason. The work itself is not undone. */
export function untilAborted<T>(work: ObservableInput<T>, signal: AbortSignal): Promise<T> {
  catchLater(work, () => {}); // nobody listens to it if the signal aborts before
  return new Promise((resolve, reject) => {
    const waiting = new Subscription();
    const end = (settle: () => void): void => {
      waiting.unsubscribe();
      settle();
    };
    waiting.add(onAbort(signal, () => end(() => reject(signal.reason))));
    if (waiting.closed) return;
    waiting.add(
      from(work).subscribe({
        next: value => end(() => resolve(value)),
        error: reason => end(() => reject(reason)),
        complete: () => end(() => reject(new EmptyError())),
      }),
    );
  });
}

/** What is called when a signal aborts, and its one listener. */
interface Aborting {
  readonly calls: Set<() => void>;
  readonly listener: () => void;
}
const aborting = new WeakMap<AbortSignal, Aborting>();

/**
 * Calls at once if the signal has aborted. The returned function takes the call back. However many calls wait, a signal has
 * one listener: a host may have one signal for everything, and Node warns of a signal with many.
 */
export function onAbort(signal: AbortSignal, call: () => void): () => void {
  if (signal.aborted) {
    call();
    return () => {};
  }
  const { calls, listener } = aborting.get(signal) ?? listening(signal);
  const once = (): void => call(); // the same one may be given twice
  calls.add(once);
  return () => {
    if (!calls.delete(once) || calls.size > 0) return;
    aborting.delete(signal);
    signal.removeEventListener('abort', listener);
  };
}

function listening(signal: AbortSignal): Aborting {
  const calls = new Set<() => void>();
  const listener = (): void => {
    aborting.delete(signal);
    for (const call of calls) call();
  };
  const one = { calls, listener };
  aborting.set(signal, one);
  signal.addEventListener('abort', listener, { once: true });
  return one;
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

/**
 * Begins the work unless the signal has aborted, and waits for it until it does: rejects with its reason, or with
 * `invalid_argument`, before the work begins, if it is no signal.
 */
export function abortable<T>(work: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return signal === undefined ? work() : unlessAborted(work, signal);
}

async function unlessAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  expectSignal(signal);
  signal.throwIfAborted();
  return untilAborted(work(), signal);
}
