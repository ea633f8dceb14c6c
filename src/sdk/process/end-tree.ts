import type { Clock } from '../clock.ts';
import { deferred } from './deferred.ts';
import type { ProcessTree } from './descendants.ts';
import type { ProcessEntry } from './process-table.ts';

/** What is left after the main process has this long between SIGTERM and SIGKILL. */
export const SURVIVOR_GRACE_MS = 1_000;
const FIRST_LOOK_MS = 5;
const LONGEST_LOOK_MS = 250;
/** About five seconds of SIGKILL, again and again; only a process stuck in the kernel outlives it. */
const LOOKS_BEFORE_GIVING_UP = 25;

export interface TreeEnding {
  /** From now on SIGKILL. */
  kill(): void;
  /** Resolves when nobody is left; with a note about who could not be ended, or looked for. Never rejects. */
  readonly gone: Promise<string | undefined>;
}

/**
 * Ends every member of a tree, also those that appear meanwhile: SIGTERM once to each, SIGKILL after the
 * grace (`kill`: at once), and looks again until nobody is left. The first look happens before it returns.
 */
export function endTree(
  tree: ProcessTree,
  clock: Clock,
  urgency: 'terminate' | 'kill',
  graceMs = SURVIVOR_GRACE_MS,
): TreeEnding {
  const gone = deferred<string | undefined>();
  const told = new Set<number>();
  const deadline = clock.monotonic() + graceMs;
  let killing = urgency === 'kill';
  let pause = FIRST_LOOK_MS;
  let looksWhileKilling = 0;
  let timer: unknown;
  let settled = false;

  const settle = (note?: string): void => {
    settled = true;
    gone.resolve(note);
  };

  const startKilling = (): void => {
    killing = true;
    pause = FIRST_LOOK_MS;
  };

  const look = (): void => {
    if (!killing && clock.monotonic() >= deadline) startKilling();
    const alive = membersOf(tree);
    if (alive?.length === 0) {
      settle();
      return;
    }
    if (killing && looksWhileKilling >= LOOKS_BEFORE_GIVING_UP) {
      settle(
        alive
          ? `processes that could not be ended: ${alive.map(({ pid }) => pid)}`
          : 'processes could not be read',
      );
      return;
    }
    if (killing) looksWhileKilling += 1;
    for (const { pid } of alive ?? []) {
      if (killing) signal(pid, 'SIGKILL');
      else if (!told.has(pid)) signal(pid, 'SIGTERM');
      told.add(pid);
    }
    timer = clock.setTimeout(look, pause);
    pause = Math.min(pause * 2, LONGEST_LOOK_MS);
  };

  look();
  return {
    kill() {
      if (settled || killing) return;
      clock.clearTimeout(timer);
      startKilling();
      look();
    },
    gone: gone.promise,
  };
}

/** Undefined when it could not look, which is no reason to believe that all have gone. */
export function membersOf(tree: ProcessTree): readonly ProcessEntry[] | undefined {
  try {
    return tree.members();
  } catch {
    return undefined;
  }
}

/** A process, or with a negative number a group; one that has gone meanwhile, or is not ours, is no error. */
export function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // ESRCH and EPERM: nothing that could be done about either.
  }
}
