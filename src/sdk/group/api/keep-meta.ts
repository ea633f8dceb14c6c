import type { Clock } from '../../clock.ts';
import { isEvent, type JournalRecord } from '../journal/records.ts';

/** The least time between two saves that only report the progress of sessions, and the most that the meta is behind. */
const SAVE_EVERY_MS = 1_000;

/**
 * Keeps the meta up to date. Lists read it, and it says how long the journal was, so that a journal that was cut is
 * recognised. `save` is called soon after each change of the group, and once a second at most for changes of its
 * sessions, for the last of them too; always later, once the record has been applied everywhere.
 */
export class MetaKeeper {
  readonly #clock: Clock;
  readonly #isLive: () => boolean;
  readonly #save: () => void;
  #last = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #timer: unknown;
  #closed = false;

  /** @param isLive whether more records are to be expected; otherwise nothing waits. */
  constructor(clock: Clock, isLive: () => boolean, save: () => void) {
    this.#clock = clock;
    this.#isLive = isLive;
    this.#save = save;
  }

  saw(record: JournalRecord): void {
    if (this.#isDue || this.#closed) return;
    const wait =
      isOfGroup(record) || !this.#isLive() ? 0 : this.#last + SAVE_EVERY_MS - this.#clock.monotonic();
    if (wait > 0) this.#timer ??= this.#clock.setTimeout(() => this.save(), wait);
    else {
      this.#isDue = true;
      queueMicrotask(() => this.save());
    }
  }

  save(): void {
    this.#clock.clearTimeout(this.#timer);
    [this.#isDue, this.#timer] = [false, undefined];
    if (this.#closed) return;
    this.#last = this.#clock.monotonic();
    this.#save();
  }

  /** Saves for the last time. */
  close(): void {
    this.save();
    this.#closed = true;
  }
}

const isOfGroup = (record: JournalRecord): boolean => isEvent(record) && record.type.startsWith('group_');
