import type { Clock } from '../../src/sdk/clock.ts';

/** The clock of whichever engine lives: agents outlive the engine that they were made for. */
export const followingClock = (current: () => Clock): Clock => ({
  now: () => current().now(),
  monotonic: () => current().now(),
  setTimeout: (fn, ms) => current().setTimeout(fn, ms),
  clearTimeout: timer => current().clearTimeout(timer),
});
