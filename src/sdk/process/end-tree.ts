import type { Clock } from '../clock.ts';
import { deferred } from './deferred.ts';
import type { ProcessTree } from './descendants.ts';
import type { ProcessEntry } from './process-table.ts';

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

/**
 * Ends every member of a tree, including processes that appear meanwhile: one SIGTERM each, SIGKILL after the grace
 * period (with `kill`: at once). Polls until no process is left; the first poll happens before it returns.
 */
export function endTree(
  tree: ProcessTree,
  clock: Clock,
  urgency: 'terminate' | 'kill',
  graceMs = SURVIVOR_GRACE_MS,
): TreeEnding {
  const gone = deferred<string | undefined>();
  const signalled = new Set<number>();
  const deadline = clock.monotonic() + graceMs;
  let killing = urgency === 'kill';
  let pause = FIRST_POLL_MS;
  let pollsWhileKilling = 0;
  let timer: unknown;
  let settled = false;

  const settle = (note?: string): void => {
    settled = true;
    gone.resolve(note);
  };

  const startKilling = (): void => {
    killing = true;
    pause = FIRST_POLL_MS;
  };

  const poll = (): void => {
    if (!killing && clock.monotonic() >= deadline) startKilling();
    const alive = membersOf(tree);
    if (alive?.length === 0) {
      settle();
      return;
    }
    if (killing && pollsWhileKilling >= POLLS_BEFORE_GIVING_UP) {
      settle(
        alive
          ? `processes that could not be ended: ${alive.map(({ pid }) => pid)}`
          : 'processes could not be read',
      );
      return;
    }
    if (killing) pollsWhileKilling += 1;
    for (const { pid } of alive ?? []) {
      if (killing) signal(pid, 'SIGKILL');
      else if (!signalled.has(pid)) signal(pid, 'SIGTERM');
      signalled.add(pid);
    }
    timer = clock.setTimeout(poll, pause);
    pause = Math.min(pause * 2, LONGEST_POLL_MS);
  };

  poll();
  return {
    kill() {
      if (settled || killing) return;
      clock.clearTimeout(timer);
      startKilling();
      poll();
    },
    gone: gone.promise,
  };
}

/** Undefined when the process table can't be read, which doesn't mean that all have gone. */
export function membersOf(tree: ProcessTree): readonly ProcessEntry[] | undefined {
  try {
    return tree.members();
  } catch {
    return undefined;
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
