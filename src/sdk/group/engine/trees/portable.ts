import { SessionGroupsError } from '../../../errors.ts';
import { type ResolvedSession, treePlanOf } from '../../config/resolve-session.ts';

/** @param trees whether sessions can have trees of their own there. @throws SessionGroupsError `workspace_elsewhere` */
export function requirePortable(session: ResolvedSession | undefined, trees: boolean): void {
  const tied = session && tiedToThisMachine(session, trees);
  if (!tied) return;
  const hint = `${tied.instead}, or run the group without the option \`executor\`.`;
  const message = `session "${session.id}": ${tied.what} cannot be carried out elsewhere`;
  throw new SessionGroupsError('workspace_elsewhere', message, { hint });
}

function tiedToThisMachine(
  session: ResolvedSession,
  trees: boolean,
): { readonly what: string; readonly instead: string } | undefined {
  if (!treePlanOf(session)) return undefined;
  const { mode, ports, include } = session.workspace;
  if (mode === 'shared')
    return {
      what: 'checks in the project itself',
      instead: 'Give it a tree of its own (`workspace: {mode: worktree}`)',
    };
  if (!trees)
    return { what: 'a session with a tree of its own', instead: 'Take its `workspace` and `verify` out' };
  if (ports.length > 0)
    return { what: 'a session that takes ports', instead: 'Take `ports` out of its `workspace`' };
  if (include.length > 0)
    return {
      what: 'a session that brings ignored files along',
      instead: 'Take `include` out of its `workspace`, and make the files in its set-up',
    };
  return undefined;
}
