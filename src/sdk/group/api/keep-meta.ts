import type { Clock } from '../../clock.ts';
import { isEvent, type JournalRecord } from '../journal/records.ts';

/** The least time between two saves that only report the progress of sessions. */
const SAVE_EVERY_MS = 1_000;

/**
 * Keeps the meta up to date. Lists read it, so a group whose engine dies must be recorded there as running. `save` is
 * called soon after each change of the group, and at most once a second for changes of its sessions; always in a
 * later microtask, once the record has been applied everywhere.
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
    if (due || !(isOfGroup(record) || clock.monotonic() - last >= SAVE_EVERY_MS)) return;
    due = true;
    queueMicrotask(run);
  };
}

const isOfGroup = (record: JournalRecord): boolean => isEvent(record) && record.type.startsWith('group_');
