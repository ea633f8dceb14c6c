import type { Observable } from 'rxjs';
import type { Clock } from '../../clock.ts';
import { SafeObservable } from '../journal/streams/safe-observable.ts';
import type { GroupProgress } from './progress.ts';

const THROTTLE_MS = 100;

/**
 * Emits the current progress to each subscriber immediately, and then at most ten times a second; the last one is
 * always emitted, and the one with which the group settles at once. Without subscribers, nothing is computed and no timer
 * runs.
 */
export function progressStream(
  { changes, settlements }: { readonly changes: Observable<void>; readonly settlements: Observable<unknown> },
  getProgress: () => GroupProgress,
  clock: Clock,
): Observable<GroupProgress> {
  return new SafeObservable<GroupProgress>(subscriber => {
    let timer: unknown;
    let last = Number.NEGATIVE_INFINITY;
    const emit = () => {
      timer = undefined;
      last = clock.monotonic();
      subscriber.next(getProgress());
    };
    const emitWhatIsDue = () => {
      if (timer === undefined) return;
      clock.clearTimeout(timer);
      emit();
    };
    emit();
    const subscription = changes.subscribe({
      next: () => {
        timer ??= clock.setTimeout(emit, Math.max(0, last + THROTTLE_MS - clock.monotonic()));
      },
      complete: () => {
        emitWhatIsDue();
        subscriber.complete();
      },
    });
    subscription.add(settlements.subscribe(emitWhatIsDue));
    return () => {
      clock.clearTimeout(timer);
      subscription.unsubscribe();
    };
  });
}
