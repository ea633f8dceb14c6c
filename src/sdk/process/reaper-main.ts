import { systemClock } from '../clock.ts';
import { markedTree } from './descendants.ts';
import { endTree, membersOf } from './end-tree.ts';

/** What the engine sends, one per line: `+` and the marker when an attempt begins, `-` and the marker when it ends. */
export type ReaperCommand = `+${string}` | `-${string}`;

/** Shorter than for an interrupted attempt: nothing reads what these processes would still print. */
const GRACE_MS = 500;
/** A process that the engine forked right before its end carries its marker only from its exec on. */
const RECHECK_MS = 250;
/** About a minute. A process left after that is stuck in the kernel, or not ours to end. */
const ROUNDS = 10;

/**
 * A program: the reaper of one engine (`reaper.ts` starts it). Its standard input is a pipe from the engine; when the
 * pipe closes, the engine is dead, however it died, and everything left of its unfinished attempts is ended.
 *
 * REAPING-1 it ends only processes whose markers its own engine named.
 * REAPING-2 it exits once the pipe has closed and no process is left that it could end; of all signals, only SIGKILL
 *    ends it earlier.
 */
const live = new Set<string>();
let rest = '';

for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) apply(line);
});
process.stdin.on('error', () => {}); // closes it too
process.stdin.once('close', () => void reap());

function apply(line: string): void {
  if (line.startsWith('+')) live.add(line.slice(1));
  else live.delete(line.slice(1));
}

async function reap(): Promise<void> {
  if (live.size === 0) return;
  const tree = markedTree(marker => live.has(marker));
  for (let round = 0; round < ROUNDS; round += 1) {
    await endTree(tree, systemClock, 'terminate', GRACE_MS).gone;
    await new Promise<void>(resolve => void setTimeout(resolve, RECHECK_MS));
    if (membersOf(tree)?.length === 0) return;
  }
}
