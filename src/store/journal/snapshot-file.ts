import { dirname, join } from 'node:path';
import { readIfThere, replaceFile } from '../../sdk/disk/disk-files.ts';
import type { GroupFold } from '../../sdk/group/journal/fold.ts';
import { packFold, unpackFold } from '../../sdk/group/journal/pack-fold.ts';
import { decodeLine, encodeLine } from './journal-line.ts';
import type { JournalPlace } from './journal-place.ts';
import type { JournalPosition } from './read-journal.ts';

export const SNAPSHOT_FILE = 'snapshot.json';

/** The fold of a journal's beginning. */
export interface JournalSnapshot {
  /** Where that beginning ends. */
  readonly position: JournalPosition;
  readonly fold: GroupFold;
}

export interface ReadSnapshot extends JournalSnapshot {
  /** Size of the snapshot file in bytes. */
  readonly size: number;
}

/**
 * Reads the snapshot of a group, if there is a whole one of this group in a known version. It is one line like those of
 * the journal, with its own checksum and the journal's version: a program that does not know that version skips it and
 * reads the journal's header. Does not check that it matches the journal. Never throws.
 */
export function readSnapshot(place: JournalPlace): ReadSnapshot | undefined {
  try {
    return parseSnapshot(readIfThere(place.disk, snapshotPath(place)), place);
  } catch {
    return undefined; // the journal has everything
  }
}

function parseSnapshot(
  bytes: Buffer | undefined,
  { groupId, format }: JournalPlace,
): ReadSnapshot | undefined {
  if (bytes?.at(-1) !== NEWLINE) return undefined;
  const decoded = decodeLine(bytes.subarray(0, -1), 0);
  if (!decoded.ok) return undefined;
  const { type, version, groupId: id, position, fold } = decoded.value;
  if (type !== '_snapshot' || id !== groupId) return undefined;
  if (typeof version !== 'number' || !(version >= 1 && version <= format.version)) return undefined;
  const unpacked = unpackFold(fold);
  if (!isPosition(position) || !unpacked) return undefined;
  return {
    position: { ...position, version },
    fold: { ...unpacked, format: version },
    size: bytes.length,
  };
}

/** Replaces the snapshot atomically; for the owner only. @returns its size in bytes. */
export function writeSnapshot(place: JournalPlace, { position, fold }: JournalSnapshot): number {
  const { version, ...end } = position;
  const { groupId } = place;
  const record = { type: '_snapshot', version, groupId, position: end, fold: packFold(fold) };
  const { bytes } = encodeLine(record, 0);
  replaceFile(place.disk, snapshotPath(place), bytes);
  return bytes.length;
}

const snapshotPath = ({ path }: JournalPlace): string => join(dirname(path), SNAPSHOT_FILE);

const NEWLINE = 0x0a;

function isPosition(value: unknown): value is Omit<JournalPosition, 'version'> {
  if (typeof value !== 'object' || value === null) return false;
  const fields = value as Record<string, unknown>;
  const numbers = ['bytes', 'lines', 'crc', 'digest', 'nextSeq'].map(name => fields[name]);
  return numbers.every(field => Number.isSafeInteger(field) && Number(field) >= 0) && fields.lines !== 0;
}
