import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type GroupFold, newGroupFold } from '../../sdk/group/journal/fold.ts';
import { isCode } from '../read-if-there.ts';
import { prefixDigest } from './prefix-digest.ts';
import { type JournalPosition, parseJournal, type ReadJournal } from './read-journal.ts';
import type { ReadSnapshot } from './snapshot-file.ts';

/** A journal as far as it has to be read: its `records` are those after the snapshot. */
export interface ReadHistory extends ReadJournal {
  /** What stands before those records; of a fold without a record where no snapshot fits. */
  readonly fold: GroupFold;
  /** Where the snapshot ends. */
  readonly before?: JournalPosition;
  /** Of its file; 0 where there is none. */
  readonly snapshotBytes: number;
}

/**
 * Reads a journal from where the snapshot ends, if every byte before is still the same, else from its beginning. So a
 * snapshot saves time and decides nothing: with one and without, the same is found, or refused at the same line.
 *
 * @throws JournalDamagedError with the line; JournalVersionError.
 */
export function readHistory(path: string, groupId: string, snapshot: ReadSnapshot | undefined): ReadHistory {
  const fd = openIfThere(path);
  if (fd === undefined) return whole(Buffer.alloc(0), path);
  try {
    if (!snapshot) return whole(restOf(fd, 0), path);
    const { position, fold, size } = snapshot;
    if (prefixDigest(fd, position.bytes) !== position.digest) return whole(restOf(fd, 0), path);
    const tail = parseJournal(restOf(fd, position.bytes), path, { ...position, groupId });
    return { ...tail, fold, before: position, snapshotBytes: size };
  } finally {
    closeSync(fd);
  }
}

const whole = (bytes: Buffer, path: string): ReadHistory => ({
  ...parseJournal(bytes, path),
  fold: newGroupFold(),
  snapshotBytes: 0,
});

function openIfThere(path: string): number | undefined {
  try {
    return openSync(path, 'r');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function restOf(fd: number, from: number): Buffer {
  const bytes = Buffer.allocUnsafe(Math.max(0, fstatSync(fd).size - from));
  let done = 0;
  while (done < bytes.length) {
    const count = readSync(fd, bytes, done, bytes.length - done, from + done);
    if (count === 0) break;
    done += count;
  }
  return bytes.subarray(0, done);
}
