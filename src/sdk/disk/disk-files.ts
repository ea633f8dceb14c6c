import { dirname } from 'node:path';
import type { Disk, DiskFile, OpenAs } from './disk.ts';

/** Operations on whole files and folders, built from the primitive steps of a `Disk`. */

export function readFile(disk: Disk, path: string): Buffer {
  const file = disk.open(path, 'r');
  try {
    return readFrom(file, 0);
  } finally {
    file.close();
  }
}

/** Undefined if the file doesn't exist; any other system error is thrown. */
export function readIfThere(disk: Disk, path: string): Buffer | undefined {
  return ifThere(() => readFile(disk, path));
}

/** Undefined if `look` fails with ENOENT. */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether this is a system error with this code. */
export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** The file's contents from byte `at` to the end. */
export function readFrom(file: DiskFile, at: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, file.size() - at));
  let done = 0;
  while (done < bytes.length) {
    const count = file.read(bytes.subarray(done), at + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}

/** A full disk first causes a short write; the next write fails. */
export function writeAll(file: DiskFile, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += file.write(bytes, done);
}

export interface WriteOptions {
  /** Default: `w`. */
  readonly how?: OpenAs;
  /** Whether the contents survive a power cut, once the name does. Default: no. */
  readonly durable?: boolean;
}

export function writeFile(disk: Disk, path: string, text: string | Buffer, options: WriteOptions = {}): void {
  const file = disk.open(path, options.how ?? 'w');
  try {
    writeAll(file, typeof text === 'string' ? Buffer.from(text) : text);
    if (options.durable) file.sync();
  } finally {
    file.close();
  }
}

/**
 * Replaces a file atomically; it must have only one writer. A reader finds the old file or the new one, complete. A
 * half-written temporary file left by a crash is overwritten.
 */
export function replaceFile(disk: Disk, path: string, text: string | Buffer, durable = false): void {
  const unfinished = `${path}.new`;
  try {
    writeFile(disk, unfinished, text, { durable });
    disk.rename(unfinished, path);
  } catch (error) {
    removeQuietly(disk, unfinished); // free the space
    throw error;
  }
}

export function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // The original error says what is wrong.
  }
}

/**
 * Creates the folder and any missing parents. Not with `recursive`: it never returns where the system doesn't allow
 * new folders, as in /proc, and reports ENOENT for a read-only file system.
 *
 * @param durable whether the names of the folders that it creates survive a power cut.
 */
export function makeFolders(disk: Disk, path: string, durable = false): void {
  const isFolder = (place: string): boolean => disk.stat(place)?.isDirectory() === true;
  const above = dirname(path);
  try {
    disk.makeFolder(path);
  } catch (error) {
    if (isFolder(path)) return;
    if (!isCode(error, 'ENOENT') || isFolder(above) || above === path) throw error;
    makeFolders(disk, above, durable);
    makeFolders(disk, path, durable);
    return;
  }
  if (durable) disk.syncFolder(above);
}
