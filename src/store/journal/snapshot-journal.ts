import { isRest } from '../../../machines/vocabulary.ts';
import type { GroupFold } from '../../sdk/group/journal/fold.ts';
import type { Journal } from '../../sdk/group/journal/journal.ts';
import { isEvent, type JournalRecord } from '../../sdk/group/journal/records.ts';
import type { FileJournal } from './file-journal.ts';
import { type JournalIndex, MARK_EVERY_BYTES } from './journal-index.ts';
import type { JournalPlace } from './journal-place.ts';
import type { ReadHistory } from './read-history.ts';
import { writeSnapshot } from './snapshot-file.ts';

export interface SnapshotJournalOptions {
  readonly place: JournalPlace;
  readonly journal: Omit<Journal, 'append' | 'recover'> &
    Pick<FileJournal, 'append' | 'recover' | 'bytes' | 'end' | 'version'>;
  readonly history: ReadHistory;
  /** The fold of all of `history`. */
  readonly fold: GroupFold;
  /** Gets a mark now and then. */
  readonly index: JournalIndex;
  /** Minimum bytes of records between two snapshots while the group runs. Default: 1 MiB. */
  readonly everyBytes?: number;
}

const EVERY_BYTES = 1024 * 1024;
/** At rest, a snapshot that misses less than this fraction of its size is not replaced. */
const STALE_FRACTION = 1 / 8;

/**
 * The journal of an owner that also saves snapshots of its fold: at rest, at the end, and from time to time while the
 * group runs. The fold is the owner's own, which it passes in after each record.
 *
 * SNAPSHOT-1 a record is folded after it has been appended, so a snapshot never says more than the journal.
 * SNAPSHOT-2 while the group runs, at least as many bytes of records as the last snapshot had lie between it and the
 *    next: the amortised cost per record is constant, however large the group is.
 * SNAPSHOT-3 a failure to write a snapshot fails nothing else.
 * SNAPSHOT-4 an upgrade of the journal's format invalidates its snapshot, which is then written again.
 */
export class SnapshotJournal implements Journal {
  readonly #options: SnapshotJournalOptions;
  readonly #everyBytes: number;
  #savedBytes: number;
  #savedVersion: number;
  #markedBytes = 0;
  #snapshotBytes: number;
  #nextSeq: number;
  #lastType: JournalRecord['type'] | undefined;
  /** The fold of everything appended; undefined until the owner passes it in. */
  #fold: GroupFold | undefined;

  constructor(options: SnapshotJournalOptions) {
    const { history, fold, everyBytes = EVERY_BYTES } = options;
    this.#options = options;
    this.#everyBytes = everyBytes;
    this.#savedBytes = history.before?.bytes ?? 0;
    this.#savedVersion = history.version;
    this.#snapshotBytes = history.snapshotBytes;
    this.#nextSeq = history.nextSeq;
    this.#fold = fold;
  }

  append(record: JournalRecord): void {
    const { journal } = this.#options;
    this.#fold = undefined; // even if the append fails: the owner may fold the record anyway
    journal.append(record);
    this.#lastType = record.type;
    if (isEvent(record)) this.#nextSeq = record.seq + 1;
    if (journal.bytes - this.#markedBytes >= MARK_EVERY_BYTES) this.#mark();
  }

  folded(fold: GroupFold): void {
    this.#fold = fold;
    const { bytes, version } = this.#options.journal;
    const due = bytes - this.#savedBytes >= Math.max(this.#everyBytes, this.#snapshotBytes);
    if (due || version !== this.#savedVersion || (isRest(this.#lastType) && this.#isStale)) this.#save();
  }

  get exhausted() {
    return this.#options.journal.exhausted;
  }

  recover(): void {
    this.#options.journal.recover();
  }

  synced(): Promise<void> {
    return this.#options.journal.synced();
  }

  close(): Promise<void> {
    if (this.#isStale) this.#save();
    return this.#options.journal.close();
  }

  get #isStale(): boolean {
    const since = this.#options.journal.bytes - this.#savedBytes;
    return since > 0 && since >= this.#snapshotBytes * STALE_FRACTION;
  }

  #mark(): void {
    const { index, journal } = this.#options;
    const { end } = journal;
    index.add({ ...end, nextSeq: this.#nextSeq });
    this.#markedBytes = end.bytes;
  }

  #save(): void {
    const { place, journal } = this.#options;
    const fold = this.#fold;
    if (!fold || journal.exhausted) return;
    const position = { ...journal.end, nextSeq: this.#nextSeq };
    this.#savedVersion = position.version;
    this.#savedBytes = position.bytes; // even if saving fails: the next try comes after as many records again
    try {
      this.#snapshotBytes = writeSnapshot(place, { position, fold });
    } catch {
      // SNAPSHOT-3: the journal has everything.
    }
  }
}
