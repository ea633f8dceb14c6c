import { type CurrentGroup, currentGroup as readCurrent } from '../../control/current-group.ts';
import { ownersAt } from '../../control/reach.ts';
import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';
import type { CliContext } from '../context.ts';
import { checkSession, findGroup } from './find.ts';

/** Finds the group for a command-line argument and reads its current state. */
export async function currentGroup(word: string, context: CliContext): Promise<CurrentGroup> {
  const { io, services } = context;
  return currentGroupOf(await findGroup(word, await services.openStore(io.env), context), context);
}

export const currentGroupOf = (stored: StoredGroup, { services }: CliContext): Promise<CurrentGroup> =>
  readCurrent(stored, { viewGroup: services.viewGroup, ...ownersAt(services.connect) });

export interface CurrentSession extends CurrentGroup {
  readonly session: SessionProgress;
}

/** Finds a session and reads its current state. @throws UsageError `unknown_group`, `unknown_session`. */
export async function currentSession(word: string, id: string, context: CliContext): Promise<CurrentSession> {
  const current = await currentGroup(word, context);
  checkSession(id, current.stored);
  return { ...current, session: sessionIn(current.progress.sessions, id) };
}

export function sessionIn(sessions: readonly SessionProgress[], id: string): SessionProgress {
  const session = sessions.find(session => session.id === id);
  if (session === undefined) throw new Error(`the progress has no session ${id}`);
  return session;
}

/** A session for `--json`. */
export const sessionLine = (groupId: string, session: SessionProgress) => ({
  type: 'session',
  groupId,
  ...session,
});
