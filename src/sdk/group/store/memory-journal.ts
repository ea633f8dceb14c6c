import type { Journal } from '../journal/journal.ts';
import type { JournalRecord } from '../journal/records.ts';

/** A journal that lives as long as its process; `records` is what a reader would read. */
export class MemoryJournal implements Journal {
  readonly records: JournalRecord[] = [];
  readonly #keep: boolean;

  /** @param options.keep false: discard every record, for long groups that are never replayed. Default: true. */
  constructor(options: { readonly keep?: boolean } = {}) {
    this.#keep = options.keep ?? true;
  }

  append(record: JournalRecord): void {
    if (this.#keep) this.records.push(record);
  }

  async synced(): Promise<void> {}

  async close(): Promise<void> {}
}
