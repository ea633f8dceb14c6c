import type { Clock } from '../sdk/clock.ts';
import type { Note } from './protocol.ts';
import { stepsOf } from './trees/step-sender.ts';

/** For how long a place is kept for a session whose tree was made here. */
const KEPT_MS = 60_000;

/** Who may come to a worker: the places that it keeps, and when something of that changes. */
export class WorkerRoom {
  readonly #clock: Clock;
  /** Sessions whose next attempt comes here, with the timer that ends it; none while a step of theirs is carried out. */
  readonly #kept = new Map<string, unknown>();
  #waiting: (() => void)[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How many places are kept. */
  get kept(): number {
    return this.#kept.size;
  }

  /** Resolves when there may be more room, or it drains. */
  changed(): Promise<undefined> {
    return new Promise(resolve => {
      this.#waiting.push(() => resolve(undefined));
    });
  }

  free(): void {
    for (const tell of this.#waiting.splice(0)) tell();
  }

  begun({ group, session, kind }: Note): void {
    const key = kind === 'step' ? `${group}.${session}` : `${group}.${stepsOf(session)}`;
    if (kind === 'attempt') this.#drop(key);
    else if (this.#kept.has(key)) this.#keep(key);
  }

  /** @param from `trees`: the step made its tree here, in the place of an attempt. */
  ended({ group, session, kind }: Note, from?: 'trees'): void {
    const key = `${group}.${session}`;
    if (kind === 'step' && (from || this.#kept.has(key))) this.#keep(key);
    this.free();
  }

  close(): void {
    for (const key of [...this.#kept.keys()]) this.#drop(key);
    this.free();
  }

  #keep(key: string): void {
    this.#clock.clearTimeout(this.#kept.get(key));
    const end = () => {
      this.#kept.delete(key);
      this.free();
    };
    this.#kept.set(key, this.#clock.setTimeout(end, KEPT_MS));
  }

  #drop(key: string): void {
    this.#clock.clearTimeout(this.#kept.get(key));
    this.#kept.delete(key);
  }
}
