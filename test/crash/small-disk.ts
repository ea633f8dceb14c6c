import { spawnSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** Mounts a file system that is small enough to fill. Needs root; without it the test fails. */
export class SmallDisk {
  readonly path: string;

  constructor(path: string, size = '4m') {
    this.path = path;
    mkdirSync(path, { recursive: true });
    run('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=0700`, 'tmpfs', path]);
  }

  /** Uses all remaining space. */
  fill(): void {
    const fd = openSync(this.#ballast, 'a');
    try {
      for (const block of [64 * 1024, 4096, 1]) {
        const bytes = Buffer.alloc(block, 1);
        while (written(fd, bytes)) {
          // Writes until the block no longer fits.
        }
      }
    } finally {
      closeSync(fd);
    }
  }

  makeRoom(): void {
    rmSync(this.#ballast, { force: true });
  }

  readOnly(on: boolean): void {
    run('mount', ['-o', `remount,${on ? 'ro' : 'rw'}`, this.path]);
  }

  remove(): void {
    spawnSync('umount', ['-l', this.path]);
  }

  get #ballast(): string {
    return join(this.path, 'ballast');
  }
}

function written(fd: number, bytes: Buffer): boolean {
  try {
    return writeSync(fd, bytes) > 0;
  } catch {
    return false;
  }
}

function run(command: string, args: readonly string[]): void {
  const { status, stderr } = spawnSync(command, args, { encoding: 'utf8' });
  expect([status, stderr], `${command} ${args.join(' ')} as root`).toEqual([0, '']);
}
