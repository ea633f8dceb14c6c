import type { GroupStatus } from '../../../../machines/vocabulary.ts';
import { isSettled } from '../../../../machines/vocabulary.ts';
import { type GroupFold, limitIn, settledIn } from '../journal/fold.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import type { GroupState } from './group-state.ts';

/**
 * Puts a group's parts back where its journal left them. Settled sessions stay settled (I4); those that were in
 * play wait, without an actor, for the group to run again; what was spent stays spent (I8).
 */
export function restoreGroup(
  snapshot: GroupFold,
  { roster, ledger, sessions }: GroupState,
  keep: (id: string, session: SessionFold) => void,
): void {
  const limit = limitIn(snapshot);
  if (limit !== undefined) ledger.setLimit(limit);
  const inPlay = new Map<string, { held: boolean }>();
  for (const [id, session] of snapshot.sessions) {
    if (!sessions.has(id)) continue;
    ledger.restore(id, session.ledger);
    if (!isSettled(session.status) && session.attempts > 0) inPlay.set(id, { held: session.held });
    if (session.attempts > 0) keep(id, session);
  }
  const counts = (id: string) => sessions.get(id)?.allowFailure !== true;
  const errors = snapshot.failed.filter(counts).length;
  roster.restore({ settled: settledIn(snapshot), inPlay, errors, reason: snapshot.reason });
}

/** The state in which the chart starts; a group that was live enters `running` by the event `run`. */
export function restoredStatus(status: GroupStatus): GroupStatus | undefined {
  if (status === 'created' || status === 'running') return undefined;
  return status === 'pausing' || status === 'stopping' ? 'paused' : status;
}
