import { crc32 } from 'node:zlib';
import type { DiskFile } from '../../sdk/disk.ts';
import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import { JournalDamagedError } from '../../sdk/group/store/journal-errors.ts';
import { checkHeader, recordCheck } from './check-record.ts';
import { decodeLine, startsWithWholeLine } from './journal-line.ts';
import type { JournalPlace } from './journal-place.ts';

/** A place between two whole lines of a journal, and what a reader knows that begins there. */
export interface JournalPosition {
  /** Of the format, as the head says it. */
  readonly version: number;
  readonly bytes: number;
  readonly lines: number;
  /** Of all lines before: the next continues it. */
  readonly crc: number;
  /** Checksum of every byte before, those of the lines' own checksums included. */
  readonly digest: number;
  readonly nextSeq: number;
}

/** What a journal holds. */
export interface ReadJournal {
  /** Of the format; the highest known when there is no whole line yet. */
  readonly version: number;
  readonly records: readonly JournalRecord[];
  /** Undefined when there is no whole line yet. */
  readonly groupId: string | undefined;
  /** A last line that was cut off when its writer died; it is not among the records. */
  readonly torn?: { readonly line: number; readonly bytes: number };
  /** Bytes up to the end of the last whole line, from the beginning of the file. */
  readonly wholeBytes: number;
  /** How many those are. */
  readonly lines: number;
  /** Checksum up to there: the next line continues it. */
  readonly crc: number;
  /** Of every byte up to there. */
  readonly digest: number;
  readonly nextSeq: number;
}

/** The version of an open journal; undefined where it has no whole head. */
export function readVersion(file: DiskFile, { path, format }: JournalPlace): number | undefined {
  const beginning = Buffer.alloc(LONGEST_HEAD_BYTES);
  const length = file.read(beginning, 0);
  const end = beginning.subarray(0, length).indexOf(NEWLINE) + 1;
  return end === 0 ? undefined : parseJournal(beginning.subarray(0, end), path, format.version).version;
}

const LONGEST_HEAD_BYTES = 1024;
const NEWLINE = 0x0a;
const CUT_OFF = { ok: false, parsed: false, reason: 'cut off' } as const;

/**
 * Reads a journal without changing anything (STORE-2). Unknown types are kept, for a later version may have written
 * them; a torn last line is reported; anything else that cannot have been written like that is refused.
 *
 * @throws JournalDamagedError with the line. @throws JournalVersionError for one of a later version.
 *
 * @param path for messages.
 * @param known the highest version of the format that is.
 * @param from what stands before `bytes`, read by somebody who knows whose it is. Default: nothing.
 */
export function parseJournal(
  bytes: Buffer,
  path: string,
  known: number,
  from?: JournalPosition & { readonly groupId: string },
): ReadJournal {
  const records: JournalRecord[] = [];
  let groupId = from?.groupId;
  let version = from?.version ?? known;
  let check = recordCheck(groupId ?? '', from?.nextSeq);
  let crc = from?.crc ?? 0;
  let start = 0;
  let lines = from?.lines ?? 0;
  const found = (rest: { readonly torn?: ReadJournal['torn'] }): ReadJournal => {
    const torn = rest.torn === undefined ? {} : { torn: rest.torn };
    const wholeBytes = (from?.bytes ?? 0) + start;
    const before = from?.digest ?? 0;
    const digest = start === 0 ? before : crc32(bytes.subarray(0, start), before); // of nothing it would be 0
    const nextSeq = check.nextSeq();
    return { version, records, groupId, wholeBytes, lines, crc, digest, nextSeq, ...torn };
  };

  while (start < bytes.length) {
    const line = lines + 1;
    const newline = bytes.indexOf(NEWLINE, start);
    const isLast = newline === -1 || newline === bytes.length - 1;
    const text = bytes.subarray(start, newline === -1 ? bytes.length : newline);
    const decoded = newline === -1 ? CUT_OFF : decodeLine(text, crc);
    if (!decoded.ok) {
      if (decoded.parsed || !isLast) throw new JournalDamagedError(path, line, decoded.reason);
      if (startsWithWholeLine(text, crc)) {
        throw new JournalDamagedError(path, line, 'more on the line than its record');
      }
      return found({ torn: { line, bytes: bytes.length - start } });
    }
    if (groupId === undefined) {
      ({ groupId, version } = checkHeader(decoded.value, path, known));
      check = recordCheck(groupId);
    } else {
      const record = check.next(decoded.value);
      if (typeof record === 'string') throw new JournalDamagedError(path, line, record);
      records.push(record);
    }
    crc = decoded.crc;
    start = newline + 1;
    lines = line;
  }
  return found({});
}
