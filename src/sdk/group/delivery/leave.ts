import type { ReleaseOrder } from '../../workspace/orders.ts';
import type { UnmergedWork } from './delivered.ts';
import { inUse, unmergedIn } from './unmerged.ts';
import { canArchive, UnmergedWorkError } from './unmerged-work-error.ts';
import { byRepository, type Lookout, siteOf, type Work } from './works.ts';

/**
 * Takes trees away, for the owner of their group, once no process of the group is left.
 *
 * LEAVE-1 no tree is taken away while it has what is nowhere else; with `discard`, that is archived first.
 * LEAVE-2 what can't be archived, because it is in the tree only, keeps its tree, whatever is asked.
 * LEAVE-3 of a repository that git can't read, or whose project is not there, everything stays.
 * LEAVE-4 cut off anywhere and done again, it comes to the same end.
 */

export interface LeaveOptions extends Lookout {
  readonly groupId: string;
  /** Keeps what would be lost under `refs/session-groups/archive/`. */
  readonly discard: boolean;
  /** Epoch milliseconds. */
  readonly now: number;
}

export interface Leaving {
  readonly released: readonly Work[];
  /** What stays, and why. */
  readonly kept: readonly UnmergedWork[];
}

/**
 * Takes away the trees of sessions that have settled. Branches stay.
 * @param before called before each, with what is about to be done, which waits for it.
 */
export async function leaveTrees(
  works: readonly Work[],
  options: LeaveOptions,
  before: (work: Work, order: ReleaseOrder) => Promise<void>,
): Promise<Leaving> {
  const { workspaces, groupId } = options;
  const atRest = works.filter(({ isAtRest }) => isAtRest);
  const losses = await unmergedIn(groupId, atRest, { ...options, keptBy: 'group' });
  const kept = works.filter(({ isAtRest }) => !isAtRest).map(inUse);
  const released: Work[] = [];
  for (const work of atRest) {
    const site = await siteOf(groupId, work, options);
    const loss = losses.find(({ session }) => session === work.session.id);
    if (loss && !(options.discard && canArchive(loss))) {
      kept.push(loss);
      continue;
    }
    if (loss) await workspaces.archive(site, work.ready, seconds(options));
    const order = await workspaces.planRelease(site, work.ready);
    if (order === null) {
      kept.push({ ...inUse(work), problem: 'only its tree has part of it' });
      continue;
    }
    await before(work, order);
    await workspaces.release(site, work.ready, order);
    released.push(work);
  }
  if (released.length > 0) await workspaces.emptyTrash();
  return { released, kept };
}

/**
 * Takes away everything of a group: trees and branches. All or nothing: it begins once nothing can be lost.
 * @throws UnmergedWorkError
 */
export async function leaveRepositories(works: readonly Work[], options: LeaveOptions): Promise<void> {
  const { workspaces, groupId, discard } = options;
  const losses = await unmergedIn(groupId, works, { ...options, keptBy: 'users' });
  const unreadable = new Set<Work>();
  const inTheWay: UnmergedWork[] = [];
  for (const loss of losses) {
    const work = works.find(({ session }) => session.id === loss.session);
    if (discard && work && loss.problem !== undefined && !(await canLook(work, options)))
      unreadable.add(work);
    else if (!discard || !canArchive(loss)) inTheWay.push(loss);
  }
  if (inTheWay.length > 0) throw new UnmergedWorkError(groupId, inTheWay);
  const readable = works.filter(work => !unreadable.has(work));
  // Where a tree stays, so do the refs: what it has may be in none but those.
  const staying = [...unreadable].map(repositoryOf);
  for (const work of readable) {
    if (losses.some(({ session }) => session === work.session.id))
      await workspaces.archive(await siteOf(groupId, work, options), work.ready, seconds(options));
  }
  for (const work of readable) {
    const site = await siteOf(groupId, work, options);
    const order = await workspaces.planRelease(site, work.ready);
    if (order) await workspaces.release(site, work.ready, order);
    else staying.push(repositoryOf(work));
  }
  for (const [repository, [work]] of byRepository(readable))
    if (!staying.includes(repository))
      await workspaces.removeRefs(await siteOf(groupId, work, options), groupId);
  if (readable.length > 0) await workspaces.emptyTrash();
}

/** Whether its repository is there, and git reads it. */
async function canLook(work: Work, options: LeaveOptions): Promise<boolean> {
  try {
    await options.workspaces.look(await siteOf(options.groupId, work, options));
    return true;
  } catch {
    options.signal.throwIfAborted();
    return false;
  }
}

const repositoryOf = ({ ready }: Work): string => ready.order.repository;

const seconds = ({ now }: LeaveOptions): number => Math.floor(now / 1_000);
