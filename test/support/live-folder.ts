/**
 * Reading a folder in which a client still works: what vanishes between the look and the read, such
 * as a lock, isn't there. Every other error is one.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The paths of all files below a folder, which has to be there. */
export const filesBelow = (folder: string): string[] =>
  readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return unlessGone(() => filesBelow(path)) ?? [];
    return entry.isFile() ? [path] : [];
  });

/** The content of a file, undefined if it has gone. */
export const contentOf = (file: string): Buffer | undefined => unlessGone(() => readFileSync(file));

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
