import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** The path of the stderr log of a session's agent; undefined if there is none. */
export function stderrLog(groupDir: string | undefined, session: string): string | undefined {
  if (groupDir === undefined) return undefined;
  const sessions = join(groupDir, 'sessions');
  const names = existsSync(sessions) ? readdirSync(sessions) : [];
  const folder = names.find(name => name.replace(/^\d+-/, '') === session);
  const path = folder === undefined ? undefined : join(sessions, folder, 'stderr.log');
  return path !== undefined && existsSync(path) ? path : undefined;
}
