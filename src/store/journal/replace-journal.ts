import { dirname } from 'node:path';
import type { DiskFile } from '../../sdk/disk.ts';
import { readFile, removeQuietly, writeAll } from '../../sdk/disk-files.ts';
import { JournalDamagedError } from '../../sdk/group/store/journal-errors.ts';
import type { JournalPlace } from './journal-place.ts';
import { parseJournal } from './read-journal.ts';

/** A place in a journal: the bytes up to it, and their checksum. */
interface Place {
  readonly size: number;
  readonly crc: number;
}

/** What no sync has covered: the lines since `from`, each with the checksum of all up to its end. */
export interface Unsynced {
  readonly from: Place;
  readonly lines: { readonly bytes: Buffer; readonly crc: number }[];
}

/**
 * After a failed sync the system may have forgotten any of the lines, and reading them back proves nothing. So they are
 * written again, behind what had been covered before, to a new file that takes the journal's place once it is safe.
 * Gives the new file, open for appending.
 *
 * @throws JournalDamagedError where the part that had been covered is not what was written; nothing is changed then.
 */
export function replaceJournal({ disk, path }: JournalPlace, { from, lines }: Unsynced): DiskFile {
  const covered = readFile(disk, path).subarray(0, from.size);
  const found = parseJournal(covered, path);
  if (found.wholeBytes !== from.size || found.crc !== from.crc) {
    throw new JournalDamagedError(path, found.records.length + 1, 'not what was written to the disk');
  }
  const next = `${path}.new`;
  const file = disk.open(next, 'a');
  try {
    file.truncate(0);
    for (const bytes of [covered, ...lines.map(line => line.bytes)]) writeAll(file, bytes);
    file.sync();
    disk.rename(next, path);
    disk.syncFolder(dirname(path));
    return file;
  } catch (error) {
    file.close();
    removeQuietly(disk, next);
    throw error;
  }
}
