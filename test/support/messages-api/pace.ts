import type { Pace } from './answers.ts';

/** A slow answer whose deltas are released by the test. */
export class Gate implements Pace {
  #credit = 0;
  #open = false;
  #waiting: (() => void) | undefined;
  #reached: (() => void)[] = [];

  /** Releases `count` more deltas. */
  release(count = 1): void {
    this.#credit += count;
    this.#waiting?.();
  }

  /** Releases all the rest. */
  open(): void {
    this.#open = true;
    this.#waiting?.();
  }

  /** Resolves when the answer waits at the gate, that is, when everything released so far has been sent. */
  reached(): Promise<void> {
    if (this.#waiting) return Promise.resolve();
    return new Promise(resolve => this.#reached.push(resolve));
  }

  next(signal: AbortSignal): Promise<void> {
    if (this.#open || signal.aborted) return Promise.resolve();
    if (this.#credit > 0) {
      this.#credit -= 1;
      return Promise.resolve();
    }
    return new Promise(resolve => {
      const go = (): void => {
        if (!this.#open && !signal.aborted && this.#credit === 0) return;
        if (!this.#open && !signal.aborted) this.#credit -= 1;
        this.#waiting = undefined;
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#waiting = go;
      signal.addEventListener('abort', go);
      for (const tell of this.#reached.splice(0)) tell();
    });
  }
}

/** One delta every `milliseconds`, for manual trials; tests use a `Gate`. */
export const every = (milliseconds: number): Pace => ({
  next: signal =>
    new Promise(resolve => {
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      signal.addEventListener('abort', done);
    }),
});
