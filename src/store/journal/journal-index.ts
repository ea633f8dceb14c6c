import type { JournalPosition } from './read-journal.ts';

export type JournalMark = Omit<JournalPosition, 'digest'>;

/** One mark for each so many bytes of a journal: a reader who begins late skips the rest. */
export const MARK_EVERY_BYTES = 64 * 1024;

/**
 * Where in a journal which event is to be found: a few bytes of memory for each 64 KiB of it. Places are of one version
 * of the format: where the journal was raised, every line has another checksum.
 */
export class JournalIndex {
  #marks: JournalMark[] = [];
  #version = 0;

  /** Places come in any order; those that are close to a known one are not kept, nor those of a lower version. */
  add({ version, bytes, lines, crc, nextSeq }: JournalMark): void {
    if (version < this.#version) return;
    if (version > this.#version) this.#marks = [];
    this.#version = version;
    const at = this.#countBefore(mark => mark.bytes <= bytes);
    const [before, after] = [this.#marks[at - 1], this.#marks[at]];
    if (bytes - (before?.bytes ?? 0) < MARK_EVERY_BYTES) return;
    if (after && after.bytes - bytes < MARK_EVERY_BYTES) return;
    this.#marks.splice(at, 0, { version, bytes, lines, crc, nextSeq });
  }

  /** The last known place before the event, in a journal of that version; undefined for the beginning. */
  before(seq: number, version: number | undefined): JournalMark | undefined {
    if (version !== this.#version) return undefined;
    return this.#marks[this.#countBefore(mark => mark.nextSeq <= seq) - 1];
  }

  /** How many of the marks, which are in order, fulfil it. */
  #countBefore(test: (mark: JournalMark) => boolean): number {
    let [low, high] = [0, this.#marks.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      const mark = this.#marks[middle];
      if (mark && test(mark)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
