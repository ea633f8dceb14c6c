import { isLiveGroup, isSettled } from '../../../machines/vocabulary.ts';
import { type CurrentGroup, currentGroup } from '../../control/current-group.ts';
import { readSaved } from '../../control/read-saved.ts';
import { pendingRequest } from '../../control/wire/pending-request.ts';
import { given } from '../../sdk/given.ts';
import { isEvent, type JournalRecord } from '../../sdk/group/journal/records.ts';
import { isRehearsal } from '../../sdk/group/standing/rehearsal.ts';
import { questionsIn } from '../../sdk/session/reports/questions.ts';
import { type AttemptSpan, Attempts } from '../../words/attempts.ts';
import { firstLine } from '../../words/first-line.ts';
import { hear } from '../../words/transcript.ts';
import type { ApprovalView, GroupDetail } from '../api-types.ts';
import { ownerView } from '../live/access.ts';
import type { ApiWorld } from './world.ts';

/** Everything that the page shows about a group, except transcripts. `graph`: how its fan-outs are drawn. Default: each session. */
export async function groupDetail(
  id: string,
  { access, pictureOfGraph }: ApiWorld,
  { graph }: { readonly graph?: 'folded' | undefined } = {},
): Promise<GroupDetail> {
  const current = await currentGroup(await access.read(id), access);
  const { stored, progress, status } = current;
  const { group, owner, ownerUnreadable, records } = stored;
  const { name, description, config } = group.definition;
  const { warningThreshold, onBudgetExceeded } = config.budget;
  const { maxConcurrent, maxPerProject } = config.concurrency;
  const { result } = await readSaved(stored, access);
  const isLive = owner?.alive === true && isLiveGroup(status);
  return {
    ...given({ id: group.id, name, slug: group.slug, description, createdAt: group.createdAt, status }),
    ...given({ reason: result.reason, owner: ownerView(stored), ownerUnreadable }),
    progress: { ...progress, status },
    budget: { limitUsd: progress.limitUsd ?? 'none', warningThreshold, onBudgetExceeded },
    ...given({ why: progress.why }),
    limits: { maxConcurrent, maxPerProject },
    graph: await pictureOfGraph(group, graph === 'folded'),
    attempts: attemptSpans(records, isLive),
    approvals: approvalsOf(current),
    results: firstLines(records),
    said: lastWords(stored, progress),
    ...(isRehearsal(group) ? { rehearsal: true } : {}),
    nextSeq: (records.findLast(isEvent)?.seq ?? -1) + 1,
  };
}

export function approvalsOf({ stored, progress }: Pick<CurrentGroup, 'stored' | 'progress'>): ApprovalView[] {
  return progress.sessions.flatMap(session => {
    const request = pendingRequest(stored.records, session);
    if (request === undefined) return [];
    const { requestId, tool, input = {} } = request;
    const questions = questionsIn(tool, input);
    const asked = { sessionId: session.id, requestId, tool, input };
    return [questions.length === 0 ? asked : { ...asked, questions }];
  });
}

/** The first line of the last result of each session whose last attempt has one. */
function firstLines(records: readonly JournalRecord[]): Record<string, string> {
  const results = new Map<string, string>();
  for (const record of records) {
    if (record.type === 'session_completed') results.set(record.sessionId, firstLine(record.result));
    else if (record.type === 'session_started') results.delete(record.sessionId);
  }
  return Object.fromEntries(results);
}

/** What the agent of each session that has not settled said last. */
function lastWords(
  { records }: CurrentGroup['stored'],
  { sessions }: CurrentGroup['progress'],
): Record<string, string> {
  const words = new Map<string, string>();
  for (const record of records) if (isEvent(record)) hear(record, words);
  for (const { id, status } of sessions) if (isSettled(status)) words.delete(id);
  return Object.fromEntries(words);
}

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
