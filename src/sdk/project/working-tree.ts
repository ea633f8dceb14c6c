import { realpath } from 'node:fs/promises';
import { join, posix, relative } from 'node:path';
import { fileFingerprint } from './file-fingerprint.ts';
import { type Git, GitError } from './git.ts';
import { withoutFilters } from './git-filters.ts';

/** The state of a working tree at some moment, as far as it takes to detect later changes. Plain data. */
export interface TreeState {
  /** The commit that was checked out; null before the first commit. */
  readonly head: string | null;
  /** Files that differed from it or were untracked, not ignored ones: path from the top level to its fingerprint. */
  readonly dirty: Readonly<Record<string, string>>;
}

/** A project's state before a session worked in it. Plain data. */
export interface Baseline {
  readonly folder: string;
  /** null: unknown, or not a git working tree. */
  readonly tree: TreeState | null;
}

/** With more uncommitted changes than this before a session begins, no state is recorded. */
export const MOST_DIRTY = 2_000;

/** @throws GitError */
export async function treeState(git: Git, folder: string): Promise<TreeState> {
  const tree = await openTree(git, folder);
  const [head, paths] = [await headOf(tree), await dirtyPaths(tree)];
  if (paths.size > MOST_DIRTY) {
    const message = `more than ${MOST_DIRTY} files had uncommitted changes before the session began`;
    throw new GitError('too_large', message);
  }
  const dirty: [string, string][] = [];
  for (const [path, bytes] of paths) dirty.push([path, await fingerprintOf(tree, bytes)]);
  return { head, dirty: Object.fromEntries(dirty) };
}

/**
 * Paths of the files that differ now, sorted, relative to `folder`: committed since then, changed in the working tree,
 * new, or deleted. A rename counts as two. Files that were dirty before and haven't changed since aren't included.
 * @throws GitError
 */
export async function changedSince(git: Git, folder: string, before: TreeState): Promise<string[]> {
  const tree = await openTree(git, folder);
  const changed = new Set(await committedSince(tree, before.head));
  const now = await dirtyPaths(tree);
  for (const path of now.keys()) if (!Object.hasOwn(before.dirty, path)) changed.add(path);
  for (const [path, fingerprint] of Object.entries(before.dirty)) {
    if ((await fingerprintOf(tree, now.get(path) ?? Buffer.from(path))) !== fingerprint) changed.add(path);
  }
  return [...changed].map(path => posix.relative(`/${tree.inner}`, `/${path}`) || '.').sort();
}

interface Tree {
  readonly top: string;
  /** From the top level to the project's folder, with forward slashes; empty at the top level. */
  readonly inner: string;
  ask(...args: string[]): Promise<Buffer>;
}

async function openTree(git: Git, folder: string): Promise<Tree> {
  const output = (await git.ask(folder, ['rev-parse', '--show-toplevel'])).toString('utf8');
  const top = output.endsWith('\n') ? output.slice(0, -1) : output;
  const inner = relative(top, await realpath(folder));
  // A repository can name any folder as its working tree.
  if (inner === '..' || inner.startsWith('../')) {
    throw new GitError('refused', `git: the working tree is in another folder, ${top}`);
  }
  const options = await withoutFilters(git, folder);
  return { top, inner, ask: (...args) => git.ask(folder, [...options, ...args]) };
}

/** null: git exits with 1 and prints nothing. */
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

/** Its id depends on the repository's hash algorithm; git knows it even if the object doesn't exist. */
const emptyTree = async ({ ask }: Tree): Promise<string> =>
  (await ask('hash-object', '-t', 'tree', '--stdin')).toString('utf8').trim();

async function dirtyPaths({ ask }: Tree): Promise<Map<string, Buffer>> {
  const options = ['--porcelain=v1', '-z', '--untracked-files=all', '--no-renames'];
  // Inside a submodule, git would run with that submodule's configuration.
  const output = await ask('status', ...options, '--ignore-submodules=dirty');
  return namesIn(output, STATUS_PREFIX_LENGTH);
}

/** `XY ` before each path. */
const STATUS_PREFIX_LENGTH = 3;

/** Maps each name as text to the bytes that the file system knows it by: a name need not be UTF-8. */
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

const fingerprintOf = ({ top }: Tree, path: Buffer): Promise<string> =>
  fileFingerprint(Buffer.concat([Buffer.from(join(top, '/')), path]));
