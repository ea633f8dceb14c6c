import type { SessionStatus } from '../../../../machines/vocabulary.ts';
import type { Baseline } from '../../project/working-tree.ts';
import type { Tokens } from '../../session/usage.ts';
import type { GroupEvent } from './events.ts';

/**
 * Internal records: what a fold needs beside the public events. They carry no `seq`, and readers of the
 * event stream never see them.
 */
export type InternalRecord =
  | { readonly type: '_status'; readonly sessionId: string; readonly status: SessionStatus }
  /** The process of an attempt is there. */
  | { readonly type: '_spawned'; readonly sessionId: string; readonly pid: number }
  /** The agent has said that the conversation exists: from here on it can be resumed. */
  | { readonly type: '_conversation'; readonly sessionId: string }
  /** An attempt's ledger after the agent's own figure, or at the attempt's end; micro-dollars. */
  | {
      readonly type: '_ledger';
      readonly sessionId: string;
      readonly settled: number;
      readonly tokens: Tokens;
      readonly conversation: number;
      readonly unreported: number;
    }
  /** Another engine goes on here with a group whose own had died while it was live. */
  | { readonly type: '_taken_over' }
  /** How the project was before the session's first attempt; null: not known. */
  | ({ readonly type: '_baseline'; readonly sessionId: string } & Baseline)
  /** The conversation waits for a correction of its output: what was wrong with it, in words for the agent. */
  | { readonly type: '_invalid_output'; readonly sessionId: string; readonly message: string }
  /** Paused by itself, or let go again. */
  | { readonly type: '_held'; readonly sessionId: string; readonly held: boolean };

export type JournalRecord = GroupEvent | InternalRecord;

export function isEvent(record: JournalRecord): record is GroupEvent {
  return !record.type.startsWith('_');
}
