import { type ShownAs, type StandsStill, shownSessionStatus, standsStill } from '../../../words/marks.ts';
import { stillSession } from '../../../words/wait-words.ts';
import type { SessionProgress } from '../../api-types.ts';

/**
 * A session as the page shows it: one that was live when its group's process died is `interrupted`, and one that is live while
 * that is suspended is `suspended`.
 */
export type ShownSession = Omit<SessionProgress, 'status'> & {
  readonly status: SessionProgress['status'] | StandsStill;
};

export function shownSession(session: SessionProgress, group: ShownAs): ShownSession {
  if (!standsStill(group)) return session;
  return { ...stillSession(session), status: shownSessionStatus(session.status, group) };
}
