import { join } from 'node:path';
import { WorkspaceError } from '../error.ts';
import { bytesOf, fileIn, joined, line, parts, type RawPath, raw, shown } from '../git/output.ts';
import { refAt } from '../git/refs.ts';
import { shortName } from '../names.ts';
import type { ObjectId } from '../orders.ts';
import { statOf, textOf } from './files.ts';
import type { Tree } from './place.ts';

/** A tree as it is now, as objects; the own index has the same files. */
export interface Snapshot {
  readonly tree: ObjectId;
  /** The commit of HEAD. */
  readonly head: ObjectId;
  /** HEAD is on another branch, or detached. */
  readonly astray: boolean;
  readonly warnings: readonly string[];
  /** What is in the tree and in no commit: repositories, and where agents make trees of their own. */
  readonly nested: readonly string[];
}

/** Where agents make trees of their own, in the project. */
const AGENTS_TREES = '.claude/worktrees';
const TRIES = 3;
/** A repository in the tree stands for all of its files, with a slash at its end. */
const UNTRACKED = ['ls-files', '-z', '-o', '--exclude-standard'];

const isAgents = (path: RawPath): boolean => path.startsWith(`${AGENTS_TREES}/`);

/**
 * Reads all files that are not ignored into the own index: the agent's can hide changes. Left out are what was brought
 * along, nested repositories, the contents of submodules, and what the agent has taken out of its tree
 * (`sparse-checkout`).
 */
export async function snapshot(tree: Tree): Promise<Snapshot> {
  const { room, own, included } = tree;
  const { commit: head, astray } = await headCommit(tree);
  const staged = await stagedFiles(tree);
  for (let left = TRIES; ; left -= 1) {
    await room.call({ args: ['read-tree', '--reset', head] }, own);
    const tracked = await entries(tree, ['ls-files', '-s', '-z'], own.index, /^\S+ \S+ 0\t/);
    const links = tracked.flatMap(({ path, about }) => (about.startsWith('160000') ? [path] : []));
    const named = new Set(included.map(raw));
    await forget(
      tree,
      tracked.flatMap(({ path }) => (named.has(path) ? [path] : [])),
    );
    const untracked = parts((await room.call({ args: UNTRACKED }, own)).stdout).map(raw);
    const nested = untracked.flatMap(path => (path.endsWith('/') ? [path.slice(0, -1)] : []));
    // Only what is not ignored has to be left out by name: git refuses to be told the name of an ignored file.
    const leftOut = [...links, ...nested, ...untracked.filter(path => named.has(path) || isAgents(path))];
    const specs = leftOut.map(path => Buffer.concat([Buffer.from(':(top,exclude,literal)'), bytesOf(path)]));
    try {
      const from = ['--pathspec-from-file=-', '--pathspec-file-nul'];
      const options = ['-c', 'core.safecrlf=false', '-c', 'advice.addEmbeddedRepo=false'];
      await room.call({ args: [...options, 'add', '-A', ...from], input: joined([':(top)', ...specs]) }, own);
    } catch (error) {
      // A file may have gone, or a repository appeared, between two looks.
      if (left === 1 || !(error instanceof WorkspaceError) || error.retryable) throw error;
      continue;
    }
    const inHead = new Set(tracked.map(({ path }) => path));
    const seen = new Set(untracked);
    // What an agent has told its git to take although it is ignored.
    const forced = staged.forced.filter(path => !inHead.has(path) && !seen.has(path) && !named.has(path));
    await take(tree, forced);
    await putBack(tree, head, staged.hidden);
    const id = line((await room.call({ args: ['write-tree', '--missing-ok'] }, own)).stdout);
    const names = nested.filter(path => !isAgents(path)).map(shown);
    const warnings = names.map(
      path => `${path} is a repository of its own: its files are in no commit of the session`,
    );
    if (hasSubmodules(tree)) warnings.push(SUBMODULES);
    return {
      tree: id,
      head,
      astray,
      warnings,
      nested: names.concat(untracked.some(isAgents) ? AGENTS_TREES : []),
    };
  }
}

/** Submodules were cloned in the tree: what was committed in them is in git's record of the tree alone. */
export const hasSubmodules = ({ admin }: Tree): boolean => statOf(join(admin, 'modules')) !== undefined;

const SUBMODULES =
  'submodules were cloned in its tree: what is changed and committed in them stays there, also where a commit of the session refers to it';

/** What HEAD of a tree stands at. */
async function headCommit({
  admin,
  repository,
  order,
}: Tree): Promise<{ commit: ObjectId; astray: boolean }> {
  const text = textOf(`${admin}/HEAD`)?.trim() ?? '';
  const [, ref] = /^ref: (refs\/.+)$/.exec(text) ?? [];
  const named = ref === undefined ? text : await refAt(repository, ref);
  if (named) {
    const found = await repository.call({
      args: ['rev-parse', '--quiet', '--verify', `${named}^{commit}`],
      codes: [0, 1],
    });
    if (found.code === 0) return { commit: line(found.stdout), astray: ref !== order.branch };
  }
  const own = await refAt(repository, order.branch);
  if (own !== null) return { commit: own, astray: true };
  throw new WorkspaceError('workspace_moved', `${shortName(order.branch)} was deleted by another`);
}

interface Entry {
  readonly path: RawPath;
  /** What stands before the path. */
  readonly about: string;
}

/** Entries of an index that a pattern finds at their beginning. */
async function entries(
  { room, own }: Tree,
  args: string[],
  index: string,
  pattern: RegExp,
): Promise<Entry[]> {
  const { stdout } = await room.call({ args }, { ...own, index });
  return parts(stdout).flatMap(part => {
    const text = raw(part);
    const [about] = pattern.exec(text) ?? [];
    return about === undefined ? [] : [{ path: text.slice(about.length), about }];
  });
}

interface Staged {
  /** Files that the agent has left out on purpose, and that are not there. */
  readonly hidden: ReadonlySet<RawPath>;
  /** Files that are there, those that the commit has among them. */
  readonly forced: readonly RawPath[];
}

/** What the agent's index says. One that can't be read says nothing. */
async function stagedFiles(tree: Tree): Promise<Staged> {
  if (!statOf(tree.agents.index)) return { hidden: new Set(), forced: [] };
  const marked = await entries(tree, ['ls-files', '-t', '-z'], tree.agents.index, /^[A-Z?] /).catch(
    (error: unknown) => {
      if (error instanceof WorkspaceError) return [];
      throw error;
    },
  );
  const hidden = marked.flatMap(({ path, about }) =>
    about === 'S ' && !statOf(fileIn(tree.folder, path)) ? [path] : [],
  );
  return { hidden: new Set(hidden), forced: marked.map(({ path }) => path) };
}

/** Files, and links as such; of what is neither, or has gone, nothing. */
async function take({ room, own, folder }: Tree, paths: readonly RawPath[]): Promise<void> {
  const files = paths.filter(path => {
    const stats = statOf(fileIn(folder, path));
    return stats?.isFile() || stats?.isSymbolicLink();
  });
  if (files.length === 0) return;
  const args = ['-c', 'core.safecrlf=false', 'update-index', '--add', '-z', '--stdin'];
  await room.call({ args, input: joined(files.map(bytesOf)) }, own);
}

async function forget({ room, own }: Tree, paths: readonly RawPath[]): Promise<void> {
  if (paths.length === 0) return;
  const args = ['update-index', '--force-remove', '-z', '--stdin'];
  await room.call({ args, input: joined(paths.map(bytesOf)) }, own);
}

async function putBack({ room, own }: Tree, head: ObjectId, paths: ReadonlySet<RawPath>): Promise<void> {
  if (paths.size === 0) return;
  const { stdout } = await room.git('ls-tree', '-r', '-z', head);
  const rows = parts(stdout).filter(row => paths.has(raw(row.subarray(row.indexOf(9) + 1))));
  await room.call({ args: ['update-index', '-z', '--index-info'], input: joined(rows) }, own);
}
