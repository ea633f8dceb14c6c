import { crc32 } from 'node:zlib';
import type { DiskFile } from '../../sdk/disk/disk.ts';
import { ifThere, readFrom } from '../../sdk/disk/disk-files.ts';
import { type GroupFold, newGroupFold } from '../../sdk/group/journal/fold.ts';
import type { JournalPlace } from './journal-place.ts';
import { type JournalPosition, parseJournal, type ReadJournal } from './read-journal.ts';
import type { ReadSnapshot } from './snapshot-file.ts';

/** The part of a journal that had to be read: its `records` are those after the snapshot. */
export interface ReadHistory extends ReadJournal {
  /** The fold of everything before those records; the empty fold if no snapshot matches. */
  readonly fold: GroupFold;
  /** Where the snapshot ends. */
  readonly before?: JournalPosition;
  /** Size of the snapshot file; 0 if there is none. */
  readonly snapshotBytes: number;
}

/**
 * Reads a journal from where the snapshot ends if every byte before that is unchanged, else from its beginning. A
 * snapshot only saves time: the result, or the line of the error, is the same without one.
 *
 * @throws JournalDamagedError with the line; JournalVersionError.
 */
export function readHistory(place: JournalPlace, snapshot: ReadSnapshot | undefined): ReadHistory {
  const { disk, path, groupId, format } = place;
  const file = ifThere(() => disk.open(path, 'r'));
  if (file === undefined) return whole(Buffer.alloc(0), place);
  try {
    if (!snapshot) return whole(readFrom(file, 0), place);
    const { position, fold, size } = snapshot;
    if (prefixDigest(file, position.bytes) !== position.digest) return whole(readFrom(file, 0), place);
    const tail = parseJournal(readFrom(file, position.bytes), path, format.version, { ...position, groupId });
    return { ...tail, fold, before: position, snapshotBytes: size };
  } finally {
    file.close();
  }
}

function whole(bytes: Buffer, { path, format }: JournalPlace): ReadHistory {
  const read = parseJournal(bytes, path, format.version);
  return { ...read, fold: newGroupFold(read.version), snapshotBytes: 0 };
}

const CHUNK_BYTES = 256 * 1024;

/** Checksum of the first `bytes` of a file, in bounded memory; undefined if the file is shorter. */
function prefixDigest(file: DiskFile, bytes: number): number | undefined {
  const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, bytes));
  let digest = 0;
  for (let at = 0; at < bytes; ) {
    const count = file.read(chunk.subarray(0, bytes - at), at);
    if (count === 0) return undefined;
    digest = crc32(chunk.subarray(0, count), digest);
    at += count;
  }
  return digest;
}
