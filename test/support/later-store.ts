import type { Clock } from '../../src/sdk/clock.ts';
import type { Journal } from '../../src/sdk/group/journal/journal.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import { JournalError } from '../../src/sdk/group/store/journal-errors.ts';
import type { GroupStore, OwnedGroup } from '../../src/sdk/group/store/store.ts';

/** How an asynchronous store behaves. */
export interface LaterStoreOptions {
  readonly clock: Clock;
  /** How long the next write takes, in milliseconds. */
  readonly delay: () => number;
  /** Which of so many answers is given next: promises may resolve in any order. Default: the first. */
  readonly pick?: (count: number) => number;
  /** Called before each record is written; what it throws refuses that record. Default: none is refused. */
  readonly before?: (record: JournalRecord, groupId: string) => void;
  /** Called when a group gets an owner; says whether that lives. A dead one writes and hears nothing. Default: it does. */
  readonly lifeOf?: (groupId: string) => () => boolean;
  /** Called when so many more records are to be written (or fewer). */
  readonly onPending?: (more: number) => void;
}

interface Append {
  readonly record: JournalRecord;
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** An asynchronous store over a synchronous one: records are written later, some at a time, in the order of the calls. */
export function laterStore(store: GroupStore, options: LaterStoreOptions): GroupStore {
  const later = (owned: OwnedGroup): OwnedGroup => laterGroup(owned, options);
  return {
    ...store,
    create: async group => later(await store.create(group)),
    take: async (word, how) => later(await store.take(word, how)),
  };
}

function laterGroup(owned: OwnedGroup, options: LaterStoreOptions): OwnedGroup {
  const { clock, delay } = options;
  const { id } = owned.group;
  const isAlive = options.lifeOf?.(id) ?? (() => true);
  const journal = new LaterJournal(owned.journal, id, { ...options, isAlive });
  const passed = (): Promise<void> =>
    new Promise(resolve => {
      clock.setTimeout(() => isAlive() && resolve(), delay());
    });
  return {
    ...owned,
    // Not copied: they are read when they are needed.
    get records() {
      return owned.records;
    },
    journal,
    async redefine(revision, next) {
      await passed();
      return owned.redefine(revision, next);
    },
    async saveMeta(meta) {
      await passed();
      await owned.saveMeta(meta);
    },
    async announce(address) {
      await passed();
      await owned.announce(address);
    },
    async release() {
      await journal.drained();
      await owned.release();
    },
  };
}

interface Living extends LaterStoreOptions {
  readonly isAlive: () => boolean;
}

class LaterJournal implements Journal {
  readonly #journal: Journal;
  readonly #groupId: string;
  readonly #options: Living;
  readonly #queue: Append[] = [];
  readonly #empty: (() => void)[] = [];
  #isDue = false;
  /** Until it recovers, nothing is written behind what was refused. */
  #broken: unknown;
  #closed = false;

  constructor(journal: Journal, groupId: string, options: Living) {
    this.#journal = journal;
    this.#groupId = groupId;
    this.#options = options;
  }

  append(record: JournalRecord): Promise<void> {
    if (this.#closed) return Promise.reject(new JournalError('journal_closed', this.#groupId));
    const written = new Promise<void>((resolve, reject) => this.#queue.push({ record, resolve, reject }));
    this.#options.onPending?.(1);
    this.#schedule();
    return written;
  }

  get exhausted() {
    return this.#journal.exhausted;
  }

  async recover(): Promise<void> {
    await this.drained();
    await this.#journal.recover?.();
    this.#broken = undefined;
  }

  folded(fold: Parameters<NonNullable<Journal['folded']>>[0]): void {
    this.#journal.folded?.(fold);
  }

  async synced(): Promise<void> {
    await this.#journal.synced();
  }

  async close(): Promise<void> {
    await this.drained();
    this.#closed = true;
    await this.#journal.close();
  }

  /** Nothing is pending. */
  async drained(): Promise<void> {
    if (this.#queue.length === 0) return;
    await new Promise<void>(resolve => this.#empty.push(resolve));
  }

  #schedule(): void {
    if (this.#isDue || this.#queue.length === 0) return;
    this.#isDue = true;
    const { clock, delay, isAlive } = this.#options;
    clock.setTimeout(() => {
      this.#isDue = false;
      if (!isAlive()) return;
      this.#write();
      this.#schedule();
    }, delay());
  }

  /** A part of what is waiting, and at least one; the answers are given in any order. */
  #write(): void {
    const { pick = () => 0 } = this.#options;
    const batch = this.#queue.splice(0, this.#queue.length - pick(this.#queue.length));
    this.#options.onPending?.(-batch.length);
    const answers = batch.map(one => this.#answer(one));
    while (answers.length > 0) for (const give of answers.splice(pick(answers.length), 1)) give();
    if (this.#queue.length === 0) for (const resolve of this.#empty.splice(0)) resolve();
  }

  #answer({ record, resolve, reject }: Append): () => void {
    try {
      if (this.#broken !== undefined) throw this.#broken;
      this.#options.before?.(record, this.#groupId);
      void this.#journal.append(record);
      return resolve;
    } catch (error) {
      this.#broken ??= error;
      return () => reject(error);
    }
  }
}
