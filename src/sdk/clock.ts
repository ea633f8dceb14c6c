/**
 * The one source of time. Every deadline, timestamp and duration of the engine comes from here, so a
 * simulated clock moves all of it.
 */
export interface Clock {
  /** Wall time in milliseconds since the epoch: timestamps and quota resets. */
  now(): number;
  /** Milliseconds on a clock that stops while the machine sleeps: durations and watchdogs. */
  monotonic(): number;
  setTimeout(fn: () => void, delayMs: number): unknown;
  clearTimeout(handle: unknown): void;
}

/** Node's setTimeout fires immediately for anything longer. */
export const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** A deadline more than 24.8 days away, which needs more than one timer. */
class LongTimeout {
  readonly #fn: () => void;
  readonly #at: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(fn: () => void, delayMs: number) {
    this.#fn = fn;
    this.#at = performance.now() + delayMs;
    this.#arm();
  }

  clear(): void {
    clearTimeout(this.#timer);
  }

  #arm(): void {
    const leftMs = this.#at - performance.now();
    this.#timer =
      leftMs > LONGEST_TIMEOUT_MS
        ? setTimeout(() => this.#arm(), LONGEST_TIMEOUT_MS)
        : setTimeout(this.#fn, Math.max(0, leftMs));
  }
}

/** This machine's clock: wall time, and a monotonic time that stops while the machine sleeps. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  setTimeout: (fn, delayMs) =>
    delayMs > LONGEST_TIMEOUT_MS ? new LongTimeout(fn, delayMs) : setTimeout(fn, Math.max(0, delayMs)),
  clearTimeout(handle) {
    if (handle instanceof LongTimeout) handle.clear();
    else clearTimeout(handle as NodeJS.Timeout);
  },
};

/** A timer that is later than this was held up with its whole process: a paused container, a suspended machine. */
export const LATE_MS = 1_000;

/** Time is measured in steps of at most this length: a freeze within a step is not noticed. */
export const AWAKE_STEP_MS = 5_000;

/**
 * Calls `fn` once `delayMs` have passed while the process could run: a step whose timer is late is measured again.
 * @returns what cancels it, and says how much is left of that time, in milliseconds.
 */
export function afterAwake(clock: Clock, fn: () => void, delayMs: number): () => number {
  let timer: unknown;
  let left = delayMs;
  let due = 0;
  /** Of a step that is due, or that is not. */
  const passed = (step: number): number => {
    const untilDue = due - clock.monotonic();
    return untilDue < -LATE_MS ? 0 : step - Math.max(0, untilDue);
  };
  const step = (): number => Math.min(left, AWAKE_STEP_MS);
  const arm = (): void => {
    due = clock.monotonic() + step();
    timer = clock.setTimeout(() => {
      left -= passed(step());
      if (left > 0) arm();
      else fn();
    }, step());
  };
  arm();
  return () => {
    clock.clearTimeout(timer);
    return left - passed(step());
  };
}

/** The current time as ISO 8601 in UTC, as in every event. */
export function isoTime(clock: Clock): string {
  const now = clock.now();
  if (now !== last.now) {
    const at = Math.trunc(now);
    const since = at - last.second;
    if (since >= 0 && since < 1_000) last.text = `${last.upToSecond}${String(since).padStart(3, '0')}Z`;
    else {
      last.text = new Date(now).toISOString();
      last.second = Math.floor(at / 1_000) * 1_000;
      last.upToSecond = last.text.slice(0, -4);
    }
    last.at = at;
    last.now = now;
  }
  return last.text;
}

/** What such a text says, in milliseconds since the epoch; NaN if it is no time. */
export function timeOf(text: string): number {
  return text === last.text ? last.at : Date.parse(text);
}

/** The same; undefined if it is no time. */
export function finiteTime(text: string): number | undefined {
  const time = timeOf(text);
  return Number.isFinite(time) ? time : undefined;
}

/** Many events have the same second, and its text costs more than the rest of them. */
const last = { now: Number.NaN, at: Number.NaN, text: '', second: Number.NaN, upToSecond: '' };

/** Resolves after `ms` milliseconds. @throws the signal's reason once it aborts. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      clock.clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
