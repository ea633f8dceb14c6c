import { isSettled } from '../../../machines/vocabulary.ts';
import type { SavedGroupView } from '../../control/read-saved.ts';
import { isSatisfied } from '../../sdk/group/schedule/schedule-entry.ts';
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
    const { dependsOn = [], trigger } = definitions.get(id) ?? {};
    const violated = dependsOn.filter(edge => {
      const [upstream, status] = [definitions.get(edge.session), result.sessions[edge.session]?.status];
      if (upstream === undefined || status === undefined || retried.has(edge.session)) return false;
      return isSettled(status) && !isSatisfied(edge, status, { session: upstream });
    });
    if (violated.length === 0 || (trigger === 'any' && violated.length < dependsOn.length)) return [];
    const upstream = listOf(violated.map(edge => edge.session));
    return `${id} is skipped again, because of ${upstream}, which this does not retry: \`${retryCommand(groupId)}\` retries all`;
  });
}
