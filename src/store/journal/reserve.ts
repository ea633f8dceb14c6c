import { randomFillSync } from 'node:crypto';
import type { Disk } from '../../sdk/disk.ts';
import { writeFile } from '../../sdk/disk-files.ts';

/** What agents still say while a group pauses, the pause itself and every cost fit in it many times over. */
const RESERVE_BYTES = 1024 * 1024;
/** Of `stat`, whatever the file system's own blocks are. */
const BLOCK_BYTES = 512;

/**
 * A file that only takes up space: it is given up when the disk is full, for the last records of a group.
 * Its bytes are random, so that no file system saves the space by compressing or by not writing them.
 */
export class Reserve {
  readonly #disk: Disk;
  readonly #path: string;

  constructor(disk: Disk, path: string) {
    this.#disk = disk;
    this.#path = path;
  }

  /** Makes it, or makes it whole. @throws what the file system says; then nothing is left of it. */
  ensure(): void {
    if (this.#isWhole()) return;
    this.remove();
    try {
      const bytes = randomFillSync(Buffer.allocUnsafe(RESERVE_BYTES));
      // A file system may find only when it syncs that it has no room.
      writeFile(this.#disk, this.#path, bytes, { how: 'wx', durable: true });
    } catch (error) {
      this.remove();
      throw error;
    }
  }

  /** Makes room of it; false when there was none. */
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
