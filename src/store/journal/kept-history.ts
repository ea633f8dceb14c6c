import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import { readIfThere } from '../read-if-there.ts';
import { JournalIndex } from './journal-index.ts';
import type { ReadHistory } from './read-history.ts';
import { parseJournal } from './read-journal.ts';
import { streamJournal } from './stream-journal.ts';

/** The history of a group in its file, for those who want more of it than its fold. */
export class KeptHistory {
  readonly index = new JournalIndex();
  readonly #path: string;
  readonly #groupId: string;
  readonly #read: ReadHistory;
  #records: readonly JournalRecord[] | undefined;

  constructor(path: string, groupId: string, read: ReadHistory) {
    this.#path = path;
    this.#groupId = groupId;
    this.#read = read;
    const { wholeBytes: bytes, lines, crc, nextSeq } = read;
    if (read.before) this.index.add(read.before);
    this.index.add({ bytes, lines, crc, nextSeq });
  }

  /** All of it as it was when it was read; parsed when it is asked for. */
  get records(): readonly JournalRecord[] {
    this.#records ??= this.#parse();
    return this.#records;
  }

  /** @param upTo end of the last record that is wanted. Default: the end as it was when it was read. */
  stream(fromSeq: number | undefined, upTo = this.#read.wholeBytes): AsyncIterable<JournalRecord> {
    const from = fromSeq === undefined ? {} : { fromSeq };
    return streamJournal(this.#path, { groupId: this.#groupId, upTo, index: this.index, ...from });
  }

  #parse(): readonly JournalRecord[] {
    if (!this.#read.before) return this.#read.records;
    const bytes = readIfThere(this.#path) ?? Buffer.alloc(0);
    return parseJournal(bytes.subarray(0, this.#read.wholeBytes), this.#path).records;
  }
}
