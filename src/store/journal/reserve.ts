import { randomFillSync } from 'node:crypto';
import { closeSync, constants, fsyncSync, openSync, rmSync, statSync, writeSync } from 'node:fs';

/** What agents still say while a group pauses, the pause itself and every cost fit in it many times over. */
const RESERVE_BYTES = 1024 * 1024;
/** Of `stat`, whatever the file system's own blocks are. */
const BLOCK_BYTES = 512;

/**
 * A file that only takes up space: it is given up when the disk is full, for the last records of a group.
 * Its bytes are random, so that no file system saves the space by compressing or by not writing them.
 */
export class Reserve {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Makes it, or makes it whole. @throws what the file system says; then nothing is left of it. */
  ensure(): void {
    if (this.#isWhole()) return;
    this.remove();
    try {
      const fd = openSync(this.#path, constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o600);
      try {
        const bytes = randomFillSync(Buffer.allocUnsafe(RESERVE_BYTES));
        for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
        fsyncSync(fd); // a file system may find only now that it has no room
      } finally {
        closeSync(fd);
      }
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Makes room of it; false when there was none. */
  giveUp(): boolean {
    const there = statSync(this.#path, { throwIfNoEntry: false }) !== undefined;
    return there && this.remove();
  }

  /** Best effort. */
  remove(): boolean {
    try {
      rmSync(this.#path, { force: true });
      return true;
    } catch {
      return false;
    }
  }

  #isWhole(): boolean {
    const found = statSync(this.#path, { throwIfNoEntry: false });
    return found !== undefined && found.size === RESERVE_BYTES && found.blocks * BLOCK_BYTES >= RESERVE_BYTES;
  }
}
