/** What a start needs before it is carried out. */
interface Start {
  /** Resolves with false once the signal has aborted. */
  check(signal: AbortSignal): Promise<boolean>;
  carryOut(): void;
  fail(reason: unknown): void;
}

/**
 * The requests through one handle.
 *
 * REQUEST-QUEUE-1 they are applied in the order of the calls: changes read files first, and starts ask their agents.
 * REQUEST-QUEUE-2 what ends or holds everything (a pause, a stop, `dispose`) waits for no agent's answer. The starts that
 *    were called before it are applied in one step with it, in which no session starts.
 * REQUEST-QUEUE-3 what starts nothing and is needed meanwhile (a limit, an answer to a permission request) goes ahead of
 *    a start whose agents are being asked.
 * REQUEST-QUEUE-4 a request whose signal aborts before it is applied is never applied, and others are as if it had not
 *    been called: starts that it has cut off ask their agents again.
 */
export class RequestQueue {
  readonly #assertOpen: () => void;
  readonly #admittingNone: <T>(step: () => T) => T;
  #last: Promise<unknown> | undefined;
  #asking = 0;
  /** Requests under way that aren't starts. */
  #others = 0;
  /** Requests that will carry out the unchecked starts. */
  #ends = 0;
  #cut = new AbortController();
  /** Starts that wait for the request that cut their checks off. */
  #uncheckedStarts: Start[] = [];

  /**
   * @param assertOpen throws if the handle takes no more requests.
   * @param admittingNone carries the step out so that no session starts in it.
   */
  constructor(assertOpen: () => void, admittingNone: <T>(step: () => T) => T) {
    this.#assertOpen = assertOpen;
    this.#admittingNone = admittingNone;
  }

  inTurn<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const mine = this.#take(unlessAborted(act, signal));
    const over = (): void => void this.#others--;
    this.#others++;
    mine.then(over, over);
    return mine;
  }

  /** @param check resolves with false once its signal has aborted. */
  start<T>(
    check: (signal: AbortSignal) => Promise<boolean>,
    act: () => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    const cut = this.#cut.signal;
    return new Promise((resolve, reject) => {
      const carryOut = () => resolve(unlessAborted(act, signal)());
      const start: Start = { check, carryOut, fail: reject };
      this.#take(unlessAborted(() => this.#startOnceChecked(start, cut), signal)).catch(reject);
    });
  }

  /** For a pause or a stop. */
  end<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    this.#cutOff();
    this.#ends++;
    return this.inTurn(() => {
      this.#ends--;
      return signal?.aborted ? this.#withdrawnEnd(signal) : this.#withUnchecked(act);
    });
  }

  ahead<T>(act: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    if (this.#asking === 0 || this.#others > 0) return this.inTurn(act, signal);
    return this.#open(unlessAborted(act, signal));
  }

  /** Acts once nothing is under way; no request may follow. */
  async close<T>(act: () => Promise<T>): Promise<T> {
    this.#cutOff();
    this.#ends++;
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

  async #startOnceChecked(start: Start, cut: AbortSignal): Promise<void> {
    this.#asking++;
    let isChecked = false;
    try {
      isChecked = await start.check(cut);
    } finally {
      this.#asking--;
    }
    if (isChecked) start.carryOut();
    else this.#uncheckedStarts.push(start);
  }

  #cutOff(): void {
    this.#cut.abort();
    this.#cut = new AbortController();
  }

  #withUnchecked<T>(act: () => T): T {
    const starts = this.#uncheckedStarts.splice(0);
    if (starts.length === 0) return act();
    return this.#admittingNone(() => {
      for (const start of starts) start.carryOut();
      return act();
    });
  }

  async #withdrawnEnd(signal: AbortSignal): Promise<never> {
    const starts = this.#ends > 0 ? [] : this.#uncheckedStarts.splice(0); // else the next end carries them out
    for (const start of starts) await this.#startOnceChecked(start, this.#cut.signal).catch(start.fail);
    throw signal.reason;
  }
}

function unlessAborted<T>(act: () => Promise<T>, signal: AbortSignal | undefined): () => Promise<T> {
  if (!signal) return act;
  return () => (signal.aborted ? Promise.reject(signal.reason) : act());
}
