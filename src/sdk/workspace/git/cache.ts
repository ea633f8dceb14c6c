import { randomBytes } from 'node:crypto';
import { mkdirSync, renameSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { WorkspaceError } from '../error.ts';
import { digest } from '../names.ts';
import type { Site } from '../port.ts';
import { replaceText, statOf, textOf } from '../tree/files.ts';
import { line } from './output.ts';
import type { RunGit } from './run.ts';

/** Transports of git's own; `ext` and remote helpers would run what the URL says. */
const PROTOCOLS = 'https:http:ssh:git:file';
/** What reaching a remote may need, besides the three variables that every git gets. */
const VARIABLES = ['SSH_AUTH_SOCK', 'SSH_AGENT_PID', ...['HTTPS', 'HTTP', 'ALL', 'NO'].flatMap(proxies)];

function proxies(name: string): string[] {
  return [`${name}_PROXY`, `${name.toLowerCase()}_proxy`];
}

interface CacheOptions {
  /** The folder of all caches. */
  readonly caches: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Fetch even if that has been done before. */
  readonly again: boolean;
}

/** A file in the cache: it has been fetched to the end. */
const FETCHED = 'session-groups-fetched';

/** What a setting of the user's (`insteadOf`) has put into a URL stays out of messages. */
const withoutCredentials = (text: string): string => text.replaceAll(/:\/\/[^/\s@]+@/g, '://');

/**
 * Fetches the branches of a remote as remote-tracking ones: what the remote deletes takes no branch of a session with it.
 * HEAD is the remote's. @returns the folder of the cache
 */
export async function fetchCache(
  run: RunGit,
  site: Omit<Site, 'project'>,
  url: string,
  { caches, env, again }: CacheOptions,
): Promise<string> {
  const folder = join(
    caches,
    `${basename(url)
      .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
      .slice(0, 40)}-${digest(url, 8)}`,
  );
  const given = Object.fromEntries(
    VARIABLES.flatMap(name => (env[name] === undefined ? [] : [[name, env[name]]])),
  );
  const remote = { ...given, GIT_ALLOW_PROTOCOL: PROTOCOLS };
  const reach = async (args: readonly string[]) => {
    try {
      return await run({ args: [`--git-dir=${folder}`, ...args], env: remote }, site);
    } catch (cause) {
      if (!(cause instanceof WorkspaceError)) throw cause;
      throw new WorkspaceError(
        'workspace_failed',
        `${url} could not be fetched: ${withoutCredentials(cause.message)}`,
        {
          retryable: true,
        },
      );
    }
  };
  if (!again && textOf(join(folder, FETCHED)) !== undefined) return folder;
  if (!statOf(folder)) await makeCache(run, site, url, folder, caches);
  const told = line((await reach(['ls-remote', '--symref', '--', url, 'HEAD'])).stdout);
  const options = ['--quiet', '--prune', '--no-tags', '--no-write-fetch-head', '--no-recurse-submodules'];
  await reach(['fetch', ...options, '--', url, '+refs/heads/*:refs/remotes/origin/*']);
  const [, branch] = /^ref: refs\/heads\/(\S+)\tHEAD$/m.exec(told) ?? [];
  if (branch !== undefined) {
    await run(
      { args: [`--git-dir=${folder}`, 'symbolic-ref', 'HEAD', `refs/remotes/origin/${branch}`] },
      site,
    );
  }
  replaceText(join(folder, FETCHED), '');
  return folder;
}

async function makeCache(
  run: RunGit,
  site: Omit<Site, 'project'>,
  url: string,
  folder: string,
  caches: string,
): Promise<void> {
  mkdirSync(caches, { recursive: true, mode: 0o700 });
  const made = `${folder}.${randomBytes(4).toString('hex')}`;
  await run({ args: ['init', '--quiet', '--bare', '--template=', made] }, site);
  await run({ args: [`--git-dir=${made}`, 'config', 'remote.origin.url', url] }, site);
  const branches = '+refs/heads/*:refs/remotes/origin/*';
  await run({ args: [`--git-dir=${made}`, 'config', 'remote.origin.fetch', branches] }, site);
  try {
    renameSync(made, folder);
  } finally {
    rmSync(made, { recursive: true, force: true });
  }
}
