import type { Observation } from '../../history.ts';

export type JournalLine = Readonly<Record<string, unknown>> & { readonly type: string };

/** Reads the journal's records as they are written, internal ones among them. */
export class RecordReader {
  #count = 0;

  /** What is new; `again`: from the first line, because lines have gone. */
  read({ lines, added }: Extract<Observation, { kind: 'journal' }>): {
    records: JournalLine[];
    again: boolean;
  } {
    const again = added === undefined && lines.length < this.#count;
    const records: JournalLine[] = [];
    for (let at = again ? 0 : this.#count; at < lines.length; at++) {
      const record = parsed(lines[at] ?? '');
      if (record === undefined && at === lines.length - 1) break; // torn
      if (record) records.push(record);
      this.#count = at + 1;
    }
    return { records, again };
  }
}

function parsed(line: string): JournalLine | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value !== 'object' || value === null) return undefined;
    const { type } = { type: undefined, ...value };
    return typeof type === 'string' ? { ...value, type } : undefined;
  } catch {
    return undefined;
  }
}
