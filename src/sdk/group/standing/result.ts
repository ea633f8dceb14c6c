import { given } from '../../given.ts';
import { toUsd } from '../cost/ledger.ts';
import type { SessionFold } from '../journal/fold-session.ts';
import type { StoredResult } from '../journal/stored-result.ts';
import type { GroupResult, SessionResult } from '../progress/progress.ts';
import type { ProgressAggregator } from '../progress-aggregator.ts';
import { changedBranch, waitsForDelivery } from './deliverable.ts';

type LeftOf = (id: string) => StoredResult | undefined;

/** The group's current result. @param leftOf a session's result, if known in more detail than from its event. */
export function groupResult(progress: ProgressAggregator, leftOf: LeftOf = () => undefined): GroupResult {
  const { groupId, status, fold } = progress;
  const { totalCostUsd, totalTokens } = progress.getGroupStats();
  const reason = status === 'completed' || status === 'running' ? undefined : fold.reason;
  const sessions = progress.ids.map(id => {
    const forEach = progress.fanOutOf(id);
    const result = sessionResult(fold.sessions.get(id), leftOf(id));
    return [id, forEach ? { forEach, ...result } : result] as const;
  });
  return {
    groupId,
    status,
    ...(reason === undefined ? {} : { reason }),
    sessions: Object.fromEntries(sessions),
    totalCostUsd,
    totalTokens,
    elapsedMs: Math.round(progress.elapsedMs),
    ...(waitsForDelivery(fold) ? { toDeliver: true } : {}),
  };
}

function sessionResult(session: SessionFold | undefined, left = session?.left): SessionResult {
  if (!session) return { status: 'pending', costUsd: 0, attempts: 0 };
  const { status, skipReason, error, ledger, attempts } = session;
  return {
    status,
    ...(skipReason === undefined ? {} : { reason: skipReason }),
    ...(status === 'failed' && error ? { error } : {}),
    costUsd: toUsd(ledger.settled),
    attempts,
    ...unmerged(session),
    ...(status === 'completed' && left ? resultFields(left) : {}),
  };
}

/** In a group that merges, what has been merged is in its branch. */
export const unmerged = (session: Pick<SessionFold, 'tree'> | undefined): Pick<SessionResult, 'branch'> =>
  session === undefined || session.tree.isIntegrated ? {} : given({ branch: changedBranch(session.tree) });

function resultFields(left: StoredResult) {
  const { result, outputFile, changedFiles } = left;
  const output = outputFile === undefined ? left.output : undefined; // reading it may load the file
  return given({ result, output, outputFile, changedFiles });
}
