import { type GroupStatus, isSettledGroup } from '../../../../machines/vocabulary.ts';
import { type Clock, isoTime } from '../../clock.ts';
import { RefusedError } from '../../errors.ts';
import { endOrphans } from '../../process/orphans.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { GroupStore, TakeOptions } from '../store/store.ts';
import { kept } from './shielded-parts.ts';

/** @throws RefusedError `not_in_this_state` unless it is settled or hasn't started. */
export function checkArchivable(id: string, status: GroupStatus): void {
  if (status === 'created' || isSettledGroup(status)) return;
  throw new RefusedError('not_in_this_state', `${id} cannot be archived: it can still be resumed`, {
    hint: `Stop it first: session-groups group stop ${id}`,
  });
}

export const stillLive = (id: string, wanted: string): RefusedError =>
  new RefusedError('group_live', `${id} cannot be ${wanted} while it is live`, { hint: 'Stop it first.' });

/**
 * Archives a group: hides it from lists until it runs again. Does nothing if it is already archived.
 * @throws RefusedError `not_in_this_state` unless it is settled or hasn't started; GroupOwnedError.
 */
export async function archiveGroup(
  word: string,
  store: GroupStore,
  clock: Clock,
  options?: TakeOptions,
): Promise<void> {
  const owned = await store.take(word, options);
  try {
    const { id } = owned.group;
    const { meta } = await store.read(id);
    if (meta.archivedAt !== undefined) return;
    const { status, seq } = foldOf(owned);
    checkArchivable(id, status);
    const archivedAt = isoTime(clock);
    const event = { time: archivedAt, groupId: id };
    const created = { type: 'group_created', seq, ...event, name: meta.name } as const;
    kept('append()', () => {
      if (seq === 0) owned.journal.append(created); // whoever created it died before
      owned.journal.append({ type: 'group_archived', seq: Math.max(1, seq), ...event });
    });
    await owned.journal.synced();
    owned.saveMeta({ ...meta, status, updatedAt: archivedAt, archivedAt });
  } finally {
    await owned.release();
  }
}

/**
 * Deletes a group. What a dead engine left running is ended first, while the group is owned: once it is gone, nobody
 * else would.
 * @throws GroupOwnedError while another process runs it.
 */
export async function deleteGroup(
  id: string,
  store: GroupStore,
  clock: Clock,
  options?: TakeOptions,
): Promise<void> {
  let ended: Promise<unknown> | undefined;
  const end = (): Promise<unknown> => {
    ended ??= endOrphans(id, clock);
    return ended;
  };
  await store.remove(id, options, end);
  await end(); // a host's store may not know of it
}
