import { isLiveGroup } from '../../../machines/vocabulary.ts';
import { type CurrentGroup, currentGroup } from '../../control/current-group.ts';
import { readSaved } from '../../control/read-saved.ts';
import { pendingRequest } from '../../control/wire/pending-request.ts';
import { isEvent } from '../../sdk/group/journal/records.ts';
import type { ApprovalView, GroupDetail } from '../api-types.ts';
import { ownerView } from '../live/access.ts';
import { attemptSpans } from './attempts.ts';
import type { ApiWorld } from './world.ts';

/** Everything that the page shows about a group, except transcripts. */
export async function groupDetail(id: string, { access, pictureOfGraph }: ApiWorld): Promise<GroupDetail> {
  const current = await currentGroup(await access.read(id), access);
  const { stored, progress, status } = current;
  const { group, owner, records } = stored;
  const { name, description, config } = group.definition;
  const { result } = await readSaved(stored, access);
  const isLive = owner?.alive === true && isLiveGroup(status);
  return {
    id: group.id,
    name,
    slug: group.slug,
    ...(description === undefined ? {} : { description }),
    createdAt: group.createdAt,
    status,
    ...(result.reason === undefined ? {} : { reason: result.reason }),
    ...(owner?.alive ? { owner: ownerView(owner) } : {}),
    progress: { ...progress, status },
    budget: {
      limitUsd: progress.limitUsd ?? 'none',
      warningThreshold: config.budget.warningThreshold,
      onBudgetExceeded: config.budget.onBudgetExceeded,
    },
    ...(progress.why ? { why: progress.why } : {}),
    limits: {
      maxConcurrent: config.concurrency.maxConcurrent,
      maxPerProject: config.concurrency.maxPerProject,
    },
    graph: await pictureOfGraph(group),
    attempts: attemptSpans(records, isLive),
    approvals: approvalsOf(current),
    nextSeq: (records.findLast(isEvent)?.seq ?? -1) + 1,
  };
}

export function approvalsOf({ stored, progress }: Pick<CurrentGroup, 'stored' | 'progress'>): ApprovalView[] {
  return progress.sessions.flatMap(session => {
    const request = pendingRequest(stored.records, session);
    if (request === undefined) return [];
    const { requestId, tool, input = {} } = request;
    return [{ sessionId: session.id, requestId, tool, input }];
  });
}
