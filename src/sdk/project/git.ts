import { execFile } from 'node:child_process';
import type { Clock } from '../clock.ts';

/** Asks git about a folder. Never changes anything in it. */
export interface Git {
  /** Standard output. @throws GitError for anything else than exit code 0. */
  ask(folder: string, args: readonly string[]): Promise<Buffer>;
}

export interface GitOptions {
  readonly clock: Clock;
  /** Where git is found, and whose settings are read: PATH, HOME, XDG_CONFIG_HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends what is being asked. */
  readonly signal?: AbortSignal;
}

export class GitError extends Error {
  override readonly name = 'GitError';
  /** `refused`: git ran and exited with another code than 0. */
  readonly kind: 'missing' | 'timeout' | 'too_large' | 'aborted' | 'refused';

  constructor(kind: GitError['kind'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.kind = kind;
  }
}

/** Of one question. A large repository on a slow disk takes seconds. */
const PATIENCE_MS = 10_000;
const LONGEST_OUTPUT_BYTES = 32 * 1024 * 1024;

/**
 * Invariant: nothing that a repository brings along is executed, and nothing is fetched or written. Its own
 * configuration can name programs: a file system monitor, hooks, pagers, filters (`withoutFilters`), transports of a
 * partial clone. Of the host's environment nothing but the three names above is passed on, and git is not started in
 * the folder, lest a relative entry of PATH be looked up there.
 */
export function createGit({ clock, env, signal }: GitOptions): Git {
  const environment = gitEnvironment(env);
  return {
    ask: (folder, args) =>
      new Promise((resolve, reject) => {
        let tooLate = false;
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
            clock.clearTimeout(timer);
            if (error === null) resolve(stdout);
            else reject(gitError(error, stderr.toString('utf8'), tooLate));
          },
        );
        child.stdin?.on('error', () => {});
        child.stdin?.end();
        const timer = clock.setTimeout(() => {
          tooLate = true;
          child.kill('SIGKILL');
        }, PATIENCE_MS);
      }),
  };
}

const HARDENED: readonly string[] = [
  '--no-pager',
  '--no-optional-locks',
  '--no-replace-objects',
  ...['core.fsmonitor=', 'core.hooksPath=/dev/null', 'core.pager=cat', 'submodule.recurse=false'],
  // A folder of the project that looks like a repository of its own would bring its own configuration.
  ...['safe.bareRepository=explicit', 'protocol.allow=never'],
].flatMap(option => (option.startsWith('--') ? [option] : ['-c', option]));

function gitEnvironment(env: GitOptions['env']): Record<string, string> {
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

function gitError(error: Error & { code?: unknown }, stderr: string, tooLate: boolean): GitError {
  const options = { cause: error };
  if (tooLate) return new GitError('timeout', `git took longer than ${PATIENCE_MS / 1_000} s`, options);
  if (error.name === 'AbortError') return new GitError('aborted', 'git was cut short', options);
  if (error.code === 'ENOENT') return new GitError('missing', 'git was not found', options);
  if (error.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') {
    return new GitError('too_large', 'git had too much to say', options);
  }
  const reason = stderr.trim().split('\n').at(-1) || error.message;
  return new GitError('refused', `git: ${reason.slice(0, 300)}`, options);
}
