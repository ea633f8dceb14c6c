import { randomFillSync } from 'node:crypto';
import type { Disk } from '../../sdk/disk/disk.ts';
import { writeFile } from '../../sdk/disk/disk-files.ts';

/** Many times what a group writes while it pauses: agents' last messages, the pause itself, every cost. */
const RESERVE_BYTES = 1024 * 1024;
/** The unit of `stat().blocks`, whatever the file system's own block size is. */
const BLOCK_BYTES = 512;

/**
 * A file that only takes up space: it is deleted on a full disk to make room for the last records of a group. Its bytes
 * are random, so that no file system saves the space by compression or sparse files.
 */
export class Reserve {
  readonly #disk: Disk;
  readonly #path: string;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Creates or completes the file. @throws the file system's error; then no partial file is left. */
  ensure(): void {
    if (this.#isWhole()) return;
    this.remove();
    try {
      const bytes = randomFillSync(Buffer.allocUnsafe(RESERVE_BYTES));
      // Some file systems only notice on sync that they are out of space.
      writeFile(this.#disk, this.#path, bytes, { how: 'wx', durable: true });
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Deletes the file; false if there was none. */
  giveUp(): boolean {
    return this.#disk.stat(this.#path) !== undefined && this.remove();
  }

  /** Best effort. */
  remove(): boolean {
    try {
      this.#disk.remove(this.#path);
      return true;
    } catch {
      return false;
    }
  }

  #isWhole(): boolean {
    const found = this.#disk.stat(this.#path);
    return found !== undefined && found.size === RESERVE_BYTES && found.blocks * BLOCK_BYTES >= RESERVE_BYTES;
  }
}
