import type { JournalRecord } from './records.ts';

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

/** The versions of a journal's format that a program knows: all up to one. */
export interface JournalFormat {
  /** The highest; new journals have it. */
  readonly version: number;
  /** The lowest in which a journal can hold the record. */
  versionOf(record: JournalRecord): number;
}

export function journalFormat(since: FormatSince): JournalFormat {
  const fields = new Map<string, (readonly [field: string, version: number])[]>();
  for (const [name, version] of Object.entries(since)) {
    const [type = '', field] = name.split('.');
    if (field !== undefined) fields.set(type, [...(fields.get(type) ?? []), [field, version]]);
  }
  return {
    version: Math.max(...Object.values(since)),
    versionOf(record) {
      const ofFields = fields.get(record.type)?.filter(([field]) => Object.hasOwn(record, field)) ?? [];
      return Math.max(since[record.type] ?? 1, ...ofFields.map(([, version]) => version));
    },
  };
}

/** What this program reads and writes. */
export const FORMAT = journalFormat(FORMAT_SINCE);
