import { SessionGroupsError } from '../../errors.ts';
import { type AttemptName, beginningOf } from '../attempt-marker.ts';
import type { ProcessId } from '../tree-watch.ts';
import { type LaunchedReaper, launchReaper } from './launch-reaper.ts';
import type { ReaperCommand } from './reaper-main.ts';
import { sharedMs } from './reaper-protocol.ts';

/**
 * From now on, until `end` is called, everything with this marker, and what is `seen`, is ended within two seconds
 * after this process dies, however it dies. Call it before the first process with the marker starts.
 *
 * REAPER-1 one small process serves all attempts of this one; it starts with the first attempt and learns of each
 *    before it begins.
 * REAPER-2 it outlives what ends this process: it has its own session, and none of our streams except the pipe whose
 *    closing it waits for. It doesn't keep this process alive, and carries no marker itself.
 * REAPER-3 if it dies, another takes its place and learns of all live attempts.
 * REAPER-4 while it can't be started, nothing else is: who waits for `reaperReady` gets a typed error, and who doesn't is
 *    told by `problem`. Processes that run then are named by a process warning.
 * REAPER-5 it hears of ends and beginnings in their order: an attempt that starts its program again keeps its marker.
 * REAPER-6 of an attempt under a lease (`leaseByReaper`), no process outlives the lease, also while this process is stopped.
 */
export function watchByReaper(marker: string): ReaperWatch {
  live.set(marker, []);
  if (reaper) send(`+${marker}`);
  else if (!nextStart) startReaper();
  return {
    problem,
    seen(members) {
      if (!live.has(marker)) return;
      live.set(marker, members);
      send(seenCommand(marker, members));
    },
    end() {
      if (live.delete(marker)) tellOfEnd(marker);
    },
  };
}

export interface ReaperWatch {
  /** Why there is no reaper, as far as is known: the process must not be started. */
  readonly problem: SessionGroupsError | undefined;
  /** Processes of the attempt that its marker does not show, in place of those given before. */
  readonly seen: (members: readonly ProcessId[]) => void;
  readonly end: () => void;
}

/**
 * The processes of an attempt are killed unless the lease is renewed in time; what it starts after that, within a second.
 * Take it before the attempt starts.
 */
export function leaseByReaper(name: AttemptName): ReaperLease {
  const beginning = beginningOf(name);
  return {
    renew(ms) {
      const until = Math.floor(sharedMs() + ms);
      leases.set(beginning, until);
      send(leaseCommand(beginning, until));
    },
    end() {
      if (leases.delete(beginning)) send(`/${beginning}`);
    },
  };
}

export interface ReaperLease {
  /** @param ms how long they may live from now on. Once a lease has run out, it can't be renewed. */
  readonly renew: (ms: number) => void;
  /** They may live without a lease. */
  readonly end: () => void;
}

/**
 * Resolves once a reaper has answered, at once if it has. Await it before the first process starts.
 * @throws SessionGroupsError `reaper_unavailable`.
 */
export async function reaperReady(): Promise<void> {
  if (!reaper) startReaper();
  await reaper?.answer;
  if (problem) throw problem;
}

const seenCommand = (marker: string, members: readonly ProcessId[]): ReaperCommand =>
  `=${[marker, ...members.map(({ pid, startTicks }) => `${pid}@${startTicks}`)].join(' ')}`;

const leaseCommand = (beginning: string, until: number): ReaperCommand => `~${beginning} ${until}`;

/** A reaper that can't stay alive is restarted less and less often; one that lived this long resets the delay. */
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 60_000;
const LONG_LIFE_MS = 10_000;

const live = new Map<string, readonly ProcessId[]>();
const leases = new Map<string, number>();
/**
 * Attempts that have ended in this turn of the event loop, which one write tells. Of none of them is a process left; one
 * that begins anew in the same turn is told of after its end (REAPER-5).
 */
let ended: ReaperCommand[] = [];
let reaper: LaunchedReaper | undefined;
/** Of the last start; none while it is not known. */
let problem: SessionGroupsError | undefined;
let pauseMs = FIRST_PAUSE_MS;
let nextStart: NodeJS.Timeout | undefined;

function startReaper(): void {
  clearTimeout(nextStart);
  nextStart = undefined;
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
  const failed = (reason: unknown): void => {
    if (!(reason instanceof SessionGroupsError)) throw reason;
    if (live.size > 0 && !problem) warn(reason);
    problem = reason;
  };
  try {
    const launched = launchReaper();
    reaper = launched;
    launched.answer.then(() => {
      problem = undefined;
    }, failed);
    void launched.ended.then(() => {
      if (reaper === launched) retryLater();
    });
  } catch (error) {
    failed(error);
    retryLater();
    return;
  }
  for (const lease of leases) send(leaseCommand(...lease));
  for (const [marker, members] of live) {
    send(`+${marker}`);
    if (members.length > 0) send(seenCommand(marker, members));
  }
}

function warn(reason: SessionGroupsError): void {
  process.emitWarning(`${reason.message}. What runs now outlives this process if it is killed`, {
    code: 'SESSION_GROUPS_REAPER',
    ...(reason.hint !== undefined && { detail: reason.hint }),
  });
}

function send(command: ReaperCommand): void {
  tellOfEnded();
  reaper?.tell(command);
}

function tellOfEnd(marker: string): void {
  ended.push(`-${marker}`);
  if (ended.length === 1) setImmediate(tellOfEnded);
}

function tellOfEnded(): void {
  if (ended.length > 0) reaper?.tell(...ended);
  ended = [];
}
