import { type Clock, systemClock } from '../../clock.ts';
import type { ThrownCode } from '../../error-codes.ts';
import { RefusedError, SessionGroupsError } from '../../errors.ts';
import { endOrphans } from '../../process/orphans.ts';
import type { ExecutorOf } from '../attempt/executor/executor.ts';
import { storeFailure } from '../journal/buffered-records.ts';
import type { GroupFold } from '../journal/fold.ts';
import { remoteAttempt } from '../journal/session/remote-fold.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { GroupStore, OwnedGroup, TakeOptions } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
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
  try {
    return await chosenExecutor(owned.group, foldOf(owned), options);
  } catch (error) {
    const { clock = systemClock } = options;
    await releaseInTime(owned, shieldedClock(clock)).catch(() => {});
    throw error;
  }
}

/** The same of a group that somebody else releases. */
export async function chosenExecutor(
  group: SessionGroup,
  fold: GroupFold,
  { executor, executors, takeOver: force = false }: ExecutorOptions,
): Promise<ExecutorOf | undefined> {
  if (executor) return executor;
  if (group.executor && executors) return executors(group.executor);
  if (!force) requireNoneElsewhere(group, fold);
  return undefined;
}

/** How the executor of a saved group is found. */
export type ExecutorOptions = TakeOptions & Pick<SessionGroupOptions, 'executor' | 'executors'>;

function requireNoneElsewhere({ id: groupId, executor: saved }: SessionGroup, fold: GroupFold): void {
  const left = [...fold.sessions].filter(([, session]) => remoteAttempt(session));
  if (left.length === 0) return;
  const ids = left.map(([id]) => id).slice(0, 3);
  const message = `${groupId} has sessions at work elsewhere: ${ids.join(', ')}${left.length > 3 ? ' and others' : ''}`;
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
