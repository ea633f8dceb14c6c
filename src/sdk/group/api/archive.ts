import { type GroupStatus, isSettledGroup } from '../../../../machines/vocabulary.ts';
import { afterAwake, type Clock, isoTime } from '../../clock.ts';
import { RefusedError } from '../../errors.ts';
import { given } from '../../given.ts';
import { endOrphans } from '../../process/orphans.ts';
import { shortName } from '../../workspace/names.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import type { ForgottenSession } from '../attempt/executor/executor.ts';
import type { RepositoryUndo, UnmergedWork } from '../delivery/delivered.ts';
import { leaveRepositories, leaveTrees } from '../delivery/leave.ts';
import * as undo from '../delivery/undo.ts';
import { worksOf } from '../delivery/works.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { JournalRecord } from '../journal/records.ts';
import { remoteAttempt } from '../journal/session/remote-fold.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { GroupStore, TakeOptions } from '../store/store.ts';
import type { SessionGroup } from '../types.ts';
import { atRest } from './at-rest.ts';
import { keptLater } from './shielded-parts.ts';
import { releaseInTime } from './shielded-store.ts';
import { chosenExecutor, type ExecutorOptions } from './take-over.ts';

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
    const append = (record: JournalRecord) => keptLater(clock, () => owned.journal.append(record));
    if (seq === 0) await append(created); // whoever created it died before
    await append({ type: 'group_archived', seq: Math.max(1, seq), ...event });
    await keptLater(clock, () => owned.journal.synced());
    await keptLater(clock, () => owned.saveMeta({ ...meta, status, updatedAt: archivedAt, archivedAt }));
  } finally {
    await releaseInTime(owned, clock);
  }
}

/** How `delete` and `clean` of a GroupManager take a group's trees away. */
export interface LeaveOptions extends TakeOptions {
  /** Keeps work that would be lost under `refs/session-groups/archive/`, instead of refusing. Default: false. */
  readonly discard?: boolean;
}

/** What `clean` of a GroupManager did. */
export interface CleanOutcome {
  /** Sessions whose trees were taken away. */
  readonly released: readonly string[];
  /** Trees that stay, and why: they have what is nowhere else, or their session goes on. */
  readonly kept: readonly UnmergedWork[];
}

/**
 * Takes away the trees of sessions that have settled, if what they did is merged; branches stay.
 * @throws RefusedError `not_in_this_state` for a group that was interrupted; GroupOwnedError.
 */
export function cleanGroup(
  word: string,
  store: GroupStore,
  clock: Clock,
  { workspaces, discard = false, ...how }: LeaveOptions & Places,
): Promise<CleanOutcome> {
  return atRest(word, { store, clock, ...how }, 'cleaned', async ({ group, fold, append, tell }) => {
    const { id } = group;
    const works = worksOf(group, fold).filter(({ tree }) => !tree.isReleased);
    if (works.length === 0) return { released: [], kept: [] };
    const options = {
      ...{ workspaces: workspaces(), groupId: id, discard },
      ...{ signal: new AbortController().signal, now: clock.now() },
    };
    const left = await leaveTrees(works, options, async ({ session, tree, ready }, order) => {
      const { id: sessionId } = session;
      await append({ type: '_releasing', sessionId, order });
      await tell({ type: 'workspace_removed', sessionId, path: tree.cwd ?? ready.order.folder });
    });
    return { released: left.released.map(({ session }) => session.id), kept: left.kept };
  });
}

/**
 * Takes back a delivery that stopped part-way: the branches that it has moved go back to where they were, all or none.
 * @returns of each repository, which refs went back.
 * @throws RefusedError `workspace_moved` if one can't; `not_in_this_state` if there is nothing to take back, or the group
 * was interrupted; GroupOwnedError.
 */
export function undoDelivery(
  word: string,
  store: GroupStore,
  clock: Clock,
  { workspaces, ...how }: TakeOptions & Places,
): Promise<readonly RepositoryUndo[]> {
  return atRest(
    word,
    { store, clock, ...how },
    'taken back',
    async ({ group, fold, append, tell, synced }) => {
      const { id } = group;
      const lookout = { workspaces: workspaces(), signal: new AbortController().signal };
      const plans = await undo.planUndo(id, worksOf(group, fold), fold, lookout);
      const begun = new Map(Object.entries(fold.undoing));
      const shown = plans.map(plan => plan.shown);
      const refused = undo.undoRefusal(id, fold, shown);
      if (refused) throw refused;
      await undo.undoDelivery(id, plans, lookout, async (repository, order) => {
        begun.set(repository, order);
        await append({ type: '_undoing', repository, order });
        await synced();
      });
      const back = [...begun].map(([repository, { into, from, to }]) => ({
        ...{ repository, into: shortName(into), from, to },
      }));
      await tell({ type: 'delivery_undone', repositories: back });
      return shown;
    },
  );
}

interface Places {
  /** Called only if a session has a tree. */
  readonly workspaces: () => WorkspacePort;
}

/**
 * Deletes a group, its trees and its branches. What a dead engine left running is ended first, while the group is owned:
 * once it is gone, nobody else would. Of a damaged group, trees and branches stay.
 * @throws GroupOwnedError while another process runs it; UnmergedWorkError.
 */
export async function deleteGroup(
  id: string,
  store: GroupStore,
  clock: Clock,
  { workspaces, discard = false, executor, executors, ...how }: LeaveOptions & Places & ExecutorOptions,
): Promise<void> {
  const leave = async (): Promise<void> => {
    await endOrphans(id, clock);
    const stored = await store.read(id).catch(() => undefined);
    if (!stored) return;
    const fold = foldOf(stored);
    await leaveElsewhere(stored.group, fold, clock, { ...how, ...given({ executor, executors }) });
    const works = worksOf(stored.group, fold);
    if (works.length === 0) return;
    await leaveRepositories(works, {
      ...{ workspaces: workspaces(), groupId: id, discard, now: clock.now() },
      signal: new AbortController().signal,
    });
  };
  let left: Promise<void> | undefined;
  const once = (): Promise<void> => {
    left ??= leave();
    return left;
  };
  await store.remove(id, how, once);
  await once(); // a host's store may not know of it
}

/** For what may be away; what is not reached is deleted there by itself, once nobody has used it for long. */
const LONGEST_MS = 10_000;

/**
 * Ends and deletes what is left of a group that is deleted where its sessions were carried out.
 * @throws if attempts may live on there that can't be reached: SessionGroupsError `executor_required`, or what `executors` throws.
 */
async function leaveElsewhere(
  group: SessionGroup,
  fold: GroupFold,
  clock: Clock,
  options: ExecutorOptions,
): Promise<void> {
  const sessions = [...fold.sessions].map(([sessionId, session]): ForgottenSession => {
    const { attempts, tree } = session;
    const live = remoteAttempt(session);
    if (!live) return { sessionId, attempts };
    const { heard, counted, worker, at } = live;
    return {
      sessionId,
      attempts,
      live: { sessionId, attempt: attempts, after: Math.min(heard, counted), worker, at: tree?.at ?? at },
    };
  });
  const isLive = sessions.some(({ live }) => live);
  try {
    const executor = (await chosenExecutor(group, fold, options))?.({
      id: group.id,
      written: () => undefined,
    });
    if (!executor) return;
    const forgotten = executor.forget?.(sessions);
    await inTime(forgotten, clock).finally(() => executor.close());
  } catch (error) {
    if (isLive && !options.takeOver) throw error;
  }
}

async function inTime(work: Promise<void> | undefined, clock: Clock): Promise<void> {
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    const giveUp = () => reject(new Error('the executor has not deleted its part of the group in time'));
    cancel = afterAwake(clock, giveUp, LONGEST_MS);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    cancel();
  }
}
