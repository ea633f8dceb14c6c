import { FORMAT_SINCE, type FormatSince, type JournalRecord } from './records.ts';

/** The versions of a journal's format that a program knows: all up to one. */
export interface JournalFormat {
  /** The highest; new journals have it. */
  readonly version: number;
  /** The lowest in which a journal can hold the record. */
  versionOf(record: JournalRecord): number;
}

export function journalFormat(since: FormatSince): JournalFormat {
  const fields = new Map<string, (readonly [field: string, version: number])[]>();
  for (const [name, version] of Object.entries(since)) {
    const [type = '', field] = name.split('.');
    if (field !== undefined) fields.set(type, [...(fields.get(type) ?? []), [field, version]]);
  }
  return {
    version: Math.max(...Object.values(since)),
    versionOf(record) {
      const ofFields = fields.get(record.type)?.filter(([field]) => Object.hasOwn(record, field)) ?? [];
      return Math.max(since[record.type] ?? 1, ...ofFields.map(([, version]) => version));
    },
  };
}

/** What this program reads and writes. */
export const FORMAT = journalFormat(FORMAT_SINCE);
