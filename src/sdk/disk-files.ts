import { dirname } from 'node:path';
import type { Disk, DiskFile, OpenAs } from './disk.ts';

/** Whole files and folders, out of the steps of a disk. */

export function readFile(disk: Disk, path: string): Buffer {
  const file = disk.open(path, 'r');
  try {
    return readFrom(file, 0);
  } finally {
    file.close();
  }
}

/** Undefined where there is no file. Throws what else the system says. */
export function readIfThere(disk: Disk, path: string): Buffer | undefined {
  return ifThere(() => readFile(disk, path));
}

/** Undefined where the system says that something is not there. */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Whether the system said this code. */
export const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;

/** What is in a file from there on. */
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

/** A full disk shows as a short write first, and as an error at the next. */
export function writeAll(file: DiskFile, bytes: Buffer): void {
  for (let done = 0; done < bytes.length; ) done += file.write(bytes, done);
}

export interface WriteOptions {
  /** Default: `w`. */
  readonly how?: OpenAs;
  /** Whether it survives a power cut, once the name does. Default: no. */
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
 * Replaces a file at one stroke, for who alone writes it: a reader finds the old one or the new, whole. What a writer
 * that died left half-written is written over.
 */
export function replaceFile(disk: Disk, path: string, text: string | Buffer, durable = false): void {
  const unfinished = `${path}.new`;
  try {
    writeFile(disk, unfinished, text, { durable });
    disk.rename(unfinished, path);
  } catch (error) {
    removeQuietly(disk, unfinished); // the space may be needed
    throw error;
  }
}

export function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // Another error says what is wrong.
  }
}

/**
 * Makes the folder, and those above it that are not there. Not by `recursive`: that never returns where the system
 * takes no new folder, as in /proc, and says ENOENT of a file system that is read-only.
 *
 * @param durable whether the names of those that it makes survive a power cut.
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
