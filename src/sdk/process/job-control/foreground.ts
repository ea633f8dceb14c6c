import { spawn } from 'node:child_process';
import type { Clock } from '../../clock.ts';
import { endTree } from '../end-tree.ts';
import { withLimit } from '../limit-mark.ts';
import { MARKER_VARIABLE } from '../process-table.ts';
import { reaperReady, watchByReaper } from '../reaper/reaper.ts';
import { treeWatch } from '../tree-watch.ts';

export interface ForegroundProgram {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Unique (`uniqueMarker`). */
  readonly marker: string;
  /** Ends the program and its tree. What a terminal sends to its foreground, the program gets by itself. */
  readonly signal: AbortSignal;
}

/** How it ended; both null if it could not be started. */
export interface ForegroundEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly error?: NodeJS.ErrnoException;
}

/**
 * Runs a program in this process's terminal, with its streams, and in its process group, so that it may read from the
 * terminal.
 *
 * FOREGROUND-1 it is over once nothing is left of its tree, also of what it has put in the background.
 * FOREGROUND-2 if this process dies, however it dies, the reaper ends all of it; without a reaper, it is not started.
 *
 * @throws SessionGroupsError `reaper_unavailable`.
 */
export async function runInForeground(program: ForegroundProgram, clock: Clock): Promise<ForegroundEnd> {
  const { marker, cwd, env, signal: ended } = program;
  const reaper = watchByReaper(marker);
  try {
    await reaperReady();
    ended.throwIfAborted();
    const { command, args } = withLimit(program, marker, program);
    const child = spawn(command, [...args], {
      cwd,
      env: { ...env, [MARKER_VARIABLE]: marker },
      stdio: 'inherit',
    });
    const { pid } = child;
    const tree = pid === undefined ? undefined : treeWatch(clock).ofProgram(pid, marker, reaper.seen);
    const end = () => tree && endTree(tree, clock, { urgency: 'terminate' }).gone;
    const stop = (): void => void end();
    ended.addEventListener('abort', stop);
    const exit = await new Promise<ForegroundEnd>(resolve => {
      child.once('error', error => resolve({ code: null, signal: null, error }));
      child.once('exit', (code, signal) => resolve({ code, signal }));
    });
    ended.removeEventListener('abort', stop);
    await end();
    tree?.release();
    return exit;
  } finally {
    reaper.end();
  }
}
