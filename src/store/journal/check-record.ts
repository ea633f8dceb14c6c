import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import { JournalDamagedError, JournalVersionError } from '../../sdk/group/store/journal-errors.ts';

/** The first line of a journal. */
export interface JournalHeader {
  readonly type: '_journal';
  readonly version: number;
  readonly groupId: string;
}

/** @param known the highest known version of the format. @throws JournalDamagedError, JournalVersionError. */
export function checkHeader(
  { type, version, groupId }: Readonly<Record<string, unknown>>,
  path: string,
  known: number,
): JournalHeader {
  if (type !== '_journal' || typeof version !== 'number') {
    throw new JournalDamagedError(path, 1, 'not a journal header');
  }
  if (!(Number.isInteger(version) && version >= 1 && version <= known)) {
    throw new JournalVersionError(path, version, known);
  }
  if (typeof groupId !== 'string') throw new JournalDamagedError(path, 1, 'the header names no group');
  return { type, version, groupId };
}

export interface RecordCheck {
  /** The record, or what is wrong with it. */
  next(value: Readonly<Record<string, unknown>>): JournalRecord | string;
  nextSeq(): number;
}

/** Checks the records of a group in order: each has a type, and the `seq` of events has no gaps (I11). */
export function recordCheck(groupId: string, nextSeq = 0): RecordCheck {
  let seq = nextSeq;
  return {
    nextSeq: () => seq,
    next(value) {
      if (typeof value.type !== 'string') return 'no type';
      if (value.type === '_journal') return 'a second header';
      if (!value.type.startsWith('_')) {
        if (value.seq !== seq) return `seq ${JSON.stringify(value.seq)}, expected ${seq}`;
        if (value.groupId !== groupId) return `an event of another group, ${JSON.stringify(value.groupId)}`;
        seq += 1;
      }
      return value as unknown as JournalRecord;
    },
  };
}
