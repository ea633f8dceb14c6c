import { writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { systemClock } from '../../clock.ts';
import { isMarked } from '../descendants.ts';
import { endTree, membersOf } from '../end-tree.ts';
import { limitOfMarker } from '../limit-mark.ts';
import { type ProcessId, treeWatch, type WatchedTree } from '../tree-watch.ts';
import { answerOf, COMMANDS, REAPER_VARIABLE, sharedMs } from './reaper-protocol.ts';

/**
 * What the engine sends, one per line: `+` and the marker when an attempt begins, `-` and the marker when it ends;
 * `=`, the marker and `pid@start` of each process that was seen and that the marker doesn't show. `~`, what markers begin
 * with and a time (`sharedMs`): what has them lives no longer, unless told again; `/` and the same beginning: it may.
 */
export type ReaperCommand = `${'+' | '-' | '=' | '~' | '/'}${string}`;

/** Shorter than for an interrupted attempt: nothing reads what these processes would still print. */
const GRACE_MS = 500;
/** A process that the engine forked right before its end carries its marker only from its exec on. */
const RECHECK_MS = 250;
/** How often leases are compared with the clocks. */
const LEASE_CHECK_MS = 100;
/** What an engine starts although the lease has run out is found this often. */
const REPEAT_MS = 1_000;
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
 * REAPING-3 while the engine lives, what is under a lease is killed once that has run out, by either clock: a machine that
 *    sleeps stops the monotonic one. A lease that has run out stays so until it is given up.
 */
const live = new Map<string, readonly ProcessId[]>();
/** By what markers begin with. */
const leases = new Map<string, Lease>();
let checking: NodeJS.Timeout | undefined;

interface Lease {
  /** Of `sharedMs`. */
  until: number;
  /** Of the wall clock. */
  wallUntil: number;
  hasRunOut: boolean;
}

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
commands.once('close', () => {
  clearInterval(checking);
  leases.clear();
  void reap();
});
try {
  writeSync(1, answerOf(process.env[REAPER_VARIABLE] ?? ''));
} catch {
  // The engine has died already.
}

function apply(line: string): void {
  const [what = '', ...more] = line.slice(1).split(' ');
  if (line.startsWith('-')) live.delete(what);
  else if (line.startsWith('~')) renew(what, Number(more[0]));
  else if (line.startsWith('/')) leases.delete(what);
  else live.set(what, more.map(processId));
}

function processId(word: string): ProcessId {
  const [pid, startTicks] = word.split('@').map(Number);
  return { pid: pid ?? 0, startTicks: startTicks ?? 0 };
}

function renew(beginning: string, until: number): void {
  const lease = leases.get(beginning) ?? { until, wallUntil: 0, hasRunOut: false };
  lease.until = until;
  lease.wallUntil = Date.now() + until - sharedMs();
  leases.set(beginning, lease);
  checking ??= setInterval(checkLeases, LEASE_CHECK_MS);
}

function checkLeases(): void {
  for (const [beginning, lease] of leases) {
    if (lease.hasRunOut || (sharedMs() < lease.until && Date.now() < lease.wallUntil)) continue;
    lease.hasRunOut = true;
    void enforce(beginning, lease);
  }
  if (leases.size > 0) return;
  clearInterval(checking);
  checking = undefined;
}

/** Until the lease is given up: an engine that was stopped may still start something. */
async function enforce(beginning: string, lease: Lease): Promise<void> {
  while (leases.get(beginning) === lease) {
    const tree = treeOf([...live].filter(([marker]) => marker.startsWith(beginning)));
    if (tree) await endTree(tree, systemClock, { urgency: 'kill' }).gone;
    tree?.release();
    await pause(REPEAT_MS);
  }
}

async function reap(): Promise<void> {
  const tree = treeOf([...live]);
  for (let round = 0; tree && round < ROUNDS; round += 1) {
    await endTree(tree, systemClock, { urgency: 'terminate', graceMs: GRACE_MS }).gone;
    await pause(RECHECK_MS);
    if ((await membersOf(tree))?.length === 0) break;
  }
  tree?.release();
}

/** All processes of these attempts. undefined: there are no attempts. */
function treeOf(attempts: readonly (readonly [string, readonly ProcessId[]])[]): WatchedTree | undefined {
  if (attempts.length === 0) return undefined;
  const markers = new Set(attempts.map(([marker]) => marker));
  const limits = new Set([...markers].map(limitOfMarker));
  return treeWatch(systemClock).ofClaimed(
    entry => isMarked(entry, marker => markers.has(marker)) || limits.has(entry.limit() ?? ''),
    attempts.flatMap(([, seen]) => seen),
  );
}

const pause = (ms: number): Promise<void> => new Promise(resolve => void setTimeout(resolve, ms));
