import { realpathSync, statSync } from 'node:fs';
import { RefusedError } from '../../errors.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import type { SessionFold } from '../journal/fold-session.ts';

/** Where a session works, now. @throws RefusedError `not_in_this_state` if its folder is not there. */
export function workplaceOf(session: ResolvedSession, fold: Pick<SessionFold, 'tree'> | undefined): string {
  const isOwn = session.workspace.mode !== 'shared';
  const cwd = isOwn ? fold?.tree.cwd : session.projectPath;
  if (cwd !== undefined && isFolder(cwd, isOwn)) return cwd;
  throw new RefusedError('not_in_this_state', `the folder of ${session.id} is not there`, {
    hint: fold?.tree.isReleased
      ? 'It went once its work was merged. A session whose workspace has keep: always keeps it.'
      : 'It is made when the session starts.',
  });
}

/** In a tree of its own, an agent may have put a link there that leads anywhere. */
const isFolder = (path: string, isOwn: boolean): boolean =>
  statSync(path, { throwIfNoEntry: false })?.isDirectory() === true &&
  (!isOwn || realpathSync(path) === path);
