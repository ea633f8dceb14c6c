import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { systemClock } from '../../clock.ts';
import { isMarked } from '../descendants.ts';
import { endTree, membersOf } from '../end-tree.ts';
import { limitOfMarker } from '../limit-mark.ts';
import { type ProcessId, treeWatch } from '../tree-watch.ts';
import { answerOf, COMMANDS, REAPER_VARIABLE } from './reaper-protocol.ts';

/**
 * What the engine sends, one per line: `+` and the marker when an attempt begins, `-` and the marker when it ends;
 * `=`, the marker and `pid@start` of each process that was seen and that the marker doesn't show.
 */
export type ReaperCommand = `+${string}` | `-${string}` | `=${string}`;

/** Shorter than for an interrupted attempt: nothing reads what these processes would still print. */
const GRACE_MS = 500;
/** A process that the engine forked right before its end carries its marker only from its exec on. */
const RECHECK_MS = 250;
/** About a minute. A process left after that is stuck in the kernel, or not ours to end. */
const ROUNDS = 10;

/**
 * A program: the reaper of one engine (`launch-reaper.ts` starts it). It has a pipe from the engine; when that closes, the
 * engine is dead, however it died, and everything left of its unfinished attempts is ended.
 *
 * REAPING-1 it ends only processes that its own engine named, by their marker or by pid and start time, and their
 *    descendants.
 * REAPING-2 it exits once the pipe has closed and no process is left that it could end; of all signals, only SIGKILL
 *    ends it earlier.
 */
const live = new Map<string, readonly ProcessId[]>();
let rest = '';

for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
process.stderr.on('error', () => {}); // it is read until the answer
const commands = new Socket({ fd: COMMANDS, readable: true, writable: false });
commands.setEncoding('utf8');
commands.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) apply(line);
});
commands.on('error', () => {}); // closes it too
commands.once('close', () => void reap());
try {
  writeSync(1, answerOf(process.env[REAPER_VARIABLE] ?? ''));
} catch {
  // The engine has died already.
}

function apply(line: string): void {
  const [marker = '', ...seen] = line.slice(1).split(' ');
  if (line.startsWith('-')) live.delete(marker);
  else live.set(marker, seen.map(processId));
}

function processId(word: string): ProcessId {
  const [pid, startTicks] = word.split('@').map(Number);
  return { pid: pid ?? 0, startTicks: startTicks ?? 0 };
}

async function reap(): Promise<void> {
  if (live.size === 0) return;
  const limits = new Set([...live.keys()].map(limitOfMarker));
  const tree = treeWatch(systemClock).ofClaimed(
    entry => isMarked(entry, marker => live.has(marker)) || limits.has(entry.limit() ?? ''),
    [...live.values()].flat(),
  );
  for (let round = 0; round < ROUNDS; round += 1) {
    await endTree(tree, systemClock, { urgency: 'terminate', graceMs: GRACE_MS }).gone;
    await new Promise<void>(resolve => void setTimeout(resolve, RECHECK_MS));
    if ((await membersOf(tree))?.length === 0) break;
  }
  tree.release();
}
