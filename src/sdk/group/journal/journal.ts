import type { SessionGroupsError } from '../../errors.ts';
import type { GroupFold } from './fold.ts';
import type { JournalRecord } from './records.ts';

/** Where a group's history goes. A record is appended before the effect that it announces (I10). */
export interface Journal {
  append(record: JournalRecord): void;
  /** Set while records are taken only from what was kept back for the end: nothing new may start. Absent: never. */
  readonly exhausted?: SessionGroupsError | undefined;
  /** Makes sure that records can be taken again, also after a failure. @throws why not. Absent: nothing to be done. */
  recover?(): void;
  /**
   * What all that was appended comes to, after each record; it changes with the next one. A journal that keeps a
   * snapshot takes it from there. Absent: it has no use for it.
   */
  folded?(fold: GroupFold): void;
  /** Resolves when everything appended so far survives what the journal promises to survive. */
  synced(): Promise<void>;
  close(): Promise<void>;
}
