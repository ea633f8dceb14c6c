/** Bytes that may be unread before writers have to wait. */
const MAX_UNREAD = 64 * 1024;

/**
 * A bounded buffer between writers and one reader that may be slow: writers wait while it is full, each with one piece. What
 * is put at the same time is taken together.
 */
export class Outbox {
  #waiting: Uint8Array[] = [];
  #size = 0;
  #closed = false;
  #onMore = () => {};
  #onRoom: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Resolves when there is room for more, or the outbox is closed. */
  async put(bytes: Uint8Array): Promise<void> {
    if (this.#closed) return;
    this.#waiting.push(bytes);
    this.#size += bytes.byteLength;
    this.#onMore();
    if (this.#size < MAX_UNREAD) return;
    await new Promise<void>(resolve => this.#onRoom.push(resolve));
  }

  /** Resolves with all that is unread as soon as there is something; undefined once closed and empty. */
  async take(): Promise<Uint8Array | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#closed) return undefined;
      await new Promise<void>(resolve => {
        this.#onMore = () => {
          this.#onMore = () => {};
          setImmediate(resolve);
        };
      });
    }
    const [first] = this.#waiting;
    const all = this.#waiting.length === 1 ? first : Buffer.concat(this.#waiting, this.#size);
    this.#waiting = [];
    this.#size = 0;
    this.#makeRoom();
    return all;
  }

  /** Accepts nothing more; what is unread can still be taken. */
  close(): void {
    this.#closed = true;
    this.#onMore();
    this.#makeRoom();
  }

  #makeRoom(): void {
    const writers = this.#onRoom;
    this.#onRoom = [];
    for (const resolve of writers) resolve();
  }
}
