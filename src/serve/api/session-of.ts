import { SessionGroupsError } from '../../sdk/errors.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { SessionDefinition } from '../../sdk/group/types.ts';

/** @throws SessionGroupsError `unknown_session`. */
export function sessionOf(id: string, { group }: Pick<StoredGroup, 'group'>): SessionDefinition {
  const session = group.definition.sessions.find(candidate => candidate.id === id);
  if (session) return session;
  const name = JSON.stringify(id.slice(0, 100));
  throw new SessionGroupsError('unknown_session', `${group.id} has no session ${name}`);
}

export const checkSession = (id: string, stored: Pick<StoredGroup, 'group'>): void => {
  sessionOf(id, stored);
};
