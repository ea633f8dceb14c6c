import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { SessionGroupsError } from '../errors.ts';

/**
 * A folder for this user's locks and sockets, which last no longer than the machine runs. It is ours alone (0700),
 * even below a world-writable folder; one that belongs to another user is refused. In `$XDG_RUNTIME_DIR`, or where the
 * system keeps it even if the variable isn't set (cron, sudo), else in the folder for temporary files, so that all
 * groups of a user share one place.
 */
export function runtimeFolder(...names: string[]): string {
  const uid = process.getuid?.() ?? userInfo().uid;
  const runtime = [process.env.XDG_RUNTIME_DIR, `/run/user/${uid}`].find(
    path => path !== undefined && isOwnFolder(path, uid),
  );
  const top =
    runtime === undefined ? join(tmpdir(), `session-groups-${uid}`) : join(runtime, 'session-groups');
  let folder = ensureOwnFolder(top);
  for (const name of names) folder = ensureOwnFolder(join(folder, name));
  return folder;
}

/** Creates the folder with mode 0700, or takes an existing one if it belongs to this user. Returns its path. */
export function ensureOwnFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    const hint = 'Remove it, or set XDG_RUNTIME_DIR to a folder that you own.';
    const text = `${path} belongs to another user or isn't a folder`;
    throw new SessionGroupsError('unsafe_runtime_folder', text, { hint });
  }
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o700);
  return path;
}

function isOwnFolder(path: string, uid: number): boolean {
  try {
    const found = statSync(path);
    return isAbsolute(path) && found.isDirectory() && found.uid === uid;
  } catch {
    return false;
  }
}
