import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { SessionGroupsError } from '../../sdk/errors.ts';
import { runtimeFolder } from '../../sdk/project/runtime-folder.ts';

/** The system truncates longer socket paths, at 104 bytes on macOS and 108 on Linux. */
const MAX_SOCKET_PATH_BYTES = 100;

/**
 * Where the owner of a group listens: a socket in a folder that only this user can enter, named by a hash because group
 * ids are too long for a socket path.
 *
 * @throws SessionGroupsError `socket_path_too_long`.
 */
export function controlAddress(dataDir: string, groupId: string): string {
  const hash = createHash('sha256').update(`${dataDir}\0${groupId}`).digest('hex').slice(0, 20);
  const path = join(runtimeFolder('control'), `${hash}.sock`);
  checkSocketPath(path);
  return path;
}

export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path);
  if (bytes < MAX_SOCKET_PATH_BYTES) return;
  throw new SessionGroupsError(
    'socket_path_too_long',
    `the socket path ${path} has ${bytes} bytes; it must have fewer than ${MAX_SOCKET_PATH_BYTES}`,
    { hint: 'Set XDG_RUNTIME_DIR to a folder with a shorter path.' },
  );
}
