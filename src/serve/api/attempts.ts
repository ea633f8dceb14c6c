import { isEvent, type JournalRecord } from '../../sdk/group/journal/records.ts';
import { type AttemptSpan, Attempts } from '../../words/attempts.ts';

/**
 * The attempts of a group, from its journal, in the order in which they started.
 *
 * @param isLive false: attempts that the journal leaves open ended when the engine died.
 */
export function attemptSpans(records: readonly JournalRecord[], isLive: boolean): readonly AttemptSpan[] {
  const attempts = new Attempts();
  for (const record of records) if (isEvent(record)) attempts.apply(record);
  if (!isLive) attempts.lose();
  return attempts.spans;
}
