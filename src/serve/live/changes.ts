import { stat } from 'node:fs/promises';
import { filter, map, merge, Observable } from 'rxjs';
import { untilAborted } from '../../sdk/abort.ts';
import type { Clock } from '../../sdk/clock.ts';
import type { StoredGroup } from '../../sdk/group/store/store.ts';

/** Modification time of a group's folder, which changes with each owner. */
export type Stamp = number | undefined;

const LOOK_EVERY_MS = 500;
const READ_EVERY_MS = 1_000;

export async function stampOf(dir: string | undefined): Promise<Stamp> {
  if (dir === undefined) return undefined;
  try {
    return (await stat(dir)).mtimeMs;
  } catch {
    return Number.NaN; // the folder is gone: NaN differs from every stamp
  }
}

/**
 * Resolves when something may have changed in a group that is not running, or whose owner has no control socket.
 *
 * @param options.moved ids of groups that this process took over or released.
 * @param options.restMs minimum wait if only the journal can show changes.
 * @throws the signal's reason.
 */
export async function changed(
  { group, dir, owner }: StoredGroup,
  since: Stamp,
  options: {
    readonly clock: Clock;
    readonly moved: Observable<string>;
    readonly signal: AbortSignal;
    readonly restMs: number;
  },
): Promise<void> {
  const { clock, moved, signal, restMs } = options;
  const mine = moved.pipe(filter(id => id === group.id));
  for (let waited = 0; ; ) {
    const woken = await pause(LOOK_EVERY_MS, clock, mine, signal);
    waited += LOOK_EVERY_MS;
    if (woken) return;
    const now = await stampOf(dir);
    if (now !== since || (now === undefined && waited >= READ_EVERY_MS)) return;
    // Neither a growing journal nor a killed owner changes the folder's modification time.
    if (owner?.alive === true && waited >= Math.max(READ_EVERY_MS, restMs)) return;
  }
}

/** True if `wake` ended the pause early. */
function pause(ms: number, clock: Clock, wake: Observable<unknown>, signal: AbortSignal): Promise<boolean> {
  const end = new Observable<boolean>(subscriber => {
    const timer = clock.setTimeout(() => subscriber.next(false), ms);
    return () => clock.clearTimeout(timer);
  });
  return untilAborted(merge(end, wake.pipe(map(() => true))), signal);
}
