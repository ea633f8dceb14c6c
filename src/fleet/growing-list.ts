/** A list that is read while it grows, by any number of readers; what has been read may be forgotten. */
export class GrowingList<T> {
  #items: T[] = [];
  /** How many have been forgotten. */
  #gone = 0;
  readonly #waiting = new Set<() => void>();

  /** The place of the last one; the first has place 1. */
  get last(): number {
    return this.#gone + this.#items.length;
  }

  get kept(): number {
    return this.#items.length;
  }

  add(items: readonly T[]): void {
    this.#items.push(...items);
    for (const go of [...this.#waiting]) go();
  }

  forget(upTo: number): void {
    const count = Math.min(upTo - this.#gone, this.#items.length);
    if (count <= 0) return;
    this.#items = this.#items.slice(count);
    this.#gone += count;
  }

  /** What comes after a place, as it comes, until the signal aborts. */
  async *after(
    place: number,
    signal: AbortSignal,
  ): AsyncGenerator<readonly { readonly at: number; readonly item: T }[]> {
    let read = place;
    while (!signal.aborted) {
      const from = Math.max(read, this.#gone);
      const found = this.#items.slice(from - this.#gone).map((item, i) => ({ at: from + i + 1, item }));
      read = from + found.length;
      if (found.length > 0) yield found;
      else await this.#more(signal);
    }
  }

  #more(signal: AbortSignal): Promise<void> {
    return new Promise(resolve => {
      const go = () => {
        this.#waiting.delete(go);
        signal.removeEventListener('abort', go);
        resolve();
      };
      this.#waiting.add(go);
      signal.addEventListener('abort', go);
    });
  }
}
