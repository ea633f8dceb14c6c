import type { JournalPosition } from './read-journal.ts';

export type JournalMark = Omit<JournalPosition, 'digest'>;

/** Distance between marks; a reader that starts late skips to the nearest one. */
export const MARK_EVERY_BYTES = 64 * 1024;

/**
 * Where events are in a journal: a few bytes of memory for each 64 KiB. All marks belong to one format version, because
 * an upgrade changes the checksum of every line.
 */
export class JournalIndex {
  #marks: JournalMark[] = [];
  #version = 0;

  /** Marks may come in any order; those close to a known one or of a lower version are dropped. */
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

  /** The last mark before the event, in a journal of that version; undefined: start at the beginning. */
  before(seq: number, version: number | undefined): JournalMark | undefined {
    if (version !== this.#version) return undefined;
    return this.#marks[this.#countBefore(mark => mark.nextSeq <= seq) - 1];
  }

  /** How many of the sorted marks satisfy the test. */
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
