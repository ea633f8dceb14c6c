import { systemClock } from '../clock.ts';
import { markedTree } from './descendants.ts';
import { endTree, membersOf } from './end-tree.ts';

/** What the engine says, one to a line: `+` and the marker of an attempt that begins, `-` of one that has ended. */
export type ReaperOrder = `+${string}` | `-${string}`;

/** Shorter than an attempt that is interrupted gets: nobody reads any more what these would still say. */
const GRACE_MS = 500;
/** What the engine forked at its very end carries its marker only from its exec on. */
const LAST_LOOK_MS = 250;
/** About a minute. Who is left then is stuck in the kernel, or not ours to end. */
const ROUNDS = 10;

/**
 * A program: the reaper of one engine (`reaper.ts` starts it). Its standard input is a pipe from the engine, and
 * the end of that is the engine's, however it died: whatever lives of the attempts that had not ended is ended.
 *
 * REAPING-1 it ends processes by the markers that its own engine named, and no others.
 * REAPING-2 it leaves when the pipe has closed and nobody is left that it could end: no signal but SIGKILL ends it
 *    before.
 */
const live = new Set<string>();
let rest = '';

for (const name of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(name, () => {});
process.stdin.setEncoding('utf8');
process.stdin.on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) obey(line);
});
process.stdin.on('error', () => {}); // closes it too
process.stdin.once('close', () => void reap());

function obey(line: string): void {
  if (line.startsWith('+')) live.add(line.slice(1));
  else live.delete(line.slice(1));
}

async function reap(): Promise<void> {
  if (live.size === 0) return;
  const tree = markedTree(marker => live.has(marker));
  for (let round = 0; round < ROUNDS; round += 1) {
    await endTree(tree, systemClock, 'terminate', GRACE_MS).gone;
    await new Promise<void>(resolve => void setTimeout(resolve, LAST_LOOK_MS));
    if (membersOf(tree)?.length === 0) return;
  }
}
