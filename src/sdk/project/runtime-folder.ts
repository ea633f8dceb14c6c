import { chmodSync, lstatSync, mkdirSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { SessionGroupsError } from '../errors.ts';

/**
 * A folder for what lives no longer than the machine runs: locks and sockets of this user. It is ours alone
 * (0700), also below a folder that everybody may write to; one that belongs to somebody else is refused.
 * `$XDG_RUNTIME_DIR`, or where the system keeps it although the variable is not set (cron, sudo), or the
 * folder for temporary files, so that all groups of a user meet in one place.
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

/** Makes the folder, 0700, or takes the one that is there if it is this user's. Gives back its path. */
export function ensureOwnFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== (process.getuid?.() ?? found.uid)) {
    throw new SessionGroupsError('unsafe_runtime_folder', `${path} belongs to somebody else or is a link`, {
      hint: 'Remove it, or set XDG_RUNTIME_DIR to a folder of your own.',
    });
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
