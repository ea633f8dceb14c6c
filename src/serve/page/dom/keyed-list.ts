/** The element of one item. */
export interface Row<T> {
  readonly node: Element;
  update(item: T): void;
}

/** Keeps one child of a parent per item; reuses elements, so that they keep focus and scroll position. */
export class KeyedList<T> {
  readonly #rows = new Map<string, Row<T>>();
  readonly #parent: Element;
  readonly #key: (item: T) => string;
  readonly #create: (item: T) => Row<T>;

  constructor(parent: Element, key: (item: T) => string, create: (item: T) => Row<T>) {
    this.#parent = parent;
    this.#key = key;
    this.#create = create;
  }

  get(key: string): Row<T> | undefined {
    return this.#rows.get(key);
  }

  /** Shows exactly these items in this order. Creates and moves only the elements that need it. */
  show(items: readonly T[]): void {
    const wanted = new Set(items.map(this.#key));
    for (const [key, row] of this.#rows) {
      if (wanted.has(key)) continue;
      row.node.remove();
      this.#rows.delete(key);
    }
    const focused = document.activeElement;
    let place = this.#parent.firstElementChild;
    for (const item of items) {
      const { node } = this.#rowOf(item);
      if (node === place) place = place.nextElementSibling;
      else this.#parent.insertBefore(node, place);
    }
    if (focused instanceof HTMLElement && focused.isConnected && focused !== document.activeElement) {
      focused.focus({ preventScroll: true });
    }
  }

  #rowOf(item: T): Row<T> {
    const key = this.#key(item);
    let row = this.#rows.get(key);
    if (row === undefined) {
      row = this.#create(item);
      this.#rows.set(key, row);
    }
    row.update(item);
    return row;
  }
}
