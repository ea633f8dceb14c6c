import { FORMAT_SINCE, type FormatSince, type JournalRecord } from './records.ts';

/** The versions of a journal's format that a program knows: all up to one. */
export interface JournalFormat {
  /** The highest; new journals have it. */
  readonly version: number;
  /** The lowest in which a journal can hold the record. */
  versionOf(record: JournalRecord): number;
}

export function journalFormat(since: FormatSince): JournalFormat {
  const fields = Object.entries(since).flatMap(([name, version]) => {
    const [type, field] = name.split('.');
    return field === undefined ? [] : [{ type, field, version }];
  });
  return {
    version: Math.max(...Object.values(since)),
    versionOf(record) {
      const { type } = record;
      const itself = Object.hasOwn(since, type) ? since[type] : 1;
      if (fields.length === 0) return itself;
      const its = fields.filter(each => each.type === type && Object.hasOwn(record, each.field));
      return Math.max(itself, ...its.map(({ version }) => version));
    },
  };
}

/** What this program reads and writes. */
export const FORMAT = journalFormat(FORMAT_SINCE);
