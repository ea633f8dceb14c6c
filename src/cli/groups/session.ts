import type { SessionProgress } from '../../sdk/group/progress/progress.ts';
import type { CliContext } from '../context.ts';
import { type CurrentGroup, currentGroup } from './current-group.ts';
import { checkSession } from './find.ts';

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
