import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The path of a log of a session: `stderr.log` of its agent, `setup.log`, `verify.log`. undefined: there is none. */
export type SessionLogs = (session: string, name: string) => string | undefined;

/**
 * The logs of a group's sessions. Their folders are listed once, at the first question.
 * @param groupDir undefined: nothing is kept on disk.
 */
export function sessionLogs(groupDir: string | undefined): SessionLogs {
  if (groupDir === undefined) return () => undefined;
  const sessions = join(groupDir, 'sessions');
  let folders: ReadonlyMap<string, string> | undefined;
  return (session, name) => {
    folders ??= new Map(
      (existsSync(sessions) ? readdirSync(sessions) : []).map(folder => [
        folder.replace(/^\d+-/, ''),
        folder,
      ]),
    );
    const folder = folders.get(session);
    const path = folder === undefined ? undefined : join(sessions, folder, name);
    return path !== undefined && existsSync(path) ? path : undefined;
  };
}
