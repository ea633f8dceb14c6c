import type { Clock } from '../clock.ts';

export { findMarked } from './descendants.ts';
export { MARKER_VARIABLE, markerOf } from './marker.ts';

export interface SpawnSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The complete environment; the marker is added to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Unique per attempt (`markerOf`); descendants that left the process group are found by it. */
  readonly marker: string;
  /**
   * A line of standard output without its newline, at the end also an unterminated one. What is longer
   * than 16 Mi characters is cut there, `truncated` says so, and the rest of the line is dropped.
   */
  onStdoutLine(line: string, truncated: boolean): void;
  /** Standard error is appended to it; created 0600. */
  readonly stderrFile?: string;
}

export interface ManagedProcess {
  /** Absent when the program could not be started. */
  readonly pid: number | undefined;
  /** Resolves once the program runs; with the reason when it could not be started. Never rejects. */
  readonly spawned: Promise<NodeJS.ErrnoException | undefined>;
  /** Writes to standard input; a program that does not read it any more is no error. */
  write(text: string): void;
  endInput(): void;
  /** SIGTERM to the process group and to marked descendants outside it. */
  terminate(): void;
  /** SIGKILL to the group and every descendant, also those that called setsid. */
  kill(): void;
  /** Never rejects. Resolves only when the whole tree has gone and all its lines have been handed over. */
  readonly exited: Promise<ProcessExit>;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The program could not be started: ENOENT, EACCES … */
  readonly spawnError?: NodeJS.ErrnoException;
  /** The last 8 KiB of standard error, and a note when a process could not be ended. */
  readonly stderrTail: string;
}

/** Starts a program in a process group of its own. Never throws: what goes wrong is told by `exited`. */
export function spawnProcess(_spec: SpawnSpec, _clock: Clock): ManagedProcess {
  throw new Error('not built yet');
}
