import {
  closeSync,
  constants,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { JournalDamagedError } from '../../sdk/group/store/journal-errors.ts';
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
export function replaceJournal(path: string, { from, lines }: Unsynced): number {
  const covered = readFileSync(path).subarray(0, from.size);
  const found = parseJournal(covered, path);
  if (found.wholeBytes !== from.size || found.crc !== from.crc) {
    throw new JournalDamagedError(path, found.records.length + 1, 'not what was written to the disk');
  }
  const next = `${path}.new`;
  const fd = openSync(next, APPENDING, 0o600);
  try {
    for (const bytes of [covered, ...lines.map(line => line.bytes)]) {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    }
    fsyncSync(fd);
    renameSync(next, path);
    syncFolderOf(path);
    return fd;
  } catch (error) {
    closeSync(fd);
    rmSync(next, { force: true });
    throw error;
  }
}

const { O_WRONLY, O_APPEND, O_CREAT, O_TRUNC } = constants;
const APPENDING = O_WRONLY | O_APPEND | O_CREAT | O_TRUNC;

function syncFolderOf(path: string): void {
  const fd = openSync(dirname(path), 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
