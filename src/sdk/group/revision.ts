import type { JournalRecord } from './journal/journal.ts';

/** Of which revision the definition is that holds for this history; 0: that of the creation. */
export function revisionOf(records: readonly JournalRecord[]): number {
  const last = records.findLast(record => record.type === 'group_updated');
  return last?.type === 'group_updated' ? last.revision : 0;
}
