import type { Clock } from '../../clock.ts';
import { isEvent, type JournalRecord } from '../journal/records.ts';

/** Between two notes that only say how far the sessions are. */
const NOTE_EVERY_MS = 1_000;

/**
 * Lists read the meta: it follows the group, so that one whose engine dies is seen to have been running. `save` is
 * called soon after each change of the group, and at most once a second for what its sessions do; after the turn in
 * which the records came, once everybody has taken them in.
 */
export function metaKeeper(clock: Clock, save: () => void): (record: JournalRecord) => void {
  let due = false;
  let last = Number.NEGATIVE_INFINITY;
  const run = () => {
    due = false;
    last = clock.monotonic();
    save();
  };
  return record => {
    if (due || !(isOfGroup(record) || clock.monotonic() - last >= NOTE_EVERY_MS)) return;
    due = true;
    queueMicrotask(run);
  };
}

const isOfGroup = (record: JournalRecord): boolean => isEvent(record) && record.type.startsWith('group_');
