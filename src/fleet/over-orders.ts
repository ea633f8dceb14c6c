import type { PlacedOrder, Placement } from './placement.ts';

interface OverOrdersOptions {
  readonly placement: Placement;
  readonly group: string;
}

/** The orders of a group's attempts that are over, until they are forgotten: not before their workers have given them back. */
export class OverOrders {
  readonly #options: OverOrdersOptions;
  readonly #over = new Map<string, PlacedOrder>();
  /** Given back before their attempts were over for their group. */
  readonly #returned = new Set<string>();
  #isClosed = false;

  constructor(options: OverOrdersOptions) {
    this.#options = options;
  }

  /** @param held a worker has it, or had it a moment ago. */
  over(order: PlacedOrder, held: boolean): void {
    this.#over.set(order.key, order);
    if (!held || this.#returned.has(order.key)) void this.#forget(order);
  }

  /** A worker has given it back or lost it; it may be another group's. */
  returned(key: string): void {
    if (!key.startsWith(`${this.#options.group}.`)) return;
    const order = this.#over.get(key);
    if (order) void this.#forget(order);
    else this.#returned.add(key);
  }

  /** Something may have been missed. */
  again(): void {
    for (const order of this.#over.values()) void this.#forget(order);
  }

  /** Tries once more, and waits for nothing. */
  close(): void {
    this.again();
    this.#isClosed = true;
  }

  async #forget(order: PlacedOrder): Promise<void> {
    if (this.#isClosed) return;
    if (!(await this.#options.placement.forget(order).catch(() => false))) return;
    this.#over.delete(order.key);
    this.#returned.delete(order.key);
  }
}
