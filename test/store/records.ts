import { readFileSync } from 'node:fs';
import { systemDisk } from '../../src/sdk/disk/disk.ts';
import { foldJournal, foldRecord } from '../../src/sdk/group/journal/fold.ts';
import { FORMAT } from '../../src/sdk/group/journal/format.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import type { OwnedGroup } from '../../src/sdk/group/store/store.ts';
import type { JournalPlace } from '../../src/store/journal/journal-place.ts';
import { parseJournal, type ReadJournal } from '../../src/store/journal/read-journal.ts';

export const GROUP_ID = '20260101-000000-demo';

/** A realistic history: events with a gapless `seq`, and internal records in between. */
export function records(count: number, groupId = GROUP_ID): JournalRecord[] {
  let seq = 0;
  return Array.from({ length: count }, (_, index): JournalRecord => {
    if (index % 3 === 2) return { type: '_status', sessionId: `session-${index}`, status: 'running' };
    const head = { seq: seq++, time: '2026-01-01T00:00:00.000Z', groupId };
    if (index === 0) return { ...head, type: 'group_created', name: 'Demo – größer' };
    return {
      ...head,
      type: 'session_message',
      sessionId: 's',
      role: 'assistant',
      text: `line ${index}\n"é" 🙂`,
    };
  });
}

/** Appends as an owner does: passes the fold to the journal after each record. */
export function appender(
  { journal, records: before }: OwnedGroup,
  fold = foldJournal(before),
): (record: JournalRecord) => void {
  return record => {
    void journal.append(record);
    foldRecord(fold, record);
    journal.folded?.(fold);
  };
}

/** The file journal of that group. */
export const journalAt = (path: string): JournalPlace => ({
  disk: systemDisk,
  path,
  groupId: GROUP_ID,
  format: FORMAT,
});

export const readJournal = (path: string, { version } = FORMAT): ReadJournal =>
  parseJournal(readFileSync(path), path, version);
