import type { JournalRecord } from '../records.ts';

/** The status that each end of a session leaves. */
export const SETTLED_AFTER = {
  session_completed: 'completed',
  session_failed: 'failed',
  session_stopped: 'stopped',
  session_skipped: 'skipped',
} as const;

export type SessionEnd = Extract<JournalRecord, { readonly type: keyof typeof SETTLED_AFTER }>;
