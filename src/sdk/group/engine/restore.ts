import { type GroupFold, limitIn, settledIn } from '../journal/fold.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import { remoteAttempt } from '../journal/session/remote-fold.ts';
import type { GroupState } from './group-state.ts';

/**
 * Restores a group's state from its journal. Settled sessions stay settled (I4); sessions that were in play wait,
 * without an actor, for the group to run again; costs are kept (I8).
 */
export function restoreGroup(
  fold: GroupFold,
  { roster, ledger, sessions }: GroupState,
  keep: (id: string, session: SessionFold) => void,
): void {
  const limit = limitIn(fold);
  if (limit !== undefined) ledger.setLimit(limit);
  ledger.restoreNews(fold.announced);
  const inPlay = new Map<string, { held: boolean; elsewhere: boolean }>();
  const held: string[] = [];
  const resolved = new Map([...fold.sessions].map(([id, session]) => [id, session.resolved]));
  for (const [id, session] of fold.sessions) {
    if (!sessions.has(id)) continue;
    ledger.restore(id, session.ledger);
    if (session.inPlay) {
      inPlay.set(id, { held: session.held, elsewhere: remoteAttempt(session) !== undefined });
    } else if (session.held) held.push(id);
    if (session.attempts > 0 || session.tree.order) keep(id, session);
  }
  const counts = (id: string) => sessions.get(id)?.allowFailure !== true;
  const errors = fold.failed.filter(counts).length;
  const { reason, delivered, askedInto: into, settledBefore: before } = fold;
  const delivery = { delivered, into, before };
  roster.restore({ settled: settledIn(fold), inPlay, held, resolved, errors, reason, delivery });
}
