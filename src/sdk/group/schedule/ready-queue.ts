/** The order of sessions that could start (spec-session-groups.md §5, "Order"). */
export interface Rank {
  /** Sessions that were in play go first, in the order in which they were requeued; 0 for others. */
  readonly reentry: (index: number) => number;
  readonly priority: (index: number) => number;
  /** Estimated duration of the longest path of dependents. */
  readonly remaining: (index: number) => number;
}

/** A binary heap of session indices; push and pop are O(log n). */
export class ReadyQueue {
  #heap: number[] = [];
  readonly #before: (a: number, b: number) => boolean;

  constructor(rank: Rank) {
    this.#before = (a, b) => {
      const ra = rank.reentry(a);
      const rb = rank.reentry(b);
      if (ra !== rb) return ra !== 0 && (rb === 0 || ra < rb);
      const priority = rank.priority(a) - rank.priority(b);
      if (priority !== 0) return priority > 0;
      const remaining = rank.remaining(a) - rank.remaining(b);
      return remaining === 0 ? a < b : remaining > 0;
    };
  }

  get size(): number {
    return this.#heap.length;
  }

  push(index: number): void {
    const heap = this.#heap;
    let at = heap.push(index) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfBefore(at, parent)) break;
      at = parent;
    }
  }

  pop(): number | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (top !== undefined && last !== undefined && heap.length > 0) {
      heap[0] = last;
      this.#sink(0);
    }
    return top;
  }

  /** Removes a session from anywhere in the queue; O(n), for the rare case that it is stopped or removed. */
  delete(index: number): boolean {
    const at = this.#heap.indexOf(index);
    if (at < 0) return false;
    this.#heap.splice(at, 1);
    this.reorder();
    return true;
  }

  /** Removes all others. */
  keep(test: (index: number) => boolean): void {
    this.#heap = this.#heap.filter(test);
    this.reorder();
  }

  clear(): void {
    this.#heap = [];
  }

  /** Call after ranks have changed; O(n). */
  reorder(): void {
    for (let at = (this.#heap.length >> 1) - 1; at >= 0; at--) this.#sink(at);
  }

  values(): readonly number[] {
    return this.#heap;
  }

  #sink(from: number): void {
    let at = from;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = right < this.#heap.length && this.#isBefore(right, left) ? right : left;
      if (child >= this.#heap.length || !this.#swapIfBefore(child, at)) return;
      at = child;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const x = this.#heap[a];
    const y = this.#heap[b];
    return x !== undefined && y !== undefined && this.#before(x, y);
  }

  #swapIfBefore(child: number, parent: number): boolean {
    const x = this.#heap[child];
    const y = this.#heap[parent];
    if (x === undefined || y === undefined || !this.#before(x, y)) return false;
    this.#heap[parent] = x;
    this.#heap[child] = y;
    return true;
  }
}
