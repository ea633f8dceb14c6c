import { realpath } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import { fileMark } from './file-mark.ts';
import { type Git, GitError } from './git.ts';
import { withoutFilters } from './git-filters.ts';

/** A working tree at some moment, as far as later changes are told from it. Plain data. */
export interface TreeState {
  /** The commit that was checked out; null before the first one. */
  readonly head: string | null;
  /** What differed from it or was not tracked, ignored files left out: path from the top level, and its mark. */
  readonly dirty: Readonly<Record<string, string>>;
}

/** How a project was before somebody worked in it. Plain data. */
export interface Baseline {
  readonly folder: string;
  /** null: not known, or no working tree of git. */
  readonly tree: TreeState | null;
}

/** More than this that is changed and not committed before a session has begun is not kept. */
export const MOST_DIRTY = 2_000;

/** @throws GitError */
export async function treeState(git: Git, folder: string): Promise<TreeState> {
  const tree = await openTree(git, folder);
  const [head, paths] = [await headOf(tree), await dirtyPaths(tree)];
  if (paths.size > MOST_DIRTY) {
    const message = `more than ${MOST_DIRTY} files were changed and not committed before the session began`;
    throw new GitError('too_large', message);
  }
  const dirty: [string, string][] = [];
  for (const [path, bytes] of paths) dirty.push([path, await markIn(tree, bytes)]);
  return { head, dirty: Object.fromEntries(dirty) };
}

/**
 * Paths of the files that are different now, sorted, relative to `folder`: committed since then, changed in the working
 * tree, new, or gone. A rename is two of them. What was changed before, and has been left alone, is none.
 * @throws GitError
 */
export async function changedSince(git: Git, folder: string, before: TreeState): Promise<string[]> {
  const tree = await openTree(git, folder);
  const changed = new Set(await committedSince(tree, before.head));
  const now = await dirtyPaths(tree);
  for (const path of now.keys()) if (!Object.hasOwn(before.dirty, path)) changed.add(path);
  for (const [path, mark] of Object.entries(before.dirty)) {
    if ((await markIn(tree, now.get(path) ?? Buffer.from(path))) !== mark) changed.add(path);
  }
  return [...changed].map(path => posix.relative(`/${tree.inner}`, `/${path}`) || '.').sort();
}

interface Tree {
  readonly top: string;
  /** From the top level to the project's folder, with forward slashes; empty for the top level itself. */
  readonly inner: string;
  ask(...args: string[]): Promise<Buffer>;
}

async function openTree(git: Git, folder: string): Promise<Tree> {
  const said = (await git.ask(folder, ['rev-parse', '--show-toplevel'])).toString('utf8');
  const top = said.endsWith('\n') ? said.slice(0, -1) : said;
  const inner = relative(top, await realpath(folder));
  // A repository can name any folder as its working tree.
  if (inner === '..' || inner.startsWith('../')) {
    throw new GitError('refused', `git: the working tree is elsewhere, in ${top}`);
  }
  const options = await withoutFilters(git, folder);
  return { top, inner, ask: (...args) => git.ask(folder, [...options, ...args]) };
}

/** `undefined` of git: exit code 1, nothing said. */
async function headOf({ ask }: Tree): Promise<string | null> {
  try {
    return (await ask('rev-parse', '--quiet', '--verify', 'HEAD^{commit}')).toString('utf8').trim();
  } catch (error) {
    if (error instanceof GitError && error.kind === 'refused') return null;
    throw error;
  }
}

async function committedSince(tree: Tree, before: string | null): Promise<readonly string[]> {
  const now = await headOf(tree);
  if (now === before) return [];
  const [from, to] = [before ?? (await emptyTree(tree)), now ?? (await emptyTree(tree))];
  const options = ['-r', '-z', '--name-only', '--no-renames', '--no-ext-diff', '--no-textconv'];
  return [...namesIn(await tree.ask('diff-tree', ...options, from, to, '--')).keys()];
}

/** Its id depends on the repository's kind of hash; git knows it without having it. */
const emptyTree = async ({ ask }: Tree): Promise<string> =>
  (await ask('hash-object', '-t', 'tree', '--stdin')).toString('utf8').trim();

async function dirtyPaths({ ask }: Tree): Promise<Map<string, Buffer>> {
  const options = ['--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'];
  // Inside a submodule git would run with that repository's configuration.
  const output = await ask('status', ...options, '--ignore-submodules=dirty');
  return namesIn(output, STATUS_LETTERS);
}

/** `XY ` before each path. */
const STATUS_LETTERS = 3;

/** By the name as text, the bytes that the file system knows it by: a name need not be UTF-8. */
function namesIn(output: Buffer, skip = 0): Map<string, Buffer> {
  const names = new Map<string, Buffer>();
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start);
    const bytes = output.subarray(start + skip, end === -1 ? output.length : end);
    if (bytes.length > 0) names.set(bytes.toString('utf8'), Buffer.from(bytes));
    if (end === -1) break;
    start = end + 1;
  }
  return names;
}

const markIn = ({ top }: Tree, path: Buffer): Promise<string> =>
  fileMark(Buffer.concat([Buffer.from(join(top, '/')), path]));
