import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { afterAwake, systemClock } from '../../clock.ts';
import { SessionGroupsError, textOfThrown } from '../../errors.ts';
import { findProgram } from '../../program-problem.ts';
import { deferred } from '../deferred.ts';
import { EXTERNAL_HINT, ownProgram } from '../own-files.ts';
import { tail } from '../tail.ts';
import type { ReaperCommand } from './reaper-main.ts';
import { REAPER_PROGRAM } from './reaper-program.ts';
import { answerOf, COMMANDS, REAPER_VARIABLE } from './reaper-protocol.ts';

/** A reaper that has been started. */
export interface LaunchedReaper {
  /** One write to a pipe with room completes synchronously: it knows of an attempt before that begins. */
  tell(...commands: readonly ReaperCommand[]): void;
  /** Resolves once it watches; rejects with a SessionGroupsError if it never will. */
  readonly answer: Promise<void>;
  /** Resolves when it has ended. */
  readonly ended: Promise<void>;
}

const NAME = 'session-groups-reaper';

/** Counted while this process runs. A Node that takes this long to start never will. */
const TIMEOUT_MS = 20_000;
const STDERR_BYTES = 2_000;

/**
 * Starts the reaper's program in a process session of its own: from its text, which a bundle carries along, or from the
 * module beside this one. The program goes through its standard input, so nothing of it is on disk or in an argument.
 *
 * @throws SessionGroupsError `reaper_unavailable`.
 */
export function launchReaper(): LaunchedReaper {
  const name = randomUUID();
  const child = begin(name);
  const { stdout, stderr } = child;
  const pipe = child.stdio[COMMANDS];
  const answer = deferred<void>();
  const ended = deferred<void>();
  answer.promise.catch(() => {}); // whoever waits for it, hears of it
  child.on('error', cause => {
    answer.reject(unavailable(cause.message, cause));
    ended.resolve();
  });
  child.once('exit', () => ended.resolve());
  const launched = { answer: answer.promise, ended: ended.promise };
  if (child.pid === undefined || !(pipe instanceof Socket) || !stdout || !stderr) {
    return { ...launched, tell() {} }; // `error` says why
  }

  const errors = tail(STDERR_BYTES);
  stderr.on('data', (chunk: Buffer) => errors.push(chunk)).on('error', () => {});
  const wanted = answerOf(name);
  stdout.on('data', (chunk: Buffer) => {
    if (chunk.includes(wanted)) answer.resolve(); // written at once, so in one piece
  });
  child.once('close', (code, signal) => {
    const said = errors.text().trim().split('\n');
    const last = said.find(line => /^\w*Error\b/.test(line)) ?? said.at(-1);
    const how = `it ${code === null ? `was ended by ${signal}` : `exited with code ${code}`} before it answered`;
    answer.reject(unavailable(!last ? how : `${how}: ${last}`));
  });
  const giveUp = (): void => {
    answer.reject(unavailable(`it did not answer within ${TIMEOUT_MS / 1_000} s`));
    child.kill('SIGKILL');
  };
  const cancel = afterAwake(systemClock, giveUp, TIMEOUT_MS);
  const settled = (): void => {
    cancel();
    stdout.destroy();
    stderr.destroy();
  };
  answer.promise.then(settled, settled);
  pipe.on('error', () => {}); // it has died; `ended` reports that
  for (const held of [child, pipe, stdout, stderr]) if ('unref' in held) (held as Socket).unref();
  return {
    ...launched,
    tell: (...commands) => void pipe.write(commands.map(command => `${command}\n`).join('')),
  };
}

function begin(name: string): ChildProcess {
  if (process.env[REAPER_VARIABLE] !== undefined) {
    throw unavailable(`${process.execPath} is not Node.js: this program was started in its place`);
  }
  try {
    const { command, args } = nodeCommand();
    const child = spawn(command, [...args, NAME], {
      cwd: '/',
      detached: true,
      // Nothing of this process's own: a preload or an inspector port is none of the reaper's.
      env: { ELECTRON_RUN_AS_NODE: '1', [REAPER_VARIABLE]: name },
      stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
    });
    child.stdin?.on('error', () => {}); // it has died; `exit` reports that
    // The first write to a pipe with room completes synchronously: it has its program before this process can die.
    child.stdin?.end(REAPER_PROGRAM);
    return child;
  } catch (cause) {
    throw cause instanceof SessionGroupsError ? cause : unavailable(textOfThrown(cause), cause);
  }
}

function nodeCommand(): { readonly command: string; readonly args: readonly string[] } {
  const command = nodeProgram();
  if (REAPER_PROGRAM !== '') return { command, args: ['-'] };
  const args = ownProgram('sdk/process/reaper/reaper-main');
  if (args === undefined) throw unavailable('its program was not built', undefined, EXTERNAL_HINT);
  return { command, args };
}

/** Node itself, as far as can be known: a host that is one executable with its program in it starts no other. */
function nodeProgram(): string {
  if (!process.getBuiltinModule?.('node:sea')?.isSea()) return process.execPath;
  const found = findProgram('node');
  if (found === undefined)
    throw unavailable('this host is a single executable, and there is no `node` on PATH');
  return found;
}

function unavailable(why: string, cause?: unknown, hint = HINT): SessionGroupsError {
  return new SessionGroupsError('reaper_unavailable', `the reaper cannot be started: ${why}`, {
    ...(cause !== undefined && { cause }),
    hint,
  });
}

const HINT =
  'The reaper is a small Node.js process that ends all agents if this process dies; without it, none is started. Run the host with Node.js, and allow it to start processes.';
