import { type Clock, systemClock } from '../../clock.ts';
import type { ThrownCode } from '../../error-codes.ts';
import { RefusedError, SessionGroupsError } from '../../errors.ts';
import { endOrphans } from '../../process/orphans.ts';
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
 * Only its executor can end or go on with attempts that are carried out elsewhere. One that is taken over by force goes on
 * without them.
 *
 * @throws SessionGroupsError `executor_required`; then it is released.
 */
export async function requireExecutor(
  owned: OwnedGroup,
  { executor, takeOver: force = false, clock = systemClock }: TakeOverOptions & SessionGroupOptions,
): Promise<OwnedGroup> {
  if (executor || force) return owned;
  const left = [...foldOf(owned).sessions].filter(([, session]) => remoteAttempt(session));
  if (left.length === 0) return owned;
  await releaseInTime(owned, shieldedClock(clock)).catch(() => {});
  const ids = left.map(([id]) => id).slice(0, 3);
  const message = `${owned.group.id} has sessions at work elsewhere: ${ids.join(', ')}${left.length > 3 ? ' and others' : ''}`;
  const hint = 'Open it with the executor that it was run with.';
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
