import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { textOfThrown } from '../../errors.ts';
import { bytesOf, fileIn, joined, parts, type RawPath, raw, shown } from '../git/output.ts';
import { replaceText, statOf, textOf } from './files.ts';
import type { Tree } from './place.ts';

/** A file at the top of the user's tree with more patterns. */
const PATTERNS_FILE = '.worktreeinclude';

/**
 * Brings ignored files of the user's tree into one that is not ready yet. Links are neither followed nor brought, in
 * either tree: a repository may contain a link where a file is expected. A file that the commit has stays as it is.
 *
 * @param only these, where they are there still: what was not brought at first would get into commits.
 * @returns the paths of those that were brought, from the top of the tree, sorted.
 */
export async function include(
  tree: Tree,
  only?: ReadonlySet<string>,
): Promise<{ included: string[]; warnings: string[] }> {
  const { repository, room, order, own, agents } = tree;
  const { top, gitDir } = repository;
  const patterns = top === undefined ? [] : [...order.include, textOf(join(top, PATTERNS_FILE)) ?? ''];
  if (top === undefined || patterns.every(text => text.trim() === '')) return { included: [], warnings: [] };
  const list = `${own.index}.include`;
  replaceText(list, `${patterns.join('\n')}\n`);
  const users = { index: join(gitDir, 'index'), folder: top };
  const matching = await room.call({ args: ['ls-files', '-z', '-o', '-i', `--exclude-from=${list}`] }, users);
  const files = parts(matching.stdout).filter(path => path.at(-1) !== SLASH);
  const args = ['check-ignore', '-z', '--stdin'];
  const ignored = await room.call({ args, input: joined(files), codes: [0, 1] }, users);
  const tracked = new Set(parts((await room.call({ args: ['ls-files', '-z'] }, agents)).stdout).map(raw));
  const included: string[] = [];
  const warnings: string[] = [];
  for (const path of parts(ignored.stdout).map(raw)) {
    if (tracked.has(path) || (only && !only.has(shown(path)))) continue;
    const problem = isText(path) ? await bring(path, top, tree.folder) : 'its name is not one line of UTF-8';
    if (problem === undefined) included.push(shown(path));
    else warnings.push(`${shown(path)} was not brought along: ${problem}`);
  }
  return { included: included.sort(), warnings };
}

const SLASH = 0x2f;

/** Records hold names as text, and git reads some of them line by line. */
const isText = (path: RawPath): boolean =>
  bytesOf(path).equals(Buffer.from(shown(path))) && !path.includes('\n');

/** Copies one file. Returns why not. */
async function bring(path: RawPath, from: string, to: string): Promise<string | undefined> {
  if (!isBelowFolders(path, from) || !isBelowFolders(path, to)) return 'a part of its path is not a folder';
  const [source, target] = [fileIn(from, path), fileIn(to, path)];
  const seen = statOf(source);
  if (!seen?.isFile()) return 'it is not a file';
  if (statOf(target)?.isDirectory()) return 'a folder is in its place';
  let reader: FileHandle | undefined;
  try {
    // It may have become a link or a pipe since.
    reader = await open(source, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const { ino, dev, mode } = await reader.stat();
    if (ino !== seen.ino || dev !== seen.dev) return 'it was replaced meanwhile';
    await mkdir(fileIn(to, path.split('/').slice(0, -1).join('/')), { recursive: true });
    await rm(target, { force: true }); // what an earlier try has left may be incomplete
    const writing = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const writer = await open(target, writing, mode & 0o777);
    await pipeline(reader.createReadStream({ autoClose: false }), writer.createWriteStream());
    return undefined;
  } catch (error) {
    return textOfThrown(error);
  } finally {
    await reader?.close();
  }
}

/** Whether all parts of a path but the last are folders, not links, or not there. */
function isBelowFolders(path: RawPath, top: string): boolean {
  const names = path.split('/').slice(0, -1);
  return names.every((_, at) => statOf(fileIn(top, names.slice(0, at + 1).join('/')))?.isDirectory() ?? true);
}
