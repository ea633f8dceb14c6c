import { join } from 'node:path';
import type { Disk } from '../../sdk/disk.ts';
import { readIfThere, replaceFile } from '../../sdk/disk-files.ts';
import type { GroupFold } from '../../sdk/group/journal/fold.ts';
import { packFold, unpackFold } from '../../sdk/group/journal/pack-fold.ts';
import { decodeLine, encodeLine } from './journal-line.ts';
import type { JournalPosition } from './read-journal.ts';

export const SNAPSHOT_FILE = 'snapshot.json';
const SNAPSHOT_VERSION = 1;

/** What the beginning of a journal comes to. */
export interface JournalSnapshot {
  /** How far it goes. */
  readonly position: JournalPosition;
  readonly fold: GroupFold;
}

export interface ReadSnapshot extends JournalSnapshot {
  /** Of its file, in bytes. */
  readonly size: number;
}

/**
 * The snapshot of a group, if there is a whole one, of this group, that this program can have written. It is a line
 * like those of the journal, with its own checksum. Whether it fits the journal is another question. Never throws.
 */
export function readSnapshot(disk: Disk, dir: string, groupId: string): ReadSnapshot | undefined {
  try {
    return parseSnapshot(readIfThere(disk, join(dir, SNAPSHOT_FILE)), groupId);
  } catch {
    return undefined; // the journal tells the same
  }
}

function parseSnapshot(bytes: Buffer | undefined, groupId: string): ReadSnapshot | undefined {
  if (bytes?.at(-1) !== NEWLINE) return undefined;
  const decoded = decodeLine(bytes.subarray(0, -1), 0);
  if (!decoded.ok) return undefined;
  const { type, version, groupId: id, position, fold } = decoded.value;
  if (type !== '_snapshot' || version !== SNAPSHOT_VERSION || id !== groupId) return undefined;
  const unpacked = unpackFold(fold);
  return isPosition(position) && unpacked ? { position, fold: unpacked, size: bytes.length } : undefined;
}

/** Replaces the snapshot at one stroke; for the owner alone. @returns its size in bytes. */
export function writeSnapshot(
  disk: Disk,
  dir: string,
  groupId: string,
  { position, fold }: JournalSnapshot,
): number {
  const record = { type: '_snapshot', version: SNAPSHOT_VERSION, groupId, position, fold: packFold(fold) };
  const bytes = Buffer.from(encodeLine(record, 0).line);
  replaceFile(disk, join(dir, SNAPSHOT_FILE), bytes);
  return bytes.length;
}

const NEWLINE = 0x0a;

function isPosition(value: unknown): value is JournalPosition {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const numbers = ['bytes', 'lines', 'crc', 'digest', 'nextSeq'].map(name => fields[name]);
  return numbers.every(field => Number.isSafeInteger(field) && Number(field) >= 0) && fields.lines !== 0;
}
