import type { SessionStatus } from '../../../machines/vocabulary.ts';
import type { GroupEvent } from './events.ts';

/**
 * Internal records: what a fold needs beside the public events. They carry no `seq`, and readers of the
 * event stream never see them.
 */
export type InternalRecord =
  | { readonly type: '_status'; readonly sessionId: string; readonly status: SessionStatus }
  /** The process of an attempt is there. */
  | { readonly type: '_spawned'; readonly sessionId: string; readonly pid: number };

export type JournalRecord = GroupEvent | InternalRecord;

/** Where a group's history goes. A record is appended before the effect that it announces (I10). */
export interface Journal {
  append(record: JournalRecord): void;
  /** Resolves when everything appended so far survives what the journal promises to survive. */
  synced(): Promise<void>;
  close(): Promise<void>;
}

export function isEvent(record: JournalRecord): record is GroupEvent {
  return !record.type.startsWith('_');
}
