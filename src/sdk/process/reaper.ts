import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ReaperCommand } from './reaper-main.ts';
import type { ProcessId } from './tree-watch.ts';

/**
 * From now on, until `end` is called, everything with this marker, and what is `seen`, is ended within two seconds
 * after this process dies, however it dies. Call it before the first process with the marker starts.
 *
 * REAPER-1 one small process serves all attempts of this one; it starts with the first attempt and learns of each
 *    before it begins.
 * REAPER-2 it outlives what ends this process: it has its own session, and none of our streams except the pipe whose
 *    closing it waits for. It doesn't keep this process alive, and carries no marker itself.
 * REAPER-3 if it dies, another takes its place and learns of all live attempts.
 */
export function watchByReaper(marker: string): ReaperWatch {
  live.set(marker, []);
  if (reaper) send(`+${marker}`);
  else startReaper();
  return {
    seen(members) {
      if (!live.has(marker)) return;
      live.set(marker, members);
      send(seenCommand(marker, members));
    },
    end() {
      if (live.delete(marker)) send(`-${marker}`);
    },
  };
}

export interface ReaperWatch {
  /** Processes of the attempt that its marker does not show, in place of those given before. */
  readonly seen: (members: readonly ProcessId[]) => void;
  readonly end: () => void;
}

const seenCommand = (marker: string, members: readonly ProcessId[]): ReaperCommand =>
  `=${[marker, ...members.map(({ pid, startTicks }) => `${pid}@${startTicks}`)].join(' ')}`;

/** The reaper runs the way this file does: compiled, or from source with the same Node options. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const PROGRAM = fileURLToPath(new URL(IS_SOURCE ? './reaper-main.ts' : './reaper-main.js', import.meta.url));

/** A reaper that can't stay alive is restarted less and less often; one that lived this long resets the delay. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 60_000;
const LONG_LIFE_MS = 10_000;

const live = new Map<string, readonly ProcessId[]>();
let reaper: { readonly child: ChildProcess; readonly pipe: Socket } | undefined;
let pauseMs = FIRST_PAUSE_MS;
let nextStart: NodeJS.Timeout | undefined;

function startReaper(): void {
  if (nextStart) return;
  const startedAt = performance.now();
  const retryLater = (): void => {
    reaper = undefined;
    if (performance.now() - startedAt >= LONG_LIFE_MS) pauseMs = FIRST_PAUSE_MS;
    nextStart = setTimeout(() => {
      nextStart = undefined;
      if (live.size > 0) startReaper();
    }, pauseMs).unref();
    pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
  };
  const child = launch();
  if (!(child?.stdin instanceof Socket)) {
    retryLater();
    return;
  }
  child.once('exit', retryLater);
  child.unref();
  const pipe = child.stdin;
  pipe.on('error', () => {}); // it has died; `exit` reports that
  pipe.unref();
  reaper = { child, pipe };
  for (const [marker, members] of live) {
    send(`+${marker}`);
    if (members.length > 0) send(seenCommand(marker, members));
  }
}

/** The first write to a pipe with room completes synchronously, so a command is sent before its attempt begins. */
function send(command: ReaperCommand): void {
  reaper?.pipe.write(`${command}\n`);
}

/** Undefined when no process can be created: without a reaper, the next owner ends the orphans when it takes over. */
function launch(): ChildProcess | undefined {
  try {
    const child = spawn(process.execPath, [...(IS_SOURCE ? process.execArgv : []), PROGRAM], {
      cwd: '/',
      detached: true,
      env: { ELECTRON_RUN_AS_NODE: '1' },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    child.on('error', () => {});
    return child.pid === undefined ? undefined : child;
  } catch {
    return undefined;
  }
}
