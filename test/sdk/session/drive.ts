import type { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';

/** Steps a simulated clock until the promise settles; fails if no timer is left before that. */
export function drive(clock: SimulatedClock): <T>(promise: Promise<T>) => Promise<T> {
  return async promise => {
    let settled = false;
    const mark = (): void => {
      settled = true;
    };
    promise.then(mark, mark);
    for (;;) {
      // Promises that follow from the last timer settle before the next one fires.
      for (let turns = 0; turns < 10; turns += 1) await Promise.resolve();
      if (settled) return promise;
      if (!clock.step()) throw new Error('nothing is left that could settle the promise');
    }
  };
}
