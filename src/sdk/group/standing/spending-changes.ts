import { isEstimated } from '../cost/session-ledger.ts';
import { foldRecord, newGroupFold, sessionsOf } from '../journal/fold.ts';
import { isEvent } from '../journal/records.ts';
import type { StoredGroup } from '../store/store.ts';

/** An amount that a session has spent. */
export interface SpentAmount {
  readonly sessionId: string;
  readonly microUsd: number;
  /** Part of what the session has spent is estimated. */
  readonly estimated: boolean;
  /** When, in epoch milliseconds; undefined: at some time of the group. */
  readonly at: number | undefined;
}

/** Every change of a session's cost. An internal record has no time: it is that of the event that follows from it. */
export async function* spendingChanges(stored: StoredGroup): AsyncGenerator<SpentAmount> {
  const fold = newGroupFold(stored.fold?.format);
  const seen = new Map<string, number>();
  const changed = new Set<string>();
  const amounts = function* (): Generator<SpentAmount> {
    for (const sessionId of changed) {
      const ledger = fold.sessions.get(sessionId)?.ledger;
      const before = seen.get(sessionId) ?? 0;
      if (!ledger || ledger.settled === before) continue;
      seen.set(sessionId, ledger.settled);
      const estimated = isEstimated(ledger);
      yield { sessionId, microUsd: ledger.settled - before, estimated, at: fold.at };
    }
    changed.clear();
  };
  for await (const record of stored.history()) {
    foldRecord(fold, record);
    for (const id of sessionsOf(record)) changed.add(id);
    if (isEvent(record)) yield* amounts();
  }
  yield* amounts();
}
