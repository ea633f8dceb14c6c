import { isSettled, type SessionStatus } from '../../../../machines/vocabulary.ts';
import type { ReadyWorkspace } from '../../workspace/orders.ts';
import type { Site, WorkspacePort } from '../../workspace/port.ts';
import { siteOfProject } from '../config/project-site.ts';
import { type ResolvedSession, resolveSession } from '../config/resolve-session.ts';
import type { GroupFold } from '../journal/fold.ts';
import type { TreeFold } from '../journal/session/tree-fold.ts';
import type { SessionGroup } from '../types.ts';

/** A session that has, or had, a tree of its own, as the journal describes it. */
export interface Work {
  readonly session: ResolvedSession;
  readonly status: SessionStatus;
  readonly tree: TreeFold;
  /** Of a tree that was not made to the end: what was ordered. */
  readonly ready: ReadyWorkspace;
  /** Its session has settled, so that no agent and no engine works in it. */
  readonly isAtRest: boolean;
}

/** In the order of the definition. */
export function worksOf({ definition }: SessionGroup, fold: GroupFold): Work[] {
  return definition.sessions.flatMap(given => {
    const { tree = {}, status = 'pending' } = fold.sessions.get(given.id) ?? {};
    const { order } = tree;
    if (!order) return [];
    const session = resolveSession(given, definition.config);
    const ready = tree.ready ?? { order, commit: order.base, included: [] };
    return [{ session, status, tree, ready, isAtRest: isSettled(status) }];
  });
}

/** What git needs of this machine to look at a group's trees. */
export interface Lookout {
  readonly workspaces: WorkspacePort;
  readonly signal: AbortSignal;
}

/** Where a session's repository is. Its processes are the group's, so that they are ended like orphans of an engine. */
export const siteOf = (groupId: string, { session }: Work, { workspaces, signal }: Lookout): Promise<Site> =>
  siteOfProject(session, workspaces, { processes: `${groupId}:_delivery:1`, signal });

/** The works by repository, in the order in which the repositories are first named. */
export function byRepository(works: readonly Work[]): ReadonlyMap<string, readonly [Work, ...Work[]]> {
  const found = new Map<string, [Work, ...Work[]]>();
  for (const work of works) {
    const { repository } = work.ready.order;
    const known = found.get(repository);
    if (known) known.push(work);
    else found.set(repository, [work]);
  }
  return found;
}

/** Included paths of all of them: they are in no diff. */
export const includedIn = (works: readonly Work[]): readonly string[] => [
  ...new Set(works.flatMap(({ ready }) => ready.included)),
];
