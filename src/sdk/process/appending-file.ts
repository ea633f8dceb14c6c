import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface AppendingFile {
  write(chunk: Buffer): void;
  close(): void;
}

/**
 * A log file that is written chunk by chunk, so that a crash loses nothing. A log must not break what it logs: if
 * the file can't be opened or written (the disk is full, say), everything after that is dropped silently.
 */
export function appendingFile(path: string): AppendingFile {
  let fd: number | undefined;
  const close = (): void => {
    if (fd === undefined) return;
    const open = fd;
    fd = undefined;
    quietly(() => closeSync(open));
  };
  quietly(() => {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    fd = openSync(path, 'a', 0o600);
  });
  return {
    write(chunk) {
      const open = fd;
      if (open !== undefined && !quietly(() => writeSync(open, chunk))) close();
    },
    close,
  };
}

function quietly(action: () => void): boolean {
  try {
    action();
    return true;
  } catch {
    return false;
  }
}
