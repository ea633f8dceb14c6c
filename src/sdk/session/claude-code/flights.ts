interface Flight<T> {
  readonly answer: Promise<T>;
  readonly abort: AbortController;
  waiting: number;
}

/** At most one run for each key at a time: whoever asks meanwhile shares it. It is aborted once nobody waits for it. */
export class Flights<T> {
  readonly #flights = new Map<string, Flight<T>>();

  /** @throws the signal's reason once it aborts; others who wait for the same run are not affected. */
  async share(key: string, run: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> {
    signal?.throwIfAborted();
    const flight = this.#flights.get(key) ?? this.#begin(key, run);
    flight.waiting++;
    try {
      return await (signal ? Promise.race([flight.answer, aborted(signal)]) : flight.answer);
    } finally {
      flight.waiting--;
      if (flight.waiting === 0) this.#end(key, flight);
    }
  }

  #begin(key: string, run: (signal: AbortSignal) => Promise<T>): Flight<T> {
    const abort = new AbortController();
    const flight = { answer: run(abort.signal), abort, waiting: 0 };
    flight.answer.catch(() => {}); // whoever still waits is told
    this.#flights.set(key, flight);
    return flight;
  }

  #end(key: string, flight: Flight<T>): void {
    if (this.#flights.get(key) === flight) this.#flights.delete(key);
    flight.abort.abort();
  }
}

const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
