import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { Clock } from '../clock.ts';
import { collectOutput, type OutputFilter, type StdoutReader } from './collect-output.ts';
import { deferred } from './deferred.ts';
import { endTree, membersOf, signal, signalMember, type TreeEnding } from './end-tree.ts';
import { startError, withLimit } from './limit-mark.ts';
import { MARKER_VARIABLE } from './process-table.ts';
import { type ReaperWatch, watchByReaper } from './reaper/reaper.ts';
import { treeWatch } from './tree-watch.ts';

export { markerOf, uniqueMarker } from './attempt-marker.ts';
export { findMarked } from './descendants.ts';
export { MARKER_VARIABLE } from './process-table.ts';

export interface SpawnSpec {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The complete environment; the marker is added to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Unique per attempt (`markerOf`); identifies descendants that left the process group. */
  readonly marker: string;
  /** Reads standard output. */
  readonly stdout: StdoutReader;
  /** Standard error is appended to it; created 0600. Of more than 8 MiB, it keeps the beginning and the end. */
  readonly stderrFile?: string;
  /** What of standard error is kept, in that file and in `stderrTail`, goes through it. One program's alone. */
  readonly stderrFilter?: OutputFilter;
  /** Called once, when it becomes larger than that. Must not throw. */
  onStderrLeftOut?(): void;
}

export interface ManagedProcess {
  /** Undefined when the program couldn't be started. */
  readonly pid: number | undefined;
  /** Resolves once the program runs, or with the error if it couldn't be started. Never rejects. */
  readonly spawned: Promise<NodeJS.ErrnoException | undefined>;
  /** Writes to standard input; a program that has stopped reading is not an error. */
  write(text: string): void;
  endInput(): void;
  /** SIGTERM to the process group and to descendants outside it. */
  terminate(): void;
  /** SIGKILL to the process group and every descendant, including those that called setsid. */
  kill(): void;
  /** Resolves once the whole tree has gone and all its lines have been handed over. Never rejects. */
  readonly exited: Promise<ProcessExit>;
}

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The program couldn't be started: ENOENT, EACCES … */
  readonly spawnError?: NodeJS.ErrnoException;
  /** The last 8 KiB of standard error, and a note if a process couldn't be ended. */
  readonly stderrTail: string;
}

/**
 * Starts a program in its own session and process group and waits until the last of its descendants has gone:
 * processes that outlive the main one are ended. Never throws: `exited` reports failures. If this process dies, a
 * reaper ends them; if there is known to be none, nothing is started. Who can wait awaits `reaperReady` first.
 */
export function spawnProcess(spec: SpawnSpec, clock: Clock): ManagedProcess {
  const reaper = watchByReaper(spec.marker);
  const managed = reaper.problem ? neverStarted(Promise.resolve(reaper.problem)) : begin(spec, clock, reaper);
  void managed.exited.then(reaper.end);
  return managed;
}

function begin(spec: SpawnSpec, clock: Clock, reaper: ReaperWatch): ManagedProcess {
  const child = start(spec);
  if (child instanceof Error) return neverStarted(Promise.resolve(child));
  const spawned = new Promise<NodeJS.ErrnoException | undefined>(resolve => {
    child.once('spawn', () => resolve(undefined));
    child.on('error', resolve);
  });
  const { pid } = child;
  if (pid === undefined) return neverStarted(spawned); // out of file descriptors: not even pipes
  child.stdin.on('error', () => {}); // EPIPE: it may stop reading at any time

  const tree = treeWatch(clock).ofProgram(pid, spec.marker, reaper.seen);
  const output = collectOutput(child, spec);
  const mainExit = deferred<void>();
  const exited = deferred<ProcessExit>();
  let hasExited = false;
  let ending: TreeEnding | undefined;

  const beginEnding = (urgency: 'terminate' | 'kill'): void => {
    const alsoKill = (): void => {
      if (!hasExited) signal(-pid, 'SIGKILL'); // later, the number of the group may be another's
    };
    ending = endTree(tree, clock, { urgency, alsoKill });
    void ending.gone.then(async note => {
      tree.release();
      if (note === undefined) await mainExit.promise;
      await output.drained(clock);
      const { exitCode: code, signalCode } = child;
      const stderr = output.stderrTail();
      const spawnError = startError(code, stderr);
      const stderrTail = stderr + (note === undefined ? '' : `\n${note}\n`);
      exited.resolve({ code, signal: signalCode, stderrTail, ...(spawnError && { spawnError }) });
    });
  };

  child.once('exit', () => {
    hasExited = true;
    mainExit.resolve();
    if (!ending) beginEnding('terminate');
  });

  return {
    pid,
    spawned,
    exited: exited.promise,
    write: text => void child.stdin.write(text),
    endInput: () => void child.stdin.end(),
    terminate() {
      // Looks first: once its parent has exited, a process may have nothing left that shows whose it is.
      void membersOf(tree).then(members => {
        if (ending) return; // already ending what is left
        signal(-pid, 'SIGTERM');
        for (const member of members ?? []) if (member.group !== pid) signalMember(member, 'SIGTERM');
      });
    },
    kill() {
      if (ending) ending.kill();
      else beginEnding('kill');
    },
  };
}

function start(spec: SpawnSpec): ChildProcessWithoutNullStreams | Error {
  try {
    // node:child_process, not execa: nothing may be buffered here, and execa's timers run on the real clock
    // and end only the main process.
    const { command, args } = withLimit(spec, spec.marker, spec);
    return spawn(command, [...args], {
      cwd: spec.cwd,
      env: { ...spec.env, [MARKER_VARIABLE]: spec.marker },
      detached: true,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function neverStarted(reason: Promise<NodeJS.ErrnoException | undefined>): ManagedProcess {
  const exited = reason.then(
    (spawnError): ProcessExit => ({
      code: null,
      signal: null,
      ...(spawnError && { spawnError }),
      stderrTail: '',
    }),
  );
  const nothing = (): void => {};
  return {
    pid: undefined,
    spawned: reason,
    exited,
    write: nothing,
    endInput: nothing,
    terminate: nothing,
    kill: nothing,
  };
}
