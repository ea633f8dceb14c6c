import { type Clock, systemClock } from '../../clock.ts';
import type { ThrownCode } from '../../error-codes.ts';
import { RefusedError, SessionGroupsError } from '../../errors.ts';
import { endOrphans } from '../../process/orphans.ts';
import type { ExecutorOf } from '../attempt/executor/executor.ts';
import { storeFailure } from '../journal/buffered-records.ts';
import { remoteAttempt } from '../journal/session/remote-fold.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { GroupStore, OwnedGroup, TakeOptions } from '../store/store.ts';
import type { SessionGroupOptions } from './options.ts';
import { shieldedClock } from './shielded-parts.ts';
import { releaseInTime, shieldedStore } from './shielded-store.ts';

/** How to open a saved group. */
export interface OpenOptions extends TakeOptions {
  /** Pause a group whose engine died while it ran, so that nothing starts before `resume`. Default: false. */
  readonly pauseInterrupted?: boolean;
}

export interface TakeOverOptions extends OpenOptions {
  readonly store: GroupStore;
  /** Default: the system clock. */
  readonly clock?: Clock;
}

/**
 * Becomes the owner of a saved group, and ends processes that a dead owner left running (I1).
 *
 * @throws GroupOwnedError; RefusedError `store_failed` if its folder isn't writable;
 * SessionGroupsError `unknown_group`.
 */
export async function takeOver(id: string, options: TakeOverOptions): Promise<OwnedGroup> {
  const { store, takeOver: force = false } = options;
  const clock = shieldedClock(options.clock ?? systemClock);
  let owned: OwnedGroup | undefined;
  try {
    owned = await shieldedStore(store, clock)
      .take(id, { takeOver: force })
      .catch(reason => {
        throw storeFailure(reason);
      });
    await endOrphans(owned.group.id, clock); // before anything is resumed
    return owned;
  } catch (error) {
    if (owned) await releaseInTime(owned, clock).catch(() => {});
    throw refused(error);
  }
}

/**
 * The executor of a saved group: the one that is given, or the one that it was saved with. Only that one can end or go on with
 * attempts that are carried out elsewhere; a group that is taken over by force goes on without them.
 *
 * @returns undefined: its sessions are carried out here.
 * @throws SessionGroupsError `executor_required`, and what `executors` throws; then it is released.
 */
export async function executorFor(
  owned: OwnedGroup,
  options: TakeOverOptions & SessionGroupOptions,
): Promise<ExecutorOf | undefined> {
  const { executor, executors, takeOver: force = false, clock = systemClock } = options;
  if (executor) return executor;
  try {
    const { executor: saved } = owned.group;
    if (saved && executors) return await executors(saved);
    if (!force) requireNoneElsewhere(owned);
    return undefined;
  } catch (error) {
    await releaseInTime(owned, shieldedClock(clock)).catch(() => {});
    throw error;
  }
}

function requireNoneElsewhere(owned: OwnedGroup): void {
  const left = [...foldOf(owned).sessions].filter(([, session]) => remoteAttempt(session));
  if (left.length === 0) return;
  const ids = left.map(([id]) => id).slice(0, 3);
  const message = `${owned.group.id} has sessions at work elsewhere: ${ids.join(', ')}${left.length > 3 ? ' and others' : ''}`;
  const { executor: saved } = owned.group;
  const hint = saved
    ? `Open it with an executor for the pool ${saved.pool} (${saved.kind}), as it was created.`
    : 'Open it with the executor that it was run with.';
  throw new SessionGroupsError('executor_required', message, { hint });
}

const UNWRITABLE: ReadonlySet<ThrownCode> = new Set<ThrownCode>([
  'disk_full',
  'store_read_only',
  'store_io',
  'journal_read_only',
  'journal_io',
]);

function refused(error: unknown): unknown {
  if (!(error instanceof SessionGroupsError) || !UNWRITABLE.has(error.code)) return error;
  const { message, hint } = error;
  return new RefusedError('store_failed', message, {
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}
