import { isLiveGroup } from '../../../../machines/vocabulary.ts';
import { RefusedError, textOfThrown } from '../../errors.ts';
import { counted } from '../../format.ts';
import { shortName } from '../../workspace/names.ts';
import type { BranchOrder, DeliveryOrder } from '../../workspace/orders.ts';
import type { Site, UndoPlan } from '../../workspace/port.ts';
import { shownProject } from '../config/resolve-session.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { RepositoryUndo } from './delivered.ts';
import { byRepository, type Lookout, siteOf, type Work } from './works.ts';

/**
 * Takes back what a delivery has moved that stopped part-way, for the owner of its group.
 *
 * UNDO-1 no branch moves before every repository has been looked at, and each can be taken back.
 * UNDO-2 a branch goes back only from where the delivery has put it, with the files of the tree that it is checked out in;
 *    what the user has changed since stays.
 * UNDO-3 each move is told (`before`) before its effect. Cut off anywhere and done again, it comes to the same end; a
 *    resume instead delivers again.
 */

/** A repository of a delivery that has not come to its end, and how it can be taken back there. */
export interface Planned {
  readonly shown: RepositoryUndo;
  /** Set if it can. */
  readonly ready?: { readonly site: Site; readonly order: BranchOrder };
}

/** How a delivery can be taken back, repository by repository; none: no delivery has stopped part-way. Moves nothing. */
export async function planUndo(
  groupId: string,
  works: readonly Work[],
  { deliveries }: Pick<GroupFold, 'deliveries'>,
  { workspaces, signal }: Lookout,
): Promise<readonly Planned[]> {
  const found: Planned[] = [];
  for (const [repository, [work]] of byRepository(works)) {
    const delivery = deliveries[repository];
    if (delivery === undefined) continue;
    const known = { repository, project: shownProject(work.session), into: shortName(delivery.into) };
    try {
      const site = await siteOf(groupId, work, { workspaces, signal });
      found.push(planned(known, site, delivery, await workspaces.planUndo(site, delivery)));
    } catch (reason) {
      signal.throwIfAborted();
      const undo = { undo: 'unreadable', moves: [], reason: textOfThrown(reason), files: [] } as const;
      found.push({ shown: { ...known, ...undo } });
    }
  }
  return found;
}

function planned(
  known: Pick<RepositoryUndo, 'repository' | 'project' | 'into'>,
  site: Site,
  { into, from, to }: DeliveryOrder,
  plan: UndoPlan,
): Planned {
  switch (plan.kind) {
    case 'done':
      return { shown: { ...known, undo: 'done', moves: [], files: [] } };
    case 'ready': {
      const moves = [{ ref: into, from: to, to: from }];
      return { shown: { ...known, undo: 'ready', moves, files: [] }, ready: { site, order: plan.order } };
    }
    case 'refused': {
      const { reason, files } = plan;
      return { shown: { ...known, undo: 'refused', moves: [], reason, files } };
    }
  }
}

/** What is refused before any branch is looked at more closely; undefined: nothing. */
export function undoRefusal(
  groupId: string,
  { status, undoing }: Pick<GroupFold, 'status' | 'undoing'>,
  found: readonly RepositoryUndo[],
): RefusedError | undefined {
  if (isLiveGroup(status)) {
    return new RefusedError('not_in_this_state', `${groupId} cannot be taken back while it is ${status}`);
  }
  if (Object.keys(undoing).length > 0 || found.some(({ undo }) => undo !== 'done')) return undefined;
  return new RefusedError('not_in_this_state', `${groupId} has no delivery that stopped part-way`, {
    hint: 'Only what such a delivery has moved can be taken back. To undo another, revert it with git.',
  });
}

/**
 * Takes it back.
 * @param before called before each move, with what is about to be done.
 * @throws RefusedError `workspace_moved` if it can't be in one of the repositories: then nothing has moved. WorkspaceError
 * for what came in between; asked again, it goes on.
 */
export async function undoDelivery(
  groupId: string,
  plans: readonly Planned[],
  { workspaces }: Pick<Lookout, 'workspaces'>,
  before: (repository: string, order: BranchOrder) => Promise<void>,
): Promise<void> {
  const inTheWay = plans.flatMap(({ shown: { undo, project, reason = '', files } }) => {
    if (undo !== 'refused' && undo !== 'unreadable') return [];
    const more =
      files.length > 0 ? ` (${counted(files.length, 'file')}: ${files.slice(0, 3).join(', ')})` : '';
    return [`${project}: ${reason}${more}`];
  });
  if (inTheWay.length > 0) {
    throw new RefusedError('workspace_moved', `${groupId} is not taken back: ${inTheWay.join('; ')}`, {
      hint: `Nothing was moved. See what is in the way: session-groups group integrate ${groupId} --undo --dry-run`,
    });
  }
  for (const { ready, shown } of plans) {
    if (ready === undefined) continue;
    await before(shown.repository, ready.order);
    await workspaces.deliver(ready.site, ready.order);
  }
}
