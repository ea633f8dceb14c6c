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

type RecordType = JournalRecord['type'];

/**
 * From which version of the journal's format on there is a record, or, under `TYPE.FIELD`, a field of it, that a program
 * which does not know it cannot pass over: folded without, the group would be another. A record that only tells of
 * something may be passed over, and stays in version 1.
 */
export type FormatSince = Readonly<Record<RecordType, number>> & {
  readonly [field: `${RecordType}.${string}`]: number;
};

export const FORMAT_SINCE: FormatSince = {
  group_created: 1,
  group_started: 1,
  group_pausing: 1,
  group_paused: 1,
  group_resumed: 1,
  group_stopping: 1,
  group_stopped: 1,
  group_retried: 1,
  group_completed: 1,
  group_failed: 1,
  group_archived: 1,
  group_updated: 1,
  session_added: 1,
  session_started: 1,
  session_resumed: 1,
  session_progress: 1,
  session_message: 1,
  tool_started: 1,
  tool_finished: 1,
  session_retrying: 1,
  session_paused: 1,
  session_completed: 1,
  session_failed: 1,
  session_skipped: 1,
  session_stopped: 1,
  dependency_waiting: 1,
  dependency_resolved: 1,
  session_warning: 1,
  config_generated: 1,
  budget_warning: 1,
  budget_exceeded: 1,
  budget_changed: 1,
  cost_reconciled: 1,
  quota_limited: 1,
  approval_requested: 1,
  approval_answered: 1,
  _status: 1,
  _spawned: 1,
  _conversation: 1,
  _ledger: 1,
  _taken_over: 1,
  _baseline: 1,
  _invalid_output: 1,
  _held: 1,
};
