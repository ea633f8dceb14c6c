/**
 * The requests through one handle.
 *
 * REQUEST-QUEUE-1 they are applied in the order of the calls: changes read files first, and starts ask their agents.
 * REQUEST-QUEUE-2 what ends or holds everything (a pause, a stop, `dispose`) waits for no agent's answer. The starts that
 *    were called before it are applied in one step with it, as if their agents could start: nothing of them goes on.
 * REQUEST-QUEUE-3 what starts nothing and is needed meanwhile (a limit, an answer to a permission request) goes ahead of
 *    a start whose agents are being asked.
 */
export class RequestQueue {
  readonly #assertOpen: () => void;
  #last: Promise<unknown> | undefined;
  #asking = 0;
  /** Requests under way that aren't starts. */
  #others = 0;
  #cut = new AbortController();
  /** Starts that wait for the request that cut their checks off. */
  #uncheckedStarts: (() => void)[] = [];

  /** @param assertOpen throws if the handle takes no more requests. */
  constructor(assertOpen: () => void) {
    this.#assertOpen = assertOpen;
  }

  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const mine = this.#take(act);
    const over = (): void => void this.#others--;
    this.#others++;
    mine.then(over, over);
    return mine;
  }

  /** @param check resolves with false once the signal has aborted. */
  start<T>(check: (signal: AbortSignal) => Promise<boolean>, act: () => Promise<T>): Promise<T> {
    const { signal } = this.#cut;
    return new Promise((resolve, reject) => {
      const turn = this.#take(async () => {
        this.#asking++;
        let isChecked = false;
        try {
          isChecked = await check(signal);
        } finally {
          this.#asking--;
        }
        const start = () => resolve(act());
        if (isChecked) start();
        else this.#uncheckedStarts.push(start);
      });
      turn.catch(reject);
    });
  }

  /** For a pause or a stop. */
  end<T>(act: () => Promise<T>): Promise<T> {
    this.#cutOff();
    return this.inTurn(() => {
      this.#applyUnchecked();
      return act();
    });
  }

  ahead<T>(act: () => Promise<T>): Promise<T> {
    if (this.#asking === 0 || this.#others > 0) return this.inTurn(act);
    return this.#open(act);
  }

  /** Resolves once nothing is under way; no request may follow. */
  async close(): Promise<void> {
    this.#cutOff();
    await this.#last;
    this.#applyUnchecked();
  }

  #take<T>(act: () => Promise<T>): Promise<T> {
    const open = () => this.#open(act);
    const mine = this.#last === undefined ? open() : this.#last.then(open);
    const done = mine
      .then(
        () => {},
        () => {},
      )
      .then(() => {
        if (this.#last === done) this.#last = undefined;
      });
    this.#last = done;
    return mine;
  }

  #open<T>(act: () => Promise<T>): Promise<T> {
    try {
      this.#assertOpen();
    } catch (error) {
      return Promise.reject(error);
    }
    return act();
  }

  #cutOff(): void {
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  #applyUnchecked(): void {
    for (const apply of this.#uncheckedStarts.splice(0)) apply();
  }
}
