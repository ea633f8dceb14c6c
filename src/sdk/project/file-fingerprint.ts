import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';

/** Larger files are compared by size and modification time. */
const LARGEST_HASHED_BYTES = 1024 * 1024;

/**
 * A short string that stays the same as long as the file does: content, kind and the executable bit. Never throws, and
 * never blocks on anything that isn't a regular file (a pipe, a device).
 */
export async function fileFingerprint(path: string | Buffer): Promise<string> {
  try {
    const stats = await lstat(path, { bigint: true });
    if (stats.isSymbolicLink()) return `link ${digest(await readlink(path, { encoding: 'buffer' }))}`;
    if (stats.isDirectory()) return 'folder';
    return stats.isFile() ? await markOfFile(path, stats) : 'special';
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    return code === 'ENOENT' || code === 'ENOTDIR' ? 'gone' : `unreadable ${String(code)}`;
  }
}

async function markOfFile(path: string | Buffer, stats: BigIntStats): Promise<string> {
  const mode = (stats.mode & 0o111n) === 0n ? 'file' : 'program';
  if (stats.size > LARGEST_HASHED_BYTES) return `${mode} ${stats.size} ${stats.mtimeNs}`;
  // It may have become a link or a pipe since the lstat.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const room = Buffer.alloc(Number(stats.size) + 1);
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(room, length, room.length - length, length);
      length += bytesRead;
      if (bytesRead === 0 || length === room.length) break;
    }
    return `${mode} ${digest(room.subarray(0, length))}`;
  } finally {
    await file.close();
  }
}

/** 64 bits are enough to tell versions of one file apart. */
const digest = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);
