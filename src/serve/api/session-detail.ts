import { currentGroup } from '../../control/current-group.ts';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { given } from '../../sdk/given.ts';
import { resolveSession } from '../../sdk/group/config/resolve-session.ts';
import { viewDelivery } from '../../sdk/group/delivery/delivery-view.ts';
import { shownOpenCommand } from '../../sdk/group/delivery/open-command.ts';
import { resultOf } from '../../sdk/group/journal/session-result.ts';
import { type SkipCause, skipCause } from '../../sdk/group/standing/skip-cause.ts';
import { capabilitiesOf } from '../../sdk/session/own/registered.ts';
import type { SessionDetail } from '../api-types.ts';
import { approvalsOf } from './group-detail.ts';
import { sessionOf } from './session-of.ts';
import type { ApiWorld } from './world.ts';

/** One session: its progress, definition, pending approval and result. */
export async function sessionDetail(
  id: string,
  sessionId: string,
  { access, env, manager }: ApiWorld,
): Promise<SessionDetail> {
  const current = await currentGroup(await access.read(id), access);
  const { stored, progress } = current;
  const session = sessionOf(sessionId, stored);
  const standing = progress.sessions.find(candidate => candidate.id === sessionId);
  if (!standing) throw new SessionGroupsError('unknown_session', `${sessionId} was just removed`);
  const { config } = stored.group.definition;
  const model = session.model ?? config.model;
  const [approval] = approvalsOf({ stored, progress: { ...progress, sessions: [standing] } });
  const { description, trigger, dependsOn, priority, maxBudgetUsd, allowFailure } = session;
  const agent = (session.agent ?? config.agent).kind;
  const delivery = viewDelivery(stored, { env }).session(sessionId);
  return {
    session: {
      ...standing,
      ...given({ description, model, agent, trigger, dependsOn, priority, maxBudgetUsd, allowFailure }),
      ...resultOf(stored.records, standing),
    },
    ...given({
      why: standing.why,
      skip: skipView(skipCause(standing, stored, progress)),
      approval,
      delivery,
      open: shownOpenCommand(stored, sessionId, env),
    }),
    ...(capabilitiesOf(manager.agents)(agent).messages ? { messages: true as const } : {}),
    ...(resolveSession(session, config).verify ? { checked: true } : {}),
  };
}

const MOST_ROOTS = 20;

function skipView(cause: SkipCause | undefined): SessionDetail['skip'] {
  if (cause === undefined || cause.roots.length <= MOST_ROOTS) return cause;
  return { ...cause, roots: cause.roots.slice(0, MOST_ROOTS), moreRoots: cause.roots.length - MOST_ROOTS };
}
