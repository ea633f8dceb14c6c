import { canDeliver, somethingMerged, unfinished } from '../../../../machines/group-guards.ts';
import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import { given } from '../../given.ts';
import { shortName } from '../../workspace/names.ts';
import { integrateOf } from '../config/resolve-session.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { TreeFold } from '../journal/session/tree-fold.ts';
import { isBad } from '../schedule/retry-selection.ts';
import type { Schedule } from '../schedule/schedule.ts';
import type { StoredGroup } from '../store/store.ts';
import type { SessionGroupConfig } from '../types.ts';
import { REFUSALS, refusal } from './refusal.ts';
import { foldOf } from './saved-group.ts';

/**
 * The refusal that a saved group's chart answers a request to deliver with, once its status allows one; undefined: it
 * accepts. The chart's own guards decide.
 *
 * @param into the branch that the request names. Default: the definition's.
 */
export function integrateRefusal(
  config: SessionGroupConfig,
  { status, sessions }: Pick<GroupFold, 'status' | 'sessions'>,
  schedule: Schedule,
  into: string | undefined,
) {
  const roster = {
    ...{ unsettled: schedule.unsettled, unwritten: false, delivering: false },
    unsuccessful: schedule.graph.nodes.filter(({ index }) => isBad(schedule, index)).length,
    somethingMerged: isMerged(sessions),
    namesBranch: integrateOf(config).into !== undefined,
  };
  const args = { context: { roster }, event: { type: 'integrate', ...given({ into }) } } as const;
  const refuse = (code: 'sessions_unfinished' | 'branch_required' | 'nothing_to_deliver') =>
    refusal(code, REFUSALS[code]);
  if (status === 'paused' && unfinished(args)) return refuse('sessions_unfinished');
  if (canDeliver(args)) return undefined;
  return refuse(somethingMerged(args) ? 'branch_required' : 'nothing_to_deliver');
}

/**
 * Whether it has settled, and what its sessions merged is where nobody has asked for it: the definition names no branch, or
 * it did not complete. Not if they merged nothing that the project had not had before.
 */
export const waitsForDelivery = ({
  status,
  delivered,
  sessions,
}: Pick<GroupFold, 'status' | 'delivered' | 'sessions'>): boolean =>
  isSettledGroup(status) && !delivered && [...sessions.values()].some(({ tree }) => hasMergedChange(tree));

const isMerged = (sessions: GroupFold['sessions']): boolean =>
  [...sessions.values()].some(({ tree }) => tree.isIntegrated === true);

export const hasMergedChange = ({ isIntegrated, merge, order }: TreeFold): boolean =>
  isIntegrated === true && (merge === undefined || merge.commit !== order?.base);

/** Short name of the branch with what a session has changed in a tree of its own; of one that another machine has, it is not here. */
export function changedBranch({ order, ready, result, at }: TreeFold): string | undefined {
  if (!order || !result || at !== undefined || result.commit === ready?.commit) return undefined;
  return shortName(order.branch);
}

/** Short name of the branch that has what was merged; undefined: it was not delivered, or more has completed since. */
export function deliveredInto(stored: Pick<StoredGroup, 'fold' | 'records'>): string | undefined {
  if (!foldOf(stored).delivered) return undefined;
  const last = stored.records.findLastIndex(({ type }) => type === 'group_delivered');
  const begun = stored.records.slice(0, last).findLast(record => record.type === 'group_delivering');
  return begun?.into;
}
