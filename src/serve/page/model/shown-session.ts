import { isLiveSession } from '../../../../machines/vocabulary.ts';
import { lasts } from '../../../words/wait-words.ts';
import type { KeptStatus, SessionProgress } from '../../api-types.ts';

/** A session as the page shows it: a session that was live when its group's process died is `interrupted`. */
export type ShownSession = Omit<SessionProgress, 'status'> & {
  readonly status: SessionProgress['status'] | 'interrupted';
};

export function shownSession(session: SessionProgress, group: KeptStatus): ShownSession {
  if (group !== 'interrupted') return session;
  const { why, currentTool: _tool, currentToolInput: _input, ...rest } = session;
  return {
    ...rest,
    ...(why !== undefined && lasts(why) ? { why } : {}),
    status: isLiveSession(session.status) ? 'interrupted' : session.status,
  };
}
