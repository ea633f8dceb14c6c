import { crc32 } from 'node:zlib';
import type { DiskFile } from '../../sdk/disk/disk.ts';
import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import { JournalDamagedError } from '../../sdk/group/store/journal-errors.ts';
import { checkHeader, recordCheck } from './check-record.ts';
import { decodeLine, startsWithWholeLine } from './journal-line.ts';
import type { JournalPlace } from './journal-place.ts';

/** A position between two lines of a journal, with what a reader needs to start there. */
export interface JournalPosition {
  /** Format version from the header. */
  readonly version: number;
  readonly bytes: number;
  readonly lines: number;
  /** Checksum of all lines before; the next line continues it. */
  readonly crc: number;
  /** Checksum of every byte before, including the lines' own checksums. */
  readonly digest: number;
  readonly nextSeq: number;
}

/** The contents of a journal. */
export interface ReadJournal {
  /** Format version; the highest known if there is no whole line yet. */
  readonly version: number;
  readonly records: readonly JournalRecord[];
  /** Undefined if there is no whole line yet. */
  readonly groupId: string | undefined;
  /** A last line that was cut off when its writer died; not among the records. */
  readonly torn?: { readonly line: number; readonly bytes: number };
  /** Offset of the end of the last whole line. */
  readonly wholeBytes: number;
  /** Number of whole lines. */
  readonly lines: number;
  /** Checksum of all whole lines; the next line continues it. */
  readonly crc: number;
  /** Checksum of every byte up to `wholeBytes`. */
  readonly digest: number;
  readonly nextSeq: number;
}

/** The version of an open journal; undefined if its header is incomplete. */
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
 * Reads a journal without changing anything (STORE-2). Keeps records of unknown types, because a later version may have
 * written them; reports a torn last line; refuses anything else that no writer can have written.
 *
 * @throws JournalDamagedError with the line. @throws JournalVersionError for a journal of a later version.
 *
 * @param path for messages.
 * @param known the highest known version of the format.
 * @param from the position of `bytes`, from an earlier read that checked the header. Default: the beginning.
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
    const digest = start === 0 ? before : crc32(bytes.subarray(0, start), before); // crc32 of no bytes would be 0
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
        throw new JournalDamagedError(path, line, 'extra data after the record');
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
