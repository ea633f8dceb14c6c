import type { SessionGroupsError } from '../../errors.ts';
import type { GroupFold } from './fold.ts';
import type { JournalRecord } from './records.ts';

/** Stores a group's history. A record is appended before the effect that it announces (I10). */
export interface Journal {
  /** The record is written once this has returned: a promise counts as a failure. @throws if it isn't written. */
  append(record: JournalRecord): void;
  /** Set while only reserved space is left: records are accepted, but nothing new may start. Absent: never happens. */
  readonly exhausted?: SessionGroupsError | undefined;
  /** Makes sure that records can be appended, also after a failure. @throws if not. Absent: nothing to do. */
  recover?(): void;
  /**
   * Called after each record with the fold of all records, from which a journal can take a snapshot. The fold is
   * mutated by the next record. Absent: not needed.
   */
  folded?(fold: GroupFold): void;
  /** Resolves when everything appended so far is as durable as the journal guarantees. */
  synced(): Promise<void>;
  close(): Promise<void>;
}
