import { createHash } from 'node:crypto';
import { type BigIntStats, constants } from 'node:fs';
import { lstat, open, readlink } from 'node:fs/promises';

/** Larger files are told apart by size and time of change. */
const LARGEST_HASHED_BYTES = 1024 * 1024;

/**
 * A short text that is the same as long as a file is: by content, kind and whether it can be executed. Never throws,
 * and never waits for what is no file (a pipe, a device).
 */
export async function fileMark(path: string | Buffer): Promise<string> {
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
  // It may have become a link or a pipe since it was looked at.
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

/** 64 bits tell versions of one file apart. */
const digest = (content: Uint8Array): string =>
  createHash('sha256').update(content).digest('hex').slice(0, 16);
