import type { GroupStatus } from '../../../../machines/vocabulary.ts';
import { type GroupSnapshot, isSettled, type SessionSnapshot } from '../journal/fold.ts';
import { foldJournal, type JournalFold } from '../store/journal-fold.ts';
import type { StoredGroup } from '../store/store.ts';
import type { GroupState } from './group-state.ts';

/**
 * Puts a group's parts back where its journal left them. Settled sessions stay settled (I4); those that were in
 * play wait, without an actor, for the group to run again; what was spent stays spent (I8).
 */
export function restoreGroup(
  snapshot: GroupSnapshot,
  { roster, ledger, sessions }: GroupState,
  keep: (id: string, session: SessionSnapshot) => void,
): void {
  const { limitMicroUsd } = snapshot;
  if (limitMicroUsd !== undefined) {
    ledger.setLimit(limitMicroUsd === 'none' ? Number.POSITIVE_INFINITY : limitMicroUsd);
  }
  const settled = new Map();
  const inPlay = new Map<string, { held: boolean }>();
  for (const [id, session] of snapshot.sessions) {
    if (!sessions.has(id)) continue;
    ledger.restore(id, session.ledger);
    if (isSettled(session.status)) settled.set(id, { outcome: session.status, reason: session.skipReason });
    else if (session.attempts > 0) inPlay.set(id, { held: session.held });
    if (session.attempts > 0) keep(id, session);
  }
  const counts = (id: string) => sessions.get(id)?.allowFailure !== true;
  const errors = snapshot.failed.filter(counts).length;
  roster.restore({ settled, inPlay, errors, reason: snapshot.reason });
}

/** Sessions that a pause had still to end. */
export function stillInPlay({ sessions }: GroupSnapshot): string[] {
  return [...sessions]
    .filter(([, { status, attempts }]) => attempts > 0 && !isSettled(status) && status !== 'paused')
    .map(([id]) => id);
}

/** The state in which the chart starts; a group that was live enters `running` by the event `run`. */
export function restoredStatus(status: GroupStatus): GroupStatus | undefined {
  if (status === 'created' || status === 'running') return undefined;
  return status === 'pausing' || status === 'stopping' ? 'paused' : status;
}

/** What the journal of a kept group comes to. Not to be changed: it may be the store's own. */
export const foldOf = (kept: Pick<StoredGroup, 'fold' | 'records'>): JournalFold =>
  kept.fold ?? foldJournal(kept.records);
