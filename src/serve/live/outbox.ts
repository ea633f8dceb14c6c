/** What may wait for a reader before its writers have to. */
const MOST_WAITING = 64 * 1024;

/**
 * Between writers and one reader that may be slow: writers wait once this much is unread, and hold nothing but what
 * they were about to say.
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

  /** Resolves when more may be put, or nobody reads any more. */
  async put(text: string): Promise<void> {
    if (this.#closed) return;
    this.#waiting.push(text);
    this.#size += text.length;
    this.#onMore();
    if (this.#size < MOST_WAITING) return;
    await new Promise<void>(resolve => this.#onRoom.push(resolve));
  }

  /** All that waits, as soon as something does; undefined once it was closed and everything is taken. */
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

  /** Nothing more comes; what waits can still be taken. */
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
