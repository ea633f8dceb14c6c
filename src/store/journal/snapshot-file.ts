import { closeSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import type { GroupFold } from '../../sdk/group/journal/fold.ts';
import { packFold, unpackFold } from '../../sdk/group/journal/pack-fold.ts';
import { readIfThere } from '../read-if-there.ts';
import { decodeLine, encodeLine } from './journal-line.ts';
import type { JournalPosition } from './read-journal.ts';

export const SNAPSHOT_FILE = 'snapshot.json';
const UNFINISHED_FILE = 'snapshot.json.new';
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
export function readSnapshot(dir: string, groupId: string): ReadSnapshot | undefined {
  try {
    return parseSnapshot(readIfThere(join(dir, SNAPSHOT_FILE)), groupId);
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

/**
 * Replaces the snapshot at one stroke; for the owner alone. What a dead one left half-written is written over.
 * @returns its size in bytes.
 */
export function writeSnapshot(dir: string, groupId: string, snapshot: JournalSnapshot): number {
  const { position, fold } = snapshot;
  const record = { type: '_snapshot', version: SNAPSHOT_VERSION, groupId, position, fold: packFold(fold) };
  const bytes = Buffer.from(encodeLine(record, 0).line);
  const unfinished = join(dir, UNFINISHED_FILE);
  try {
    const fd = openSync(unfinished, 'w', 0o600);
    try {
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
    } finally {
      closeSync(fd);
    }
    renameSync(unfinished, join(dir, SNAPSHOT_FILE));
  } catch (error) {
    rmSync(unfinished, { force: true }); // the space may be needed
    throw error;
  }
  return bytes.length;
}

const NEWLINE = 0x0a;

function isPosition(value: unknown): value is JournalPosition {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const numbers = ['bytes', 'lines', 'crc', 'digest', 'nextSeq'].map(name => fields[name]);
  return numbers.every(field => Number.isSafeInteger(field) && Number(field) >= 0) && fields.lines !== 0;
}
