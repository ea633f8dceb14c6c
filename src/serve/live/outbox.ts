/** Characters that may be unread before writers have to wait. */
const MAX_UNREAD = 64 * 1024;

/**
 * A bounded buffer between writers and one reader that may be slow: writers wait while it is full, each with one text.
 */
export class Outbox {
  #waiting: string[] = [];
  #size = 0;
  #closed = false;
  #onMore = () => {};
  #onRoom: (() => void)[] = [];

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Resolves when there is room for more, or the outbox is closed. */
  async put(text: string): Promise<void> {
    if (this.#closed) return;
    this.#waiting.push(text);
    this.#size += text.length;
    this.#onMore();
    if (this.#size < MAX_UNREAD) return;
    await new Promise<void>(resolve => this.#onRoom.push(resolve));
  }

  /** Resolves with all unread text as soon as there is some; undefined once closed and empty. */
  async take(): Promise<string | undefined> {
    while (this.#waiting.length === 0) {
      if (this.#closed) return undefined;
      await new Promise<void>(resolve => {
        this.#onMore = resolve;
      });
    }
    const text = this.#waiting.join('');
    this.#waiting = [];
    this.#size = 0;
    this.#makeRoom();
    return text;
  }

  /** Accepts no more text; unread text can still be taken. */
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
