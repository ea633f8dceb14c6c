import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';

/** Larger definitions and prompts are rejected. */
export const LARGEST_FILE = 4 * 1024 * 1024;

/** Why a file can't be read. */
export type ReadProblem = 'missing_file' | 'not_a_file' | 'unreadable_file' | 'file_too_large' | 'not_utf8';

export type ReadText =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly code: ReadProblem; readonly message: string };

/**
 * The text of a user's file. Never throws: a missing file, a folder, an unreadable, too large or non-UTF-8 file is a
 * result. A byte-order mark is removed. `follow: false` rejects a file that is a symbolic link.
 */
export async function readText(
  path: string,
  { follow = true }: { /** Default: true. */ readonly follow?: boolean } = {},
): Promise<ReadText> {
  let file: FileHandle | undefined;
  try {
    // Without O_NONBLOCK, opening a named pipe would block.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK;
    file = await open(path, follow ? flags : flags | constants.O_NOFOLLOW);
    const stats = await file.stat();
    if (stats.isDirectory()) return refuse('not_a_file', 'is a folder, not a file');
    if (!stats.isFile()) return refuse('not_a_file', 'is not a regular file');
    if (stats.size > LARGEST_FILE) {
      return refuse('file_too_large', `is larger than ${LARGEST_FILE / 1024 / 1024} MB`);
    }
    const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
    return { ok: true, text };
  } catch (error) {
    return explain(error);
  } finally {
    await file?.close();
  }
}

function explain(error: unknown): ReadText {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return refuse('not_utf8', 'is not UTF-8 text');
  if (code === 'ENOENT' || code === 'ENOTDIR') return refuse('missing_file', 'does not exist');
  if (code === 'EACCES' || code === 'EPERM')
    return refuse('unreadable_file', "can't be read: permission denied");
  if (code === 'EISDIR') return refuse('not_a_file', 'is a folder, not a file');
  return refuse('unreadable_file', `can't be read (${typeof code === 'string' ? code : String(error)})`);
}

function refuse(code: ReadProblem, message: string): ReadText {
  return { ok: false, code, message };
}
