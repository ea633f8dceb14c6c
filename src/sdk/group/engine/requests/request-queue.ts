/**
 * The requests through one handle.
 *
 * REQUEST-QUEUE-1 they are applied in the order of the calls: changes read files first, and starts ask their agents.
 * REQUEST-QUEUE-2 what ends or holds everything (a pause, a stop, `dispose`) waits for no agent's answer. The starts that
 *    were called before it are applied in one step with it, in which no session starts.
 * REQUEST-QUEUE-3 what starts nothing and is needed meanwhile (a limit, an answer to a permission request) goes ahead of
 *    a start whose agents are being asked.
 */
export class RequestQueue {
  readonly #assertOpen: () => void;
  readonly #admittingNone: <T>(step: () => T) => T;
  #last: Promise<unknown> | undefined;
  #asking = 0;
  /** Requests under way that aren't starts. */
  #others = 0;
  #cut = new AbortController();
  /** Starts that wait for the request that cut their checks off. */
  #uncheckedStarts: (() => void)[] = [];

  /**
   * @param assertOpen throws if the handle takes no more requests.
   * @param admittingNone carries the step out so that no session starts in it.
   */
  constructor(assertOpen: () => void, admittingNone: <T>(step: () => T) => T) {
    this.#assertOpen = assertOpen;
    this.#admittingNone = admittingNone;
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
    return this.inTurn(() => this.#withUnchecked(act));
  }

  ahead<T>(act: () => Promise<T>): Promise<T> {
    if (this.#asking === 0 || this.#others > 0) return this.inTurn(act);
    return this.#open(act);
  }

  /** Acts once nothing is under way; no request may follow. */
  async close<T>(act: () => Promise<T>): Promise<T> {
    this.#cutOff();
    await this.#last;
    return this.#withUnchecked(act);
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

  #withUnchecked<T>(act: () => T): T {
    const starts = this.#uncheckedStarts.splice(0);
    if (starts.length === 0) return act();
    return this.#admittingNone(() => {
      for (const start of starts) start();
      return act();
    });
  }
}
