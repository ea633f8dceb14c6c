import type { Clock } from './clock.ts';

interface Timer {
  readonly id: number;
  readonly at: number;
  readonly fn: () => void;
}

/**
 * A clock that moves only when told to. It steps from timer to timer, so code that runs at 5 ms sees `now` = 5
 * (XState's own SimulatedClock jumps first and fires afterwards).
 */
export class SimulatedClock implements Clock {
  #now: number;
  readonly #start: number;
  #nextId = 1;
  readonly #timers = new Map<number, Timer>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#now = startMs;
    this.#start = startMs;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start;
  }

  setTimeout(fn: () => void, delayMs: number): unknown {
    const id = this.#nextId++;
    this.#timers.set(id, { id, at: this.#now + Math.max(0, delayMs), fn });
    return id;
  }

  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number);
  }

  /** The number of armed timers; zero after a group has been disposed of. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer fires, in epoch milliseconds; undefined if none is armed. */
  get nextAt(): number | undefined {
    return this.#next()?.at;
  }

  /** Fires every timer due within `ms`, in order, each at its own time, including timers armed along the way. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let timer = this.#next(); timer && timer.at <= end; timer = this.#next()) this.#fire(timer);
    this.#now = end;
  }

  /** Time passes while the whole process is frozen: what was due meanwhile fires late, with the next step. */
  freeze(ms: number): void {
    this.#now += ms;
  }

  /** Jumps to the next timer and fires it; false if none is armed. */
  step(): boolean {
    const timer = this.#next();
    if (timer) this.#fire(timer);
    return timer !== undefined;
  }

  #fire(timer: Timer): void {
    this.#timers.delete(timer.id);
    this.#now = Math.max(this.#now, timer.at);
    timer.fn();
  }

  #next(): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers.values()) {
      if (!first || timer.at < first.at || (timer.at === first.at && timer.id < first.id)) first = timer;
    }
    return first;
  }
}
