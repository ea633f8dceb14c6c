import { type Clock, systemClock } from '../../clock.ts';
import { given } from '../../given.ts';
import { markerOf, spawnProcess } from '../../process/process.ts';
import type { AgentEvent, AttemptEnd, AttemptSpec } from '../agent.ts';
import { stderrLog } from '../attempt-logs.ts';
import { spawnFailure } from '../spawn-failure.ts';

/** What `startProgram` runs. */
export interface ProgramOptions {
  /** A path, or a name that is looked up on the `PATH` of `env`. */
  readonly command: string;
  /** Default: none. Everyone on the machine can read them: pass secrets in `env`. */
  readonly args?: readonly string[];
  /** Default: the attempt's. */
  readonly cwd?: string;
  /** The complete environment. Default: the attempt's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each line of standard output, without its end; of more than 16 MiB, with its beginning. Must not throw. */
  onLine?(line: string): void;
  /** Default: the system's. */
  readonly clock?: Clock;
}

/** A program that an attempt of an own agent runs. */
export interface Program {
  /** Absent if it could not be started. */
  readonly pid?: number;
  /** Writes to its standard input; ignored once it reads no more. */
  write(text: string): void;
  endInput(): void;
  /** SIGTERM to the program and all its descendants. */
  terminate(): void;
  /** SIGKILL to the program and all its descendants. */
  kill(): void;
  /** Resolves once the program and all its descendants have gone, and all lines have been read. Never rejects. */
  readonly exited: Promise<ProgramExit>;
}

/** How a program has ended. */
export interface ProgramExit {
  /** Null if a signal ended it, or it never ran. */
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its standard error, without secrets: 8 KiB at most. */
  readonly stderr: string;
  /** It could not be started: what the attempt ends with. */
  readonly failure?: AttemptEnd;
}

/**
 * Starts a program for an attempt of an own agent, as built-in agents start theirs. It is known with all its descendants,
 * also those that leave its process group or session: they are ended when it exits, and within two seconds if this
 * process dies. A program that is started in any other way outlives a killed host. Never throws.
 *
 * @param spec what `start` was given.
 * @param sink where the agent reports: it gets a warning if `stderr.log` in `spec.logDir`, which the program's standard
 * error is appended to, becomes too large.
 * @example
 * const program = startProgram(spec, sink, { command: 'review-tool', args: ['--json'], onLine });
 * program.write(spec.prompt);
 * program.endInput();
 * program.exited.then(({ code, failure }) => end(failure ?? endOf(code)));
 * return { interrupt: program.terminate, terminate: program.terminate, kill: program.kill, answerPermission() {} };
 */
export function startProgram(
  spec: Omit<AttemptSpec, 'agent'>,
  sink: (event: AgentEvent) => void,
  options: ProgramOptions,
): Program {
  const { command, args = [], cwd = spec.cwd, env = spec.env, onLine, clock = systemClock } = options;
  const marker = markerOf(spec);
  const stdout = { onLine: (line: string) => onLine?.(line) };
  const { pid, write, endInput, terminate, kill, exited } = spawnProcess(
    { command, args, cwd, env, marker, stdout, ...stderrLog(spec, sink) },
    clock,
  );
  return {
    ...given({ pid }),
    ...{ write, endInput, terminate, kill },
    exited: exited.then(({ code, signal, stderrTail: stderr, spawnError }) => ({
      ...{ code, signal, stderr },
      ...given({ failure: spawnError && spawnFailure(spawnError, { command, cwd }) }),
    })),
  };
}
