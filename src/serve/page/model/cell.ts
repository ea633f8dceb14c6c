/** A value that several parts show and change. */
export class Cell<T> {
  #value: T;
  readonly #changed: (value: T) => void;

  /** @param changed is called after each change. */
  constructor(value: T, changed: (value: T) => void) {
    this.#value = value;
    this.#changed = changed;
  }

  get value(): T {
    return this.#value;
  }

  set(value: T): void {
    if (value === this.#value) return;
    this.#value = value;
    this.#changed(value);
  }
}
