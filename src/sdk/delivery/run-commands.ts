import { cleanBlock } from '../clean-text.ts';
import { afterAwake, type Clock } from '../clock.ts';
import { formatDuration } from '../format.ts';
import { textLog } from '../process/appending-file.ts';
import { lineSplitter } from '../process/line-splitter.ts';
import { markerOf, type ProcessExit, spawnProcess } from '../process/process.ts';
import { reaperReady } from '../process/reaper/reaper.ts';
import { tail } from '../process/tail.ts';
import { redactedStream } from '../session/reports/redacted-stream.ts';
import { redactor } from '../session/reports/redaction.ts';
import type { Command } from './config.ts';

/**
 * The project's own commands: set-up and checks. They run outside the agent's permissions, as the user of the engine.
 *
 * COMMANDS-1 one after the other; the first that fails is the last.
 * COMMANDS-2 no process of a command outlives it: not when it ends, not when it is cut off, not its time limit.
 * COMMANDS-3 whatever they print, memory and log stay bounded, what is kept of it is text, and nothing else has to wait:
 *    their output is read as it comes, never line by line unless a person follows it.
 */

export interface CommandRun {
  readonly commands: readonly Command[];
  readonly cwd: string;
  /** The whole environment: without credentials of a model. */
  readonly env: Readonly<Record<string, string>>;
  /** Marks their processes as the group's. */
  readonly of: { readonly groupId: string; readonly sessionId: string; readonly attempt: number };
  /** Their output is appended to it, without secrets. */
  readonly logFile?: string;
  /** What is kept of their output has none of these values, by name. Default: only what looks like a token is left out. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Called with each line that they print, on either stream, without secrets; untrusted. */
  readonly onLine?: (line: string) => void;
  /** For each command, while the machine is awake. */
  readonly timeoutMs: number;
  /** Ends the command that runs; the outcome is then `cut`, once nothing of it is left. */
  readonly signal: AbortSignal;
}

export type CommandsOutcome =
  | { readonly kind: 'green' }
  | {
      readonly kind: 'red';
      readonly command: string;
      /** How it ended, for people: `exit code 1`, `SIGKILL`, `longer than 15 min`. */
      readonly how: string;
      /** The end of what it printed on both streams, at most 16 KiB, without control characters. */
      readonly output: string;
    }
  | { readonly kind: 'cut' };

const OUTPUT_BYTES = 16 * 1024;
const LONGEST_LINE_BYTES = 64 * 1024;
const NEWLINE = Buffer.from('\n');
/** Between SIGTERM and SIGKILL. */
const GRACE_MS = 5_000;

/** What runs set-up and checks. Never rejects; once it has answered, nothing of them is left (COMMANDS-2). */
export type CommandRunner = (run: CommandRun, clock: Clock) => Promise<CommandsOutcome>;

/** Runs them as processes of this machine. */
export const runCommands: CommandRunner = async (run, clock) => {
  for (const command of run.commands) {
    await reaperReady().catch(() => {}); // no command is started then, and its exit says why
    if (run.signal.aborted) return { kind: 'cut' };
    const outcome = await runOne(command, run, clock);
    if (outcome.kind !== 'green') return outcome;
  }
  return { kind: 'green' };
};

/** As a user would write it in a terminal. */
export const commandText = (command: Command): string =>
  typeof command === 'string' ? command : command.map(quoted).join(' ');

const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;

async function runOne(command: Command, run: CommandRun, clock: Clock): Promise<CommandsOutcome> {
  const kept = tail(OUTPUT_BYTES);
  const log = run.logFile === undefined ? undefined : textLog(run.logFile);
  log?.write(Buffer.from(redactor(run.secrets)(`$ ${commandText(command)}\n`)));
  const { onLine } = run;
  const lines = onLine && lineSplitter(line => onLine(line), LONGEST_LINE_BYTES);
  const withoutSecrets = redactedStream(run.secrets);
  const keep = (bytes: Buffer): void => {
    if (bytes.length === 0) return;
    kept.push(bytes);
    log?.write(bytes);
    lines?.push(bytes);
  };
  let isInLine = false;
  const onChunk = (chunk: Buffer): void => {
    keep(withoutSecrets.push(chunk));
    isInLine = chunk.at(-1) !== NEWLINE[0];
  };
  const [program, ...args] = inShell(command);
  const child = spawnProcess(
    {
      ...{ command: program, args, cwd: run.cwd, env: run.env, marker: markerOf(run.of) },
      stdout: { onChunk },
    },
    clock,
  );
  child.endInput();

  let late = false;
  let killing: unknown;
  const end = (): void => {
    child.terminate();
    killing = clock.setTimeout(() => child.kill(), GRACE_MS);
  };
  const cancelLimit = afterAwake(
    clock,
    () => {
      late = true;
      end();
    },
    run.timeoutMs,
  );
  run.signal.addEventListener('abort', end, { once: true });
  const exit = await child.exited;
  run.signal.removeEventListener('abort', end);
  cancelLimit();
  clock.clearTimeout(killing);
  if (isInLine) onChunk(NEWLINE);
  keep(withoutSecrets.end());
  log?.close();

  if (run.signal.aborted) return { kind: 'cut' };
  if (exit.code === 0 && !late) return { kind: 'green' };
  const how = late ? `longer than ${formatDuration(run.timeoutMs)}` : howEnded(exit);
  return { kind: 'red', command: commandText(command), how, output: cleanBlock(kept.text()) };
}

/** One stream, so that what belongs together stays together. */
const inShell = (command: Command): [string, ...string[]] =>
  typeof command === 'string'
    ? ['sh', '-c', `exec 2>&1\n${command}`]
    : ['sh', '-c', 'exec "$@" 2>&1', 'sh', ...command];

const howEnded = ({ code, signal, spawnError }: ProcessExit): string =>
  spawnError ? `not started: ${spawnError.message}` : code === null ? `${signal}` : `exit code ${code}`;
