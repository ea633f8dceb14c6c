import { currentGroup } from '../../control/current-group.ts';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { resultIn } from '../../sdk/group/journal/session-result.ts';
import type { SessionDetail } from '../api-types.ts';
import { approvalsOf } from './group-detail.ts';
import { sessionOf } from './session-of.ts';
import type { ApiWorld } from './world.ts';

/** One session: its progress, definition, pending approval and result. */
export async function sessionDetail(
  id: string,
  sessionId: string,
  { access }: ApiWorld,
): Promise<SessionDetail> {
  const current = await currentGroup(await access.read(id), access);
  const { stored, progress } = current;
  const session = sessionOf(sessionId, stored);
  const standing = progress.sessions.find(candidate => candidate.id === sessionId);
  if (!standing) throw new SessionGroupsError('unknown_session', `${sessionId} was just removed`);
  const { config } = stored.group.definition;
  const model = session.model ?? config.model;
  const [approval] = approvalsOf({ stored, progress: { ...progress, sessions: [standing] } });
  const last =
    standing.status === 'completed'
      ? stored.records.findLast(
          record => record.type === 'session_completed' && record.sessionId === sessionId,
        )
      : undefined;
  return {
    session: {
      ...standing,
      ...(session.description === undefined ? {} : { description: session.description }),
      ...(model === undefined ? {} : { model }),
      agent: (session.agent ?? config.agent).kind,
      trigger: session.trigger,
      dependsOn: session.dependsOn,
      priority: session.priority,
      ...(session.maxBudgetUsd === undefined ? {} : { maxBudgetUsd: session.maxBudgetUsd }),
      allowFailure: session.allowFailure,
      ...(last?.type === 'session_completed' ? resultIn(last) : {}),
    },
    ...(standing.why ? { why: standing.why } : {}),
    ...(approval ? { approval } : {}),
  };
}
