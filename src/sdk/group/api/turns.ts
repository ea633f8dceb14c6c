import { abortable } from '../../abort.ts';

/**
 * Calls that own groups.
 *
 * TURNS-1 calls for the same group run one after the other, in the order in which they came.
 */
export class Turns {
  readonly #last = new Map<string, Promise<unknown>>();
  readonly #underWay = new Set<Promise<unknown>>();

  /** Counts as under way from now until it is over. */
  async during<T>(call: () => Promise<T>): Promise<T> {
    const calling = call();
    this.#underWay.add(calling);
    try {
      return await calling;
    } finally {
      this.#underWay.delete(calling);
    }
  }

  /** @param signal ends the wait for the turn, which is then not taken. @throws its reason. */
  async take<T>(id: string, call: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(id) ?? Promise.resolve();
    const turn = before.then(() => {
      signal?.throwIfAborted();
      return call();
    });
    const over = turn.then(ignore, ignore);
    this.#last.set(id, over);
    void over.then(() => {
      if (this.#last.get(id) === over) this.#last.delete(id);
    });
    if (signal) await abortable(() => before, signal);
    return turn;
  }

  /** Resolves when the calls that are under way now are over. */
  async over(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}

function ignore(): void {}
