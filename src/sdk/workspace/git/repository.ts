import { lstatSync, readFileSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { WorkspaceError } from '../error.ts';
import { digest } from '../names.ts';
import type { ObjectId } from '../orders.ts';
import type { RepositoryView, Site } from '../port.ts';
import { line, parts } from './output.ts';
import type { GitAnswer, GitCall, RunGit } from './run.ts';

/** What does not change from step to step, unless the repository's configuration does. */
type Facts = Omit<RepositoryView, 'branch' | 'head' | 'submodules'>;

/** A repository on this machine, and git in it. */
export interface Repository {
  readonly facts: Facts;
  /** The common folder: `.git`, or a bare repository. Absolute, without links. */
  readonly common: string;
  /** The project's own git folder: another than the common one if it is in a linked tree. */
  readonly gitDir: string;
  /** The top of the project's working tree; undefined in a bare one. */
  readonly top: string | undefined;
  /** Values of its configuration that are needed, by key in lower case. */
  readonly settings: ReadonlyMap<string, string>;
  /** Git with the common folder, and no tree. For refs and registrations only. */
  git(...args: string[]): Promise<GitAnswer>;
  call(call: GitCall): Promise<GitAnswer>;
}

const OLDEST_GIT = [2, 38] as const;
const KEYS = [
  'core[.](filemode|autocrlf|eol|ignorecase|symlinks|sharedrepository|precomposeunicode|sparsecheckout)',
  'user[.](name|email)',
  'extensions[.][^.]*',
  'remote[.].*[.]promisor',
].join('|');

/** @throws WorkspaceError */
async function openRepository(run: RunGit, site: Site): Promise<Repository> {
  const { project } = site;
  const bare = isBare(project);
  if (bare) checkOwner(project); // git does not, for a folder that is named
  // It has to be named: git would not take a folder for a bare repository by itself.
  const place = bare ? [`--git-dir=${project}`] : ['-C', project];
  const at = (call: GitCall) => run({ ...call, args: [...place, ...call.args] }, site);
  const [shallow, format, common = '', gitDir = '', inner = '', top] = await factsOf(at, bare, project);
  if (top !== undefined && join(top, inner) !== realpathSync(project)) {
    throw new WorkspaceError(
      'workspace_no_repository',
      `its repository has its files in another folder, ${top}`,
    );
  }
  const keys = ['config', '-z', '--get-regexp', `^(${KEYS})$`];
  const settings = settingsIn((await at({ args: keys, codes: [0, 1] })).stdout);
  if ((settings.get('extensions.refstorage') ?? 'files') !== 'files') {
    throw new WorkspaceError(
      'workspace_failed',
      'the repository stores its refs in a format that is not supported yet',
    );
  }
  return {
    facts: {
      id: idOf(common),
      inner,
      format: format === 'sha256' ? 'sha256' : 'sha1',
      bare,
      shallow: shallow === 'true',
      partial: [...settings].some(isPromise),
      sparse: settings.get('core.sparsecheckout') === 'true',
      identity: settings.has('user.name') && settings.has('user.email'),
    },
    common,
    gitDir,
    top,
    settings,
    ...gitIn(common, run, site),
  };
}

/** The repository as it stands now. */
export async function viewOf(repository: Repository, run: RunGit, site: Site): Promise<RepositoryView> {
  const { facts, gitDir } = repository;
  const args = [`--git-dir=${gitDir}`, 'cat-file', '--batch-check=%(objectname)'];
  const { stdout } = await run({ args, input: 'HEAD^{commit}\nHEAD:.gitmodules\n' }, site);
  const [head = null, modules] = idsIn(stdout);
  const [, branch = null] = /^ref: (.+)$/m.exec(readFileSync(join(gitDir, 'HEAD'), 'utf8')) ?? [];
  return { ...facts, branch, head, submodules: modules !== null };
}

/** Opens repositories, and keeps what it has found out until their configuration changes. */
export function repositories(run: RunGit): (site: Site) => Promise<Repository> {
  const known = new Map<string, { readonly repository: Repository; readonly mark: string }>();
  return async site => {
    const before = known.get(site.project);
    if (before && markOf(before.repository) === before.mark) {
      return { ...before.repository, ...gitIn(before.repository.common, run, site) };
    }
    const repository = await openRepository(run, site);
    known.set(site.project, { repository, mark: markOf(repository) });
    return repository;
  };
}

/** Changes with the configuration, and when another repository is in the same place. */
function markOf({ common, gitDir }: Repository): string {
  const stats = (path: string) => lstatSync(path, { throwIfNoEntry: false });
  const files = [join(common, 'config'), join(common, 'shallow'), join(gitDir, 'config.worktree')].map(stats);
  const folders = [common, gitDir].map(path => stats(path)?.ino);
  return [...folders, ...files.map(file => `${file?.ino} ${file?.mtimeMs} ${file?.size}`)].join();
}

function gitIn(common: string, run: RunGit, site: Site): Pick<Repository, 'git' | 'call'> {
  const call = (what: GitCall) => run({ ...what, args: [`--git-dir=${common}`, ...what.args] }, site);
  return { call, git: (...args) => call({ args }) };
}

/** Paths are without links. */
async function factsOf(
  at: (call: GitCall) => Promise<GitAnswer>,
  bare: boolean,
  project: string,
): Promise<string[]> {
  const words = ['--is-bare-repository', '--is-shallow-repository', '--show-object-format'];
  const places = [
    '--git-common-dir',
    '--absolute-git-dir',
    '--show-prefix',
    ...(bare ? [] : ['--show-toplevel']),
  ];
  const { stdout } = await at({ args: ['rev-parse', '--path-format=absolute', ...words, ...places] }).catch(
    (error: unknown) => {
      if (!(error instanceof WorkspaceError) || !NO_REPOSITORY.test(error.message)) throw error;
      throw new WorkspaceError('workspace_no_repository', `${project} is not in a git repository`, {
        cause: error,
        hint: 'Use the workspace `shared`, or make it a repository: git init',
      });
    },
  );
  const told = line(stdout).split('\n');
  if (told.length > words.length + places.length) {
    throw new WorkspaceError(
      'workspace_failed',
      `the path of the repository contains a line break: ${project}`,
    );
  }
  const [isBareWord, shallow = '', format = '', common = '', gitDir = '', prefix = '', top] = told;
  if (bare && isBareWord !== 'true')
    throw new WorkspaceError('workspace_no_repository', `${project} is not a working tree`);
  const rest = top === undefined ? [] : [realpathSync(top)];
  return [shallow, format, realpathSync(common), realpathSync(gitDir), prefix.replace(/\/$/, ''), ...rest];
}

const NO_REPOSITORY = /not a git repository|cannot change to|must be run in a work tree/;

const isPromise = ([key, value]: [string, string]): boolean =>
  key === 'extensions.partialclone' || (key.endsWith('.promisor') && value !== 'false');

/** One a line; null: there is no such object. */
const idsIn = (output: Buffer): (ObjectId | null)[] =>
  line(output)
    .split('\n')
    .map(row => (/^[0-9a-f]{40,64}$/.test(row) ? row : null));

/** @throws WorkspaceError for a git that cannot merge without a tree. */
export async function checkVersion(run: RunGit, site: Site): Promise<void> {
  const text = line((await run({ args: ['version'] }, site)).stdout);
  const [, major = 0, minor = 0] = (/(\d+)\.(\d+)/.exec(text) ?? []).map(Number);
  if (major > OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor >= OLDEST_GIT[1])) return;
  throw new WorkspaceError('workspace_failed', `${text} is too old for workspaces`, {
    hint: `Install git ${OLDEST_GIT.join('.')} or later, or use the workspace \`shared\`.`,
  });
}

function isBare(path: string): boolean {
  const has = (name: string) => lstatSync(join(path, name), { throwIfNoEntry: false }) !== undefined;
  return ['HEAD', 'objects', 'refs'].every(has) && !has('.git');
}

/** What git does for a repository that it finds by itself. */
function checkOwner(folder: string): void {
  const { uid } = lstatSync(folder);
  if (uid === process.getuid?.()) return;
  const hint = `If you trust it, clone it: git clone ${folder}`;
  throw new WorkspaceError('workspace_untrusted', `${folder} belongs to another user`, { hint });
}

/** A readable name and where the repository is, as a digest. */
function idOf(common: string): string {
  const name = basename(common) === '.git' ? basename(dirname(common)) : basename(common);
  return `${name.replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 40)}-${digest(common, 8)}`;
}

function settingsIn(output: Buffer): Map<string, string> {
  return new Map(
    parts(output).map(part => {
      const [key = '', ...value] = part.toString('utf8').split('\n');
      return [key, value.join('\n')];
    }),
  );
}
