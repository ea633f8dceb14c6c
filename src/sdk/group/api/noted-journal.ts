import type { Clock } from '../../clock.ts';
import { isEvent, type Journal, type JournalRecord } from '../journal/journal.ts';

/** Between two notes that only say how far the sessions are. */
const NOTE_EVERY_MS = 1_000;

/**
 * The same journal; `note` is called soon after each change of the group, and at most once a second for what its
 * sessions do. It runs after the turn in which the records came, once everybody has taken them in.
 */
export function notedJournal(journal: Journal, clock: Clock, note: () => void): Journal {
  let due = false;
  let last = Number.NEGATIVE_INFINITY;
  const run = () => {
    due = false;
    last = clock.monotonic();
    note();
  };
  return {
    append(record) {
      journal.append(record);
      if (due || !(isOfGroup(record) || clock.monotonic() - last >= NOTE_EVERY_MS)) return;
      due = true;
      queueMicrotask(run);
    },
    get exhausted() {
      return journal.exhausted;
    },
    recover: () => journal.recover?.(),
    synced: () => journal.synced(),
    close: () => journal.close(),
  };
}

const isOfGroup = (record: JournalRecord): boolean => isEvent(record) && record.type.startsWith('group_');
