import { Observable, type Observer, type Operator, type Subscriber, type Subscription } from 'rxjs';
import { shielded, textOfThrown } from '../../../errors.ts';
import { given } from '../../../given.ts';

/**
 * An observable whose subscribers can't harm its source: an error thrown by one becomes a process warning, once for each
 * subscription, and the others continue. (RxJS 7 would rethrow it from a timer, which ends the host's process.)
 * Operators applied with `pipe` are covered too; an unhandled error ends only that subscription.
 */
export class SafeObservable<T> extends Observable<T> {
  override lift<R>(operator?: Operator<T, R>): Observable<R> {
    const lifted = new SafeObservable<R>();
    lifted.source = this;
    lifted.operator = operator as Operator<unknown, R> | undefined;
    return lifted;
  }

  override subscribe(
    observerOrNext?: Partial<Observer<T>> | ((value: T) => void) | null,
    error?: ((error: unknown) => void) | null,
    complete?: (() => void) | null,
  ): Subscription {
    if (isSubscriber(observerOrNext)) return super.subscribe(observerOrNext); // from an operator
    const observer: Partial<Observer<T>> =
      typeof observerOrNext === 'function' || !observerOrNext
        ? given({
            next: observerOrNext ?? undefined,
            error: error ?? undefined,
            complete: complete ?? undefined,
          })
        : observerOrNext;
    const warnOfIt = once(warn);
    return super.subscribe({
      next: value => attempt(() => observer.next?.(value), warnOfIt),
      error: reason =>
        observer.error ? attempt(() => observer.error?.(reason), warnOfIt) : warnOfIt(reason),
      complete: () => attempt(() => observer.complete?.(), warnOfIt),
    });
  }
}

/** What a host's callback throws, now or later, becomes a process warning. */
export function attempt(call: () => unknown, warnOf: (reason: unknown) => void = warn): void {
  shielded(call, warnOf);
}

/** A callback of the host's that is called again and again: what it throws becomes one warning. */
export function shieldedOnce<T>(call: (value: T) => unknown): (value: T) => void {
  const warnOfIt = once(warn);
  return value => attempt(() => call(value), warnOfIt);
}

/** For a part that the host provides: one warning, however often it fails. */
export const warnOnce = (part: string): ((reason: unknown) => void) =>
  once(reason => {
    process.emitWarning(`${part} of a session group failed: ${textOfThrown(reason)}`, {
      code: 'SESSION_GROUPS_HOST',
    });
  });

function once(warnOf: (reason: unknown) => void): (reason: unknown) => void {
  let warned = false;
  return reason => {
    if (warned) return;
    warned = true;
    warnOf(reason);
  };
}

function warn(reason: unknown): void {
  process.emitWarning(`a subscriber of a session group threw: ${textOfThrown(reason)}`, {
    code: 'SESSION_GROUPS_SUBSCRIBER',
  });
}

function isSubscriber<T>(value: unknown): value is Subscriber<T> {
  return typeof value === 'object' && value !== null && 'isStopped' in value && 'add' in value;
}
