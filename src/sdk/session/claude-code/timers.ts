import type { Clock } from '../../clock.ts';

/** The timers of one attempt, which end with it. */
export class Timers {
  readonly #clock: Clock;
  readonly #running = new Set<unknown>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  after(delayMs: number, action: () => void): unknown {
    const timer = this.#clock.setTimeout(() => {
      this.#running.delete(timer);
      action();
    }, delayMs);
    this.#running.add(timer);
    return timer;
  }

  cancel(timer: unknown): void {
    this.#clock.clearTimeout(timer);
    this.#running.delete(timer);
  }

  clear(): void {
    for (const timer of this.#running) this.cancel(timer);
  }
}
