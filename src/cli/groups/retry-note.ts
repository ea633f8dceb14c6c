import type { SavedGroupView } from '../../control/read-saved.ts';
import { violated } from '../../sdk/group/standing/skip-cause.ts';
import { retryCommand } from '../../words/commands.ts';
import { listOf } from '../../words/wait-words.ts';

/** Of the sessions that are to be retried, those that are skipped again, because what they wait for is not; a line for each. */
export function skippedAgain(
  { stored, view, result }: SavedGroupView,
  sessions: readonly string[] | undefined,
): string[] {
  const retried = new Set(view.retryPlan(sessions));
  const { id: groupId, definition } = stored.group;
  const definitions = new Map(definition.sessions.map(one => [one.id, one]));
  return [...retried].flatMap(id => {
    const session = definitions.get(id);
    const upstream = violated(session, {
      definitions,
      statusOf: one => (retried.has(one) ? undefined : result.sessions[one]?.status),
    });
    const least = session?.trigger === 'any' ? session.dependsOn.length : 1;
    if (upstream.length < Math.max(1, least)) return [];
    return `${id} is skipped again, because of ${listOf(upstream)}, which this does not retry: \`${retryCommand(groupId)}\` retries all`;
  });
}
