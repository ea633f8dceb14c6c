import { readIfThere } from '../../sdk/disk/disk-files.ts';
import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import { JournalIndex } from './journal-index.ts';
import type { JournalPlace } from './journal-place.ts';
import type { ReadHistory } from './read-history.ts';
import { parseJournal } from './read-journal.ts';
import { streamJournal } from './stream-journal.ts';

/** The stored records of a group, for callers that need more than its fold. */
export class StoredHistory {
  readonly index = new JournalIndex();
  readonly #place: JournalPlace;
  readonly #read: ReadHistory;
  #records: readonly JournalRecord[] | undefined;

  constructor(place: JournalPlace, read: ReadHistory) {
    this.#place = place;
    this.#read = read;
    const { version, wholeBytes: bytes, lines, crc, nextSeq } = read;
    if (read.before) this.index.add(read.before);
    this.index.add({ version, bytes, lines, crc, nextSeq });
  }

  /** All records up to where the journal ended when read; parsed on first use. */
  get records(): readonly JournalRecord[] {
    this.#records ??= this.#parse();
    return this.#records;
  }

  /** @param upTo end of the last record to read. Default: where the journal ended when it was read. */
  stream(fromSeq: number | undefined, upTo = this.#read.wholeBytes): AsyncIterable<JournalRecord> {
    const from = fromSeq === undefined ? {} : { fromSeq };
    return streamJournal(this.#place, { upTo, index: this.index, ...from });
  }

  #parse(): readonly JournalRecord[] {
    if (!this.#read.before) return this.#read.records;
    const { disk, path, format } = this.#place;
    const bytes = readIfThere(disk, path) ?? Buffer.alloc(0);
    return parseJournal(bytes.subarray(0, this.#read.wholeBytes), path, format.version).records;
  }
}
