import { onAbort } from '../../../abort.ts';
import { expectSignal } from '../../../argument.ts';
import type { GroupEvent } from '../events.ts';
import type { EventReader } from './event-log.ts';

/**
 * Reads events one after the other. It holds nothing before the first one is asked for, and nothing once it is over:
 * with its reader, by `return`, by the signal, or by an error.
 */
export class EventIterator implements AsyncIterableIterator<GroupEvent> {
  readonly #open: () => EventReader;
  readonly #signal: AbortSignal | undefined;
  readonly #returned = new AbortController();
  #reader: EventReader | undefined;
  #read: readonly GroupEvent[] = [];
  #index = 0;
  #isOver = false;
  #off: () => void = () => {};
  /** Calls of `next` take turns. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(open: () => EventReader, signal?: AbortSignal) {
    expectSignal(signal);
    this.#open = open;
    this.#signal = signal;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<GroupEvent, undefined>> {
    const next = this.#last.then(() => this.#next());
    this.#last = next.catch(() => {});
    return next;
  }

  /** Also ends a `next` that is waiting. */
  async return(): Promise<IteratorResult<GroupEvent, undefined>> {
    this.#end();
    return DONE;
  }

  async #next(): Promise<IteratorResult<GroupEvent, undefined>> {
    try {
      if (!this.#isOver) this.#signal?.throwIfAborted();
      if (this.#index === this.#read.length) {
        this.#read = (await this.#nextBatch()) ?? [];
        this.#index = 0;
      }
    } catch (error) {
      const wasReturned = this.#isOver;
      this.#end();
      if (wasReturned) return DONE;
      throw error;
    }
    const event = this.#read[this.#index++];
    if (event && !this.#isOver) return { done: false, value: event };
    this.#end();
    return DONE;
  }

  async #nextBatch(): Promise<readonly GroupEvent[] | undefined> {
    if (this.#isOver) return undefined;
    if (!this.#reader) {
      const [reader, signal] = [this.#open(), this.#signal];
      this.#reader = reader;
      if (signal) {
        this.#off = onAbort(signal, () => {
          this.#returned.abort(signal.reason);
          reader.close();
        });
      }
    }
    return this.#reader.next(this.#returned.signal);
  }

  #end(): void {
    this.#isOver = true;
    this.#off();
    this.#returned.abort();
    this.#reader?.close();
    this.#read = [];
  }
}

const DONE: IteratorResult<GroupEvent, undefined> = { done: true, value: undefined };
