import { onAbort } from '../../sdk/abort.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { GroupEvent } from '../../sdk/group/journal/events.ts';

/**
 * What happens within so many milliseconds goes out together: to write to a socket costs as much as dozens of events. The
 * first event after a pause goes out at once.
 */
export const TURN_MS = 100;

/** The turns in which live events are sent, the same ones for all streams: those that have read it all send the same. */
export class Turns {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();
  #timer: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether the last of these events has just happened; others are sent as fast as they are read. */
  areLive(events: readonly GroupEvent[]): boolean {
    const last = events.at(-1);
    return last !== undefined && Math.abs(this.#clock.now() - Date.parse(last.time)) < TURN_MS;
  }

  /** @throws the signal's reason. */
  async next(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    await new Promise<void>((resolve, reject) => {
      const off = onAbort(signal, () => {
        this.#waiting.delete(begin);
        if (this.#waiting.size === 0) this.#clock.clearTimeout(this.#timer);
        reject(signal.reason);
      });
      const begin = (): void => {
        off();
        resolve();
      };
      if (this.#waiting.size === 0) this.#timer = this.#clock.setTimeout(() => this.#begin(), TURN_MS);
      this.#waiting.add(begin);
    });
  }

  #begin(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const begin of waiting) begin();
  }
}
