import type { GroupEvent } from '../../sdk/group/journal/events.ts';
import { isEvent, type JournalRecord } from '../../sdk/group/journal/records.ts';
import type { AttemptOutcome, AttemptSpan } from '../api-types.ts';

/**
 * The attempts of a group, from its journal, in the order in which they started.
 *
 * @param isLive false: what the journal leaves open ended when its engine died.
 */
export function attemptSpans(records: readonly JournalRecord[], isLive: boolean): AttemptSpan[] {
  const spans: AttemptSpan[] = [];
  /** Of each session that is at work: where its span stands. */
  const open = new Map<string, number>();
  let last = '';
  const end = (sessionId: string, outcome: AttemptOutcome, endedAt: string) => {
    const index = open.get(sessionId);
    const span = index === undefined ? undefined : spans[index];
    if (index === undefined || span === undefined) return;
    spans[index] = { ...span, endedAt, outcome };
    open.delete(sessionId);
  };
  for (const record of records) {
    if (!isEvent(record)) continue;
    if (record.type === 'session_started' || record.type === 'session_resumed') {
      end(record.sessionId, 'lost', last);
      open.set(record.sessionId, spans.length);
      spans.push({ sessionId: record.sessionId, attempt: record.attempt, startedAt: record.time });
    } else {
      const outcome = outcomeOf(record);
      const id = 'sessionId' in record ? record.sessionId : undefined;
      if (outcome !== undefined && id !== undefined) end(id, outcome, record.time);
    }
    last = record.time;
  }
  if (!isLive) for (const id of [...open.keys()]) end(id, 'lost', last);
  return spans;
}

function outcomeOf({ type }: GroupEvent): AttemptOutcome | undefined {
  switch (type) {
    case 'session_completed':
      return 'completed';
    case 'session_failed':
      return 'failed';
    case 'session_paused':
      return 'paused';
    case 'session_retrying':
      return 'retrying';
    case 'session_stopped':
      return 'stopped';
    case 'quota_limited':
      return 'limited';
    default:
      return undefined;
  }
}
