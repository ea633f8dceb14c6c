import { crc32 } from 'node:zlib';
import type { DiskFile } from '../../sdk/disk/disk.ts';
import { readFile, removeQuietly, writeAll } from '../../sdk/disk/disk-files.ts';
import { JournalDamagedError } from '../../sdk/group/store/journal-errors.ts';
import type { JournalHeader } from './check-record.ts';
import { type Chain, decodeLine, encodeLine, rechain } from './journal-line.ts';
import type { JournalPlace } from './journal-place.ts';
import { parseJournal } from './read-journal.ts';

/** A position in a journal: the bytes up to it, and their checksum. */
interface Place {
  readonly size: number;
  readonly crc: number;
}

/** Lines that no sync has covered: those since `from`, each with the checksum of all up to its end. */
export class Unsynced {
  from: Place;
  readonly lines: { readonly bytes: Buffer; readonly crc: number }[] = [];

  constructor(from: Place) {
    this.from = from;
  }

  /** A sync has covered everything up to `size`. */
  coverTo(size: number): void {
    const { lines } = this;
    for (let line = lines[0]; line && this.from.size + line.bytes.length <= size; line = lines[0]) {
      this.from = { size: this.from.size + line.bytes.length, crc: line.crc };
      lines.shift();
    }
  }
}

/**
 * After a failed sync the system may have lost any of the unsynced lines, and reading them back proves nothing. So this
 * copies the synced part to a new file, writes the lines again, and replaces the journal once the copy is synced.
 * Returns the new file, open for appending; its name is not synced yet.
 *
 * @throws JournalDamagedError if the synced part is not what was written; nothing is changed then.
 */
export function replaceJournal(place: JournalPlace, { from, lines }: Unsynced): DiskFile {
  const { disk, path, format } = place;
  const covered = readFile(disk, path).subarray(0, from.size);
  const found = parseJournal(covered, path, format.version);
  if (found.wholeBytes !== from.size || found.crc !== from.crc) {
    throw new JournalDamagedError(path, found.records.length + 1, 'not what was written to the disk');
  }
  return putInPlace(place, [covered, ...lines.map(line => line.bytes)]);
}

/** An upgraded journal: the same lines at the same offsets, with other checksums. */
export interface UpgradedJournal {
  readonly file: DiskFile;
  readonly crc: number;
  readonly digest: number;
}

/**
 * Copies the journal under a header of a higher version, in which all of its records mean the same, to a new file that
 * replaces it once synced: a crash at any moment leaves either the old or the new journal, whole. Lines keep their
 * offsets, because versions have one digit.
 *
 * @param end the position after its last whole line.
 * @throws JournalDamagedError if a line is not what was written; nothing is changed then.
 */
export function upgradeJournal(place: JournalPlace, end: Place, version: number): UpgradedJournal {
  const { disk, path, groupId } = place;
  const copy = readFile(disk, path).subarray(0, end.size);
  const head = copy.subarray(0, copy.indexOf(NEWLINE) + 1);
  const before = decodeLine(head.subarray(0, -1), 0);
  const { bytes, crc } = encodeLine({ type: '_journal', version, groupId } satisfies JournalHeader, 0);
  if (!before.ok || bytes.length !== head.length)
    throw new JournalDamagedError(path, 1, 'not a journal header');
  bytes.copy(head);
  let chain: Chain = { was: before.crc, is: crc };
  let lines = 1;
  for (let start = head.length; start < copy.length; lines += 1) {
    const next = copy.indexOf(NEWLINE, start);
    const moved = next === -1 ? undefined : rechain(copy.subarray(start, next), chain);
    if (!moved) throw new JournalDamagedError(path, lines + 1, 'not what was written');
    chain = moved;
    start = next + 1;
  }
  if (copy.length !== end.size || chain.was !== end.crc) {
    throw new JournalDamagedError(path, lines + 1, 'not what was written');
  }
  return { file: putInPlace(place, [copy]), crc: chain.is, digest: crc32(copy) };
}

function putInPlace({ disk, path }: JournalPlace, chunks: readonly Buffer[]): DiskFile {
  const next = nextPath(path);
  const file = disk.open(next, 'a');
  try {
    file.truncate(0);
    for (const bytes of chunks) writeAll(file, bytes);
    file.sync();
    disk.rename(next, path);
    return file;
  } catch (error) {
    file.close();
    removeQuietly(disk, next);
    throw error;
  }
}

const NEWLINE = 0x0a;

/** Where the replacement file is written. */
export const nextPath = (path: string): string => `${path}.new`;
