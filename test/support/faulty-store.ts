import type { Journal } from '../../src/sdk/group/journal/journal.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import { JournalError } from '../../src/sdk/group/store/journal-errors.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import type { GroupStore, OwnedGroup } from '../../src/sdk/group/store/store.ts';

/** The error of the file journal. */
export const diskFull = (): JournalError => {
  const cause = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
  return new JournalError('disk_full', '/data/groups/g/journal.ndjson', cause);
};

/** A store in memory whose journals call `before` for each record; if it throws, the record is refused. */
export function faultyStore(
  before: (record: JournalRecord) => void,
  store: GroupStore = createMemoryStore(),
): GroupStore {
  const faulty = (owned: OwnedGroup): OwnedGroup => {
    const journal: Journal = {
      append(record) {
        before(record);
        return owned.journal.append(record);
      },
      synced: () => owned.journal.synced(),
      close: () => owned.journal.close(),
    };
    return { ...owned, journal };
  };
  return {
    ...store,
    create: async group => faulty(await store.create(group)),
    take: async word => faulty(await store.take(word)),
  };
}
