import { type Clock, isoTime } from '../../clock.ts';
import type { Engine } from '../engine/engine.ts';
import { isEvent, type JournalRecord } from '../journal/records.ts';
import { warnOnce } from '../journal/streams/safe-observable.ts';
import { metaOf } from '../standing/meta.ts';
import type { OwnedGroup } from '../store/store.ts';
import { bestEffort } from './shielded-parts.ts';

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
  readonly #save: () => Promise<void> | undefined;
  #last = Number.NEGATIVE_INFINITY;
  #isDue = false;
  #timer: unknown;
  #closed = false;
  /** The store is still saving it. */
  #saving: Promise<void> | undefined;
  #again = false;

  /**
   * @param isLive whether more records are to be expected; otherwise nothing waits.
   * @param save does not reject; it is not called again before its promise has resolved, if there is one.
   */
  constructor(clock: Clock, isLive: () => boolean, save: () => Promise<void> | undefined) {
    this.#clock = clock;
    this.#isLive = isLive;
    this.#save = save;
  }

  saw(record: JournalRecord): void {
    if (this.#isDue || this.#closed) return;
    const mayWait = !isOfGroup(record) && this.#isLive();
    if (mayWait && this.#timer !== undefined) return;
    const wait = mayWait ? this.#last + SAVE_EVERY_MS - this.#clock.monotonic() : 0;
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
    if (this.#saving) this.#again = true;
    else {
      const saving = this.#save();
      if (saving) this.#saving = this.#saved(saving);
    }
  }

  async #saved(saving: Promise<void>): Promise<void> {
    await saving;
    while (this.#again) {
      this.#again = false;
      await this.#save();
    }
    this.#saving = undefined;
  }

  /** Saves for the last time. */
  close(): Promise<void> | undefined {
    this.save();
    this.#closed = true;
    return this.#saving;
  }
}

const isOfGroup = (record: JournalRecord): boolean => isEvent(record) && record.type.startsWith('group_');

const metaWarnings = new WeakMap<OwnedGroup, (reason: unknown) => void>();

/** The journal is the truth: without its meta, a group is only listed as it was. */
export function saveMeta(engine: Engine, owned: OwnedGroup): Promise<void> | undefined {
  const warn = warningsOf(owned);
  const { clock, recorder } = engine;
  const save = () =>
    bestEffort(clock, () => owned.saveMeta(metaOf(engine.group, engine.progress, isoTime(clock))), warn);
  const answered = recorder.answered();
  return answered ? answered.then(save) : save(); // it says no more than the journal
}

/** One for all that the store does as well as it can. */
export function warningsOf(owned: OwnedGroup): (reason: unknown) => void {
  const warn = metaWarnings.get(owned) ?? warnOnce('the store');
  metaWarnings.set(owned, warn);
  return warn;
}
