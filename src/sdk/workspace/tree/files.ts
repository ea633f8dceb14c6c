import { randomBytes } from 'node:crypto';
import {
  constants,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  type Stats,
  writeFileSync,
} from 'node:fs';
import { chmod, readdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { isCode } from '../../disk/disk-files.ts';

/** Nothing of that name, or a name below something that is no folder. */
const isAbsent = (error: unknown): boolean => isCode(error, 'ENOENT') || isCode(error, 'ENOTDIR');

/** What is there, without following a link; undefined: nothing. */
export function statOf(path: string | Buffer): Stats | undefined {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** The text of a small file that git keeps; undefined if it is not there or not a plain file. */
export function textOf(path: string): string | undefined {
  return statOf(path)?.isFile() ? readFileSync(path, 'utf8') : undefined;
}

/** Replaces a file at once. Like the next one, it writes to a file that it has made, and through no link. */
export function replaceText(path: string, text: string | Buffer): void {
  const unfinished = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(unfinished, text, { flag: 'wx' });
  renameSync(unfinished, path);
}

/** Replaces a file by a copy of another, at once. */
export function replaceByCopy(source: string, path: string): void {
  const unfinished = `${path}.session-groups`;
  removeAll(unfinished);
  copyFileSync(source, unfinished, constants.COPYFILE_EXCL);
  renameSync(unfinished, path);
}

/** Takes something out of the way, to be deleted later. Nothing happens if it is not there. */
export function toTrash(path: string, trash: string): void {
  if (!statOf(path)) return;
  mkdirSync(trash, { recursive: true, mode: 0o700 });
  const target = join(trash, `${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    renameSync(path, target);
  } catch (error) {
    if (isAbsent(error)) return;
    if (!isCode(error, 'EXDEV')) throw error;
    removeAll(path);
  }
}

/** Deletes a folder of ours, also if an agent has made parts of it read-only or something still writes into it. */
export function removeAll(path: string): void {
  rmSync(path, { recursive: true, force: true, maxRetries: 5 });
}

/** Deletes what is in a folder of ours, without blocking; an agent may have made folders that cannot be written. */
export async function emptyFolder(path: string): Promise<void> {
  const names = await readdir(path).catch(() => []);
  for (const name of names) {
    const inner = join(path, name);
    const remove = () => rm(inner, { recursive: true, force: true, maxRetries: 5 });
    await remove().catch(async () => {
      await openUp(inner);
      await remove();
    });
  }
}

async function openUp(path: string): Promise<void> {
  if (!statOf(path)?.isDirectory()) return;
  await chmod(path, 0o700);
  for (const name of await readdir(path)) await openUp(join(path, name));
}
