import type { Clock } from '../clock.ts';
import { deferred } from './deferred.ts';
import { entryOf, type ProcessEntry } from './process-table.ts';
import type { ProcessId, ProcessTree } from './tree-watch.ts';

/** Processes that outlive the main process get this long between SIGTERM and SIGKILL. */
export const SURVIVOR_GRACE_MS = 1_000;
const FIRST_POLL_MS = 5;
const LONGEST_POLL_MS = 250;
/** About five seconds of repeated SIGKILL; only a process stuck in the kernel survives that. */
const POLLS_BEFORE_GIVING_UP = 25;

export interface TreeEnding {
  /** Sends SIGKILL from now on. */
  kill(): void;
  /** Resolves when no process is left, or with a note about those that couldn't be ended or read. Never rejects. */
  readonly gone: Promise<string | undefined>;
}

export interface EndTreeOptions {
  readonly urgency: 'terminate' | 'kill';
  readonly graceMs?: number;
  /** Called with each round of SIGKILL: reaches what has been forked since the look. */
  readonly alsoKill?: () => void;
  /** Default: `signalMember`. */
  readonly send?: (member: ProcessId, name: NodeJS.Signals) => void;
}

/**
 * Ends every member of a tree, including processes that appear meanwhile: one SIGTERM each, SIGKILL after the grace
 * period (with `kill`: at once). Polls until no process is left.
 */
export function endTree(tree: ProcessTree, clock: Clock, options: EndTreeOptions): TreeEnding {
  const { urgency, graceMs = SURVIVOR_GRACE_MS, alsoKill, send = signalMember } = options;
  const gone = deferred<string | undefined>();
  const terminated = new Set<string>();
  const deadline = clock.monotonic() + graceMs;
  let killing = urgency === 'kill';
  let pause = FIRST_POLL_MS;
  let pollsWhileKilling = 0;
  let timer: unknown;
  let polling = false;
  let settled = false;

  const settle = (note: string | undefined): void => {
    settled = true;
    gone.resolve(note);
  };

  const startKilling = (): void => {
    killing = true;
    pause = FIRST_POLL_MS;
  };

  const poll = async (): Promise<void> => {
    polling = true;
    const alive = await membersOf(tree);
    polling = false;
    if (alive?.length === 0) return settle(undefined);
    if (killing && pollsWhileKilling >= POLLS_BEFORE_GIVING_UP) {
      return settle(
        alive
          ? `processes that could not be ended: ${alive.map(({ pid }) => pid)}`
          : 'processes could not be read',
      );
    }
    if (!killing && clock.monotonic() >= deadline) startKilling();
    if (killing) pollsWhileKilling += 1;
    for (const member of alive ?? []) {
      const id = `${member.pid} ${member.startTicks}`;
      if (killing) send(member, 'SIGKILL');
      else if (!terminated.has(id)) send(member, 'SIGTERM');
      terminated.add(id);
    }
    if (killing) alsoKill?.();
    timer = clock.setTimeout(() => void poll(), pause);
    pause = Math.min(pause * 2, LONGEST_POLL_MS);
  };

  void poll();
  return {
    kill() {
      if (settled || killing) return;
      startKilling();
      if (polling) return; // it goes on as a killing one
      clock.clearTimeout(timer);
      void poll();
    },
    gone: gone.promise,
  };
}

/** Undefined when the process table can't be read, which doesn't mean that all have gone. */
export async function membersOf(tree: ProcessTree): Promise<readonly ProcessEntry[] | undefined> {
  try {
    return await tree.members();
  } catch {
    return undefined;
  }
}

/** Signals a process, unless its pid has become another's since it was seen. */
export function signalMember({ pid, startTicks }: ProcessId, name: NodeJS.Signals): void {
  // Elsewhere, asking costs as much as the look that has just been.
  if (process.platform === 'linux' && !isSame(pid, startTicks)) return;
  signal(pid, name);
}

function isSame(pid: number, startTicks: number): boolean {
  try {
    return entryOf(pid)?.startTicks === startTicks;
  } catch {
    return true; // out of file descriptors: what was seen a moment ago still counts
  }
}

/** Signals a process, or a group if `pid` is negative. One that has gone or isn't ours is not an error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH and EPERM: nothing can be done about either.
  }
}
