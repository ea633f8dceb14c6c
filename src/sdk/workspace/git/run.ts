import { type ChildProcess, spawn } from 'node:child_process';
import { afterAwake, type Clock } from '../../clock.ts';
import { MARKER_VARIABLE, uniqueMarker } from '../../process/process.ts';
import { reaperReady, watchByReaper } from '../../process/reaper/reaper.ts';
import { tail } from '../../process/tail.ts';
import { gitEnvironment, HARDENED } from '../../project/git.ts';
import { WorkspaceError } from '../error.ts';
import type { Site } from '../port.ts';
import { failureOf, isOvertaken } from './failure.ts';

/** One call of git. */
export interface GitCall {
  /** After the options that harden it. */
  readonly args: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Buffer;
  /** Exit codes that are an answer. Default: only 0. */
  readonly codes?: readonly number[];
  /** Of its output, more than this is not read, and it is ended. Default: 256 MiB, and more is an error. */
  readonly most?: number;
}

export interface GitAnswer {
  readonly code: number;
  readonly stdout: Buffer;
}

/** @throws WorkspaceError; the signal's reason once it aborts, when git has ended. */
export type RunGit = (call: GitCall, site: Pick<Site, 'processes' | 'signal'>) => Promise<GitAnswer>;

export interface GitRunnerOptions {
  readonly clock: Clock;
  /** Determines which git is run and whose settings are read: PATH, HOME, XDG_CONFIG_HOME. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A checkout of a large repository on a slow disk takes a minute. */
const TIMEOUT_MS = 15 * 60_000;
const LONGEST_OUTPUT_BYTES = 256 * 1024 * 1024;
const STDERR_BYTES = 16 * 1024;
/** Of a call that the user's own git got in the way of. */
const TRIES = 5;
/** Git removes its locks on SIGTERM. */
const GRACE_MS = 2_000;

/** Who makes commits, and moves refs, in the engine's name. */
const IDENTITY = { NAME: 'session-groups', EMAIL: 'session-groups@localhost' };

const OPTIONS = [
  ...['gc.auto=0', 'maintenance.auto=false', 'core.quotePath=false'],
  // The user's own commands hold such locks for moments.
  ...['core.filesRefLockTimeout=5000', 'core.packedRefsTimeout=10000'],
].flatMap(option => ['-c', option]);

/**
 * Runs git in a process group of its own, outside of every repository, with a marker: when this process dies, the reaper
 * ends it, or else the next owner does.
 */
export function gitRunner({ clock, env }: GitRunnerOptions): RunGit {
  const environment = {
    ...gitEnvironment(env),
    GIT_AUTHOR_NAME: IDENTITY.NAME,
    GIT_AUTHOR_EMAIL: IDENTITY.EMAIL,
    GIT_COMMITTER_NAME: IDENTITY.NAME,
    GIT_COMMITTER_EMAIL: IDENTITY.EMAIL,
  };
  return async (call, { processes, signal }) => {
    await reaperReady().catch(cause => {
      throw failureOf(call.args, cause.message, cause);
    });
    signal.throwIfAborted();
    const marker = uniqueMarker(processes);
    const reaper = watchByReaper(marker);
    const own = { ...environment, ...call.env, [MARKER_VARIABLE]: marker };
    try {
      for (let left = TRIES; ; left -= 1) {
        try {
          return await answerOf(call, own, clock, signal);
        } catch (error) {
          if (left === 1 || !isOvertaken(error)) throw error;
        }
      }
    } finally {
      reaper.end();
    }
  };
}

function answerOf(
  call: GitCall,
  env: Readonly<Record<string, string>>,
  clock: Clock,
  signal: AbortSignal,
): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...HARDENED, ...OPTIONS, ...call.args], { cwd: '/', env, detached: true });
    const most = call.most ?? LONGEST_OUTPUT_BYTES;
    const chunks: Buffer[] = [];
    const errors = tail(STDERR_BYTES);
    let bytes = 0;
    let timedOut = false;
    let killing: unknown;

    const end = (): void => {
      killing ??= clock.setTimeout(() => signalGroup(child, 'SIGKILL'), GRACE_MS);
      signalGroup(child, 'SIGTERM');
    };
    const tooLate = (): void => {
      timedOut = true;
      end();
    };
    const cancelLimit = afterAwake(clock, tooLate, TIMEOUT_MS);
    signal.addEventListener('abort', end, { once: true });

    child.stdout.on('data', (chunk: Buffer) => {
      if (bytes < most) chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > most) end();
    });
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.on('error', () => {}); // it may have read enough
    child.stdin.end(call.input);

    const settle = (settled: () => void): void => {
      cancelLimit();
      clock.clearTimeout(killing);
      signal.removeEventListener('abort', end);
      settled();
    };
    child.once('error', cause => {
      if (child.pid === undefined) settle(() => reject(failureOf(call.args, cause.message, cause)));
    });
    child.once('close', code => {
      settle(() => {
        const stderr = errors.text();
        const isCut = bytes > most;
        if (signal.aborted) reject(signal.reason);
        else if (timedOut) reject(tooSlow(call.args));
        else if (isCut && call.most !== undefined)
          resolve({ code: 0, stdout: Buffer.concat(chunks).subarray(0, most) });
        else if (isCut) reject(failureOf(call.args, 'git printed too much output'));
        else if (code !== null && (call.codes ?? [0]).includes(code))
          resolve({ code, stdout: Buffer.concat(chunks) });
        else reject(failureOf(call.args, stderr));
      });
    });
  });
}

const tooSlow = (args: readonly string[]): WorkspaceError =>
  new WorkspaceError(
    'workspace_failed',
    `git ${args[0] ?? ''} took longer than ${TIMEOUT_MS / 60_000} minutes`,
    {
      retryable: true,
    },
  );

function signalGroup({ pid, exitCode, signalCode }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  try {
    process.kill(-pid, name);
  } catch {
    // It has just gone.
  }
}
