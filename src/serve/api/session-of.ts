import { SessionGroupsError } from '../../sdk/errors.ts';
import { namedIds } from '../../sdk/group/fan-out/members.ts';
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

/** For what takes the name of a fan-out, too, as the command line does. @throws SessionGroupsError `unknown_session`. */
export function checkNamed(word: string, stored: Pick<StoredGroup, 'group'>): void {
  if (namedIds(stored.group.definition.sessions, [word]).includes(word)) checkSession(word, stored);
}
