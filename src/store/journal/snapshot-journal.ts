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
  readonly journal: Journal & Pick<FileJournal, 'bytes' | 'end' | 'version'>;
  readonly history: ReadHistory;
  /** Of that history, all of it. */
  readonly fold: GroupFold;
  /** Told where records end, now and then. */
  readonly index: JournalIndex;
  /** Least bytes of records from one snapshot to the next while the group runs. Default: 1 MiB. */
  readonly everyBytes?: number;
}

const EVERY_BYTES = 1024 * 1024;
/** At rest, a snapshot that lacks less than this part of its size is as good as a new one. */
const WORTH_IT = 1 / 8;

/**
 * The journal of an owner, with a snapshot of its fold beside it now and then: at rest, at the end, and while the group
 * runs. The fold is the owner's own, which it shows after each record.
 *
 * SNAPSHOT-1 a record is folded once it has been appended, so a snapshot never says what the journal does not.
 * SNAPSHOT-2 while the group runs, as many bytes of records lie between two snapshots as the first had: over all
 *    records their cost is that of one record, however large the group is.
 * SNAPSHOT-3 a snapshot that cannot be written is no failure of anything.
 * SNAPSHOT-4 where the journal was raised to another version of the format, its snapshot fits no more, and is written
 *    anew.
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
  /** Of all that was appended; undefined while the owner has not shown it. */
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
    this.#fold = undefined; // also where it is not taken: its owner may fold it all the same
    journal.append(record);
    this.#lastType = record.type;
    if (isEvent(record)) this.#nextSeq = record.seq + 1;
    if (journal.bytes - this.#markedBytes >= MARK_EVERY_BYTES) this.#mark();
  }

  folded(fold: GroupFold): void {
    this.#fold = fold;
    const { bytes, version } = this.#options.journal;
    const due = bytes - this.#savedBytes >= Math.max(this.#everyBytes, this.#snapshotBytes);
    if (due || version !== this.#savedVersion || (isRest(this.#lastType) && this.#isWorthIt)) this.#save();
  }

  get exhausted() {
    return this.#options.journal.exhausted;
  }

  recover(): void {
    this.#options.journal.recover?.();
  }

  synced(): Promise<void> {
    return this.#options.journal.synced();
  }

  close(): Promise<void> {
    if (this.#isWorthIt) this.#save();
    return this.#options.journal.close();
  }

  get #isWorthIt(): boolean {
    const since = this.#options.journal.bytes - this.#savedBytes;
    return since > 0 && since >= this.#snapshotBytes * WORTH_IT;
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
    this.#savedBytes = position.bytes; // also when it fails: it is tried again with as many records more
    try {
      this.#snapshotBytes = writeSnapshot(place, { position, fold });
    } catch {
      // The journal tells the same.
    }
  }
}
