import { FORMAT_SINCE, type FormatSince, type JournalRecord } from './records.ts';

/** The journal format versions that a program supports: 1 to `version`. */
export interface JournalFormat {
  /** The highest supported version, used for new journals. */
  readonly version: number;
  /** The lowest version in which a journal can contain the record. */
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

/** The format of this program. */
export const FORMAT = journalFormat(FORMAT_SINCE);
