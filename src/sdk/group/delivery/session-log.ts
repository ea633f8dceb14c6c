import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The path of a log of a session: `stderr.log` of its agent, `setup.log`, `verify.log`. undefined: there is none.
 * @param groupDir undefined: nothing is kept on disk.
 */
export function sessionLog(groupDir: string | undefined, session: string, name: string): string | undefined {
  if (groupDir === undefined) return undefined;
  const sessions = join(groupDir, 'sessions');
  const names = existsSync(sessions) ? readdirSync(sessions) : [];
  const folder = names.find(candidate => candidate.replace(/^\d+-/, '') === session);
  const path = folder === undefined ? undefined : join(sessions, folder, name);
  return path !== undefined && existsSync(path) ? path : undefined;
}
