import { type ChildProcess, spawn } from 'node:child_process';
import { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type { ReaperOrder } from './reaper-main.ts';

/**
 * From now on, until the function that it returns is called, everything with this marker is ended within two
 * seconds when this process dies, in whatever way. To be called before the first process with the marker starts.
 *
 * REAPER-1 one small process for all attempts of this one, started with the first; it is told of each before it begins.
 * REAPER-2 it outlives what ends this process: it has a session of its own, and none of our streams but the pipe whose
 *    closing it waits for. It does not keep this process alive, and carries no marker itself.
 * REAPER-3 when it dies another takes its place, and is told of all attempts that are live.
 */
export function watchByReaper(marker: string): () => void {
  live.add(marker);
  if (reaper) tell(`+${marker}`);
  else startReaper();
  return () => {
    if (live.delete(marker)) tell(`-${marker}`);
  };
}

/** As this file is: compiled, or from its sources by whatever makes this process read those. */
const IS_SOURCE = import.meta.url.endsWith('.ts');
const PROGRAM = fileURLToPath(new URL(IS_SOURCE ? './reaper-main.ts' : './reaper-main.js', import.meta.url));

/** One that cannot live is tried again more and more rarely; who lived this long was able to. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 60_000;
const LONG_LIFE_MS = 10_000;

const live = new Set<string>();
let reaper: { readonly child: ChildProcess; readonly pipe: Socket } | undefined;
let pauseMs = FIRST_PAUSE_MS;
let nextStart: NodeJS.Timeout | undefined;

function startReaper(): void {
  if (nextStart) return;
  const startedAt = performance.now();
  const again = (): void => {
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
    again();
    return;
  }
  child.once('exit', again);
  child.unref();
  const pipe = child.stdin;
  pipe.on('error', () => {}); // it has died, which `exit` tells
  pipe.unref();
  reaper = { child, pipe };
  for (const marker of live) tell(`+${marker}`);
}

/** The first write to a pipe that has room is done when it returns: an order is out before its attempt begins. */
function tell(order: ReaperOrder): void {
  reaper?.pipe.write(`${order}\n`);
}

/** Undefined when there is no room for another process: without a reaper, a take-over ends the orphans. */
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
