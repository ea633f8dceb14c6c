import type { DiskFile } from '../../sdk/disk/disk.ts';
import { ifThere } from '../../sdk/disk/disk-files.ts';
import { isEvent, type JournalRecord } from '../../sdk/group/journal/records.ts';
import { JournalDamagedError } from '../../sdk/group/store/journal-errors.ts';
import type { JournalIndex, JournalMark } from './journal-index.ts';
import type { JournalPlace } from './journal-place.ts';
import { parseJournal, readVersion } from './read-journal.ts';

export interface StreamOptions {
  /** End of the last line to read. */
  readonly upTo: number;
  /** The first event to read. Default: everything. */
  readonly fromSeq?: number;
  /** Says where to begin, and gets new marks on the way. */
  readonly index: JournalIndex;
}

const CHUNK_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/**
 * Streams a journal: holds at most a chunk or the longest line in memory, however slow the reader is.
 * @throws JournalDamagedError with the line.
 */
export async function* streamJournal(
  place: JournalPlace,
  { upTo, fromSeq = 0, index }: StreamOptions,
): AsyncGenerator<JournalRecord, void, void> {
  const { disk, path } = place;
  const file = ifThere(() => disk.open(path, 'r'));
  if (!file) return;
  try {
    let from = fromSeq === 0 ? undefined : index.before(fromSeq, readVersion(file, place));
    let begun = fromSeq === 0;
    let rest: Buffer = Buffer.alloc(0);
    for (let at = from?.bytes ?? 0; at < upTo; ) {
      const chunk = await read(file, at, Math.min(Math.max(CHUNK_BYTES, rest.length), upTo - at));
      if (chunk.length === 0) return; // the file was truncated meanwhile
      at += chunk.length;
      rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
      const end = rest.lastIndexOf(NEWLINE) + 1;
      if (end === 0) continue;
      const { records, next } = parseLines(rest.subarray(0, end), place, from);
      rest = rest.subarray(end);
      from = next;
      index.add(next);
      for (const record of records) {
        begun ||= isEvent(record) && record.seq >= fromSeq;
        if (begun) yield record;
      }
    }
  } finally {
    file.close();
  }
}

/** Parses lines that are known to be complete. */
function parseLines(bytes: Buffer, { path, groupId, format }: JournalPlace, from: JournalMark | undefined) {
  const read = parseJournal(bytes, path, format.version, from && { ...from, digest: 0, groupId });
  if (read.torn) throw new JournalDamagedError(path, read.torn.line, 'not a record');
  const { version, records, wholeBytes, lines, crc, nextSeq } = read;
  return { records, next: { version, bytes: wholeBytes, lines, crc, nextSeq } };
}

async function read(file: DiskFile, at: number, bytes: number): Promise<Buffer> {
  const chunk = Buffer.allocUnsafe(bytes);
  return chunk.subarray(0, await file.readLater(chunk, at));
}
