import { SessionGroupsError } from '../../../errors.ts';
import type { Engine } from '../engine.ts';
import type { RunnerOptions } from '../runner-options.ts';
import type { HostRequests } from './host-requests.ts';

type Ending = Pick<RunnerOptions, 'actor' | 'onDispose' | 'release'>;

/** The end of a handle: once, whoever asks for it, and with everything that was live and everything it holds. */
export class Disposal {
  readonly #engine: Engine;
  readonly #options: Ending;
  readonly #requests: Pick<HostRequests, 'close'>;
  readonly #waiting: ((over: Promise<void>) => void)[] = [];
  #stopListening: (() => Promise<void>) | undefined;
  #over: Promise<void> | undefined;

  constructor(engine: Engine, options: Ending, requests: Pick<HostRequests, 'close'>) {
    this.#engine = engine;
    this.#options = options;
    this.#requests = requests;
  }

  get begun(): boolean {
    return this.#over !== undefined;
  }

  /** A request after that is refused as that, whatever the group's state. */
  assertOpen(): void {
    if (this.begun) throw this.#disposed;
  }

  /** What listens for requests of other processes is closed first. */
  stopFirst(close: () => Promise<void>): void {
    this.#stopListening = close;
  }

  /** Tells of it as soon as it begins, with its end. */
  onBegun(tell: (over: Promise<void>) => void): void {
    if (this.#over) tell(this.#over);
    else this.#waiting.push(tell);
  }

  begin(): Promise<void> {
    if (this.#over) return this.#over;
    const over = this.#end();
    this.#over = over;
    for (const tell of this.#waiting.splice(0)) tell(over);
    return over;
  }

  /** Nobody listens from the first moment on, and so the next owner can. */
  #end(): Promise<void> {
    const stopped = this.#stopListening?.();
    return stopped ? Promise.all([stopped, this.#endAll()]).then(() => {}) : this.#endAll();
  }

  async #endAll(): Promise<void> {
    const { actor, onDispose, release } = this.#options;
    const engine = this.#engine;
    await this.#requests.close(
      onDispose === 'pause' ? { type: 'pause', reason: 'shutdown' } : { type: 'stop' },
    );
    actor?.stop();
    engine.endAll(); // whoever's actor was stopped by its host has had no chart to end it
    engine.close(this.#disposed);
    const writing = engine.recorder.writeLast();
    if (writing) await writing;
    const lost = engine.recorder.lost();
    const released = release();
    if (!lost) return released;
    await released.catch(() => {});
    throw lost;
  }

  get #disposed(): SessionGroupsError {
    const message = `the handle of group ${this.#engine.groupId} has been disposed of`;
    return new SessionGroupsError('disposed', message, { hint: 'Open the group again.' });
  }
}
