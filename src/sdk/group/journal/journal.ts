import type { SessionGroupsError } from '../../errors.ts';
import type { GroupFold } from './fold.ts';
import type { JournalRecord } from './records.ts';

/**
 * Stores a group's history. It may be asynchronous: whatever a record announces begins only once that record and all those
 * before it are written. Until then the engine goes on, so that records are appended while others are still being written.
 */
export interface Journal {
  /**
   * The record is written when this has returned or, if it returns a promise, when that resolves. Promises may resolve in
   * any order, but records are written in the order of the calls: where one is not written, none of those that were
   * appended after it is, so that their promises reject as well. A promise that isn't settled within 30 s counts as a
   * failure. The engine appends what was refused again, in order, once `recover` has succeeded.
   *
   * @throws if the record isn't written; a promise rejects then.
   */
  append(record: JournalRecord): void | Promise<void>;
  /** Set while only reserved space is left: records are accepted, but nothing new may start. Absent: never happens. */
  readonly exhausted?: SessionGroupsError | undefined;
  /**
   * Makes sure that records can be appended, also after a failure. When it has succeeded, no earlier `append` is pending.
   * @throws if not; a promise rejects then. Absent: nothing to do.
   */
  recover?(): void | Promise<void>;
  /**
   * Called with the fold of all records that are written, from which a journal can take a snapshot: after each record or,
   * of an asynchronous journal, whenever nothing is pending. The fold is mutated by the next record. Absent: not needed.
   */
  folded?(fold: GroupFold): void;
  /** Resolves when everything written so far is as durable as the journal guarantees. */
  synced(): Promise<void>;
  /** What is pending is settled before it resolves. */
  close(): Promise<void>;
}
