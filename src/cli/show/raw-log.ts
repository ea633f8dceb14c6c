import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';

const NEWLINE = 10;

/**
 * A log that grows, and that may be replaced by a shorter one with the same end.
 * RAW-LOG-1 each whole line once, in order; of one that was replaced meanwhile, what follows the last line that was read.
 */
export class RawLog {
  readonly #path: () => string | undefined;
  #fd: number | undefined;
  #position = 0;
  #last: Buffer = Buffer.alloc(0);

  constructor(path: () => string | undefined) {
    this.#path = path;
  }

  /** The lines that are new. */
  read(): string[] {
    const path = this.#path();
    if (path === undefined) return [];
    this.#fd ??= openSync(path, 'r');
    const lines = this.#rest(this.#fd);
    if (statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(this.#fd).ino) return lines;
    closeSync(this.#fd);
    this.#fd = openSync(path, 'r');
    this.#position = 0;
    const before = this.#last;
    const all = this.#bytes(this.#fd);
    const at = before.length === 0 ? -1 : all.lastIndexOf(before);
    this.#position = at === -1 ? 0 : at + before.length;
    return [...lines, ...this.#rest(this.#fd)];
  }

  #rest(fd: number): string[] {
    const bytes = this.#bytes(fd);
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    if (end === 0) return [];
    this.#position += end;
    this.#last = Buffer.from(bytes.subarray(bytes.lastIndexOf(NEWLINE, end - 2) + 1, end));
    return bytes
      .subarray(0, end - 1)
      .toString()
      .split('\n');
  }

  #bytes(fd: number): Buffer {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(fd).size - this.#position));
    let count = 0;
    for (let got = -1; got !== 0 && count < bytes.length; count += got) {
      got = readSync(fd, bytes, count, bytes.length - count, this.#position + count);
    }
    return bytes.subarray(0, count);
  }
}
