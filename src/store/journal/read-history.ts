import { ifThere, readFrom } from '../../sdk/disk-files.ts';
import { type GroupFold, newGroupFold } from '../../sdk/group/journal/fold.ts';
import type { JournalPlace } from './journal-place.ts';
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
