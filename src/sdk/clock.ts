/**
 * The one source of time. Every deadline, timestamp and duration of the engine comes from here, so a
 * simulated clock moves all of it (architecture.md §5).
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch: timestamps and quota resets. */
  now(): number;
  /** Milliseconds on a clock that stands still while the machine sleeps: durations and watchdogs. */
  monotonic(): number;
  setTimeout(fn: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** setTimeout fires at once beyond this; longer delays are cut to it and re-armed by their owner. */
export const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (fn, delayMs) => setTimeout(fn, Math.min(Math.max(0, delayMs), LONGEST_TIMEOUT_MS)),
  clearTimeout: handle => clearTimeout(handle as NodeJS.Timeout),
};

/** ISO 8601 in UTC, as every event carries it. */
export const isoTime = (clock: Clock): string => new Date(clock.now()).toISOString();
