import { execFile } from 'node:child_process';
import { afterAwake, type Clock } from '../clock.ts';

/** Queries git about a folder. Never changes anything in it. */
export interface Git {
  /** Standard output. @throws GitError for any exit code other than 0. */
  ask(folder: string, args: readonly string[]): Promise<Buffer>;
}

export interface GitOptions {
  readonly clock: Clock;
  /** Determines which git is run and whose settings are read: PATH, HOME, XDG_CONFIG_HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Cancels the running queries. */
  readonly signal?: AbortSignal;
}

export class GitError extends Error {
  override readonly name = 'GitError';
  /** `refused`: git ran and exited with a code other than 0. */
  readonly kind: 'missing' | 'timeout' | 'too_large' | 'aborted' | 'refused';

  constructor(kind: GitError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** For one query. A large repository on a slow disk takes seconds. */
const TIMEOUT_MS = 10_000;
const LONGEST_OUTPUT_BYTES = 32 * 1024 * 1024;

/**
 * Invariant: nothing that a repository contains is executed, and nothing is fetched or written. A repository's own
 * configuration can name programs: a file system monitor, hooks, pagers, filters (`withoutFilters`), transports of a
 * partial clone. Only the three variables above are passed on from the host's environment, and git isn't started in
 * the folder, so that a relative PATH entry isn't resolved there.
 */
export function createGit({ clock, env, signal }: GitOptions): Git {
  const environment = gitEnvironment(env);
  return {
    ask: (folder, args) =>
      new Promise((resolve, reject) => {
        let timedOut = false;
        const child = execFile(
          'git',
          [...HARDENED, '-C', folder, ...args],
          {
            cwd: '/',
            env: environment,
            encoding: 'buffer',
            maxBuffer: LONGEST_OUTPUT_BYTES,
            killSignal: 'SIGKILL',
            ...(signal && { signal }),
          },
          (error, stdout, stderr) => {
            cancelLimit();
            if (error === null) resolve(stdout);
            else reject(gitError(error, stderr.toString('utf8'), timedOut));
          },
        );
        child.stdin?.on('error', () => {});
        child.stdin?.end();
        const tooLate = () => {
          timedOut = true;
          child.kill('SIGKILL');
        };
        const cancelLimit = afterAwake(clock, tooLate, TIMEOUT_MS);
      }),
  };
}

/** Options before the command by which git runs nothing that a repository names, and transfers nothing. */
export const HARDENED: readonly string[] = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  ...['core.fsmonitor=', 'core.hooksPath=/dev/null', 'core.pager=cat', 'submodule.recurse=false'],
  // A folder of the project that looks like a bare repository would bring its own configuration.
  ...['safe.bareRepository=explicit', 'protocol.allow=never'],
].flatMap(option => (option.startsWith('--') ? [option] : ['-c', option]));

/** The whole environment of a git that is hardened. */
export function gitEnvironment(env: GitOptions['env']): Record<string, string> {
  const given = ['PATH', 'HOME', 'XDG_CONFIG_HOME'].flatMap(name => {
    const value = env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(given),
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_ALLOW_PROTOCOL: 'none',
  };
}

function gitError(error: Error & { code?: unknown }, stderr: string, timedOut: boolean): GitError {
  const options = { cause: error };
  if (timedOut) return new GitError('timeout', `git took longer than ${TIMEOUT_MS / 1_000} s`, options);
  if (error.name === 'AbortError') return new GitError('aborted', 'git was canceled', options);
  if (error.code === 'ENOENT') return new GitError('missing', 'git was not found', options);
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new GitError('too_large', 'git printed too much output', options);
  }
  const reason = stderr.trim().split('\n').at(-1) || error.message;
  return new GitError('refused', `git: ${reason.slice(0, 300)}`, options);
}
