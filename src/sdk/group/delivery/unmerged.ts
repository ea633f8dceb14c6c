import { textOfThrown } from '../../errors.ts';
import type { KeptBy } from '../../workspace/standing.ts';
import { shownProject } from '../config/resolve-session.ts';
import type { UnmergedWork } from './delivered.ts';
import { type Lookout, siteOf, type Work } from './works.ts';

const MOST_FILES = 100;

/**
 * Which works would lose something with their trees.
 *
 * @param keptBy `group` if the group's branch stays; `users` if only branches of the user's do.
 */
export async function unmergedIn(
  groupId: string,
  works: readonly Work[],
  { workspaces, signal, keptBy }: Lookout & { readonly keptBy: KeptBy },
): Promise<UnmergedWork[]> {
  const found: UnmergedWork[] = [];
  for (const work of works) {
    const nothing = { session: work.session.id, project: shownProject(work.session), ...NOTHING };
    try {
      const site = await siteOf(groupId, work, { workspaces, signal });
      const { dirty, unmerged, only } = await workspaces.standing(site, work.ready, {
        keptBy,
        result: work.tree.result?.commit,
      });
      if (dirty.length + only.length === 0 && unmerged === null) continue;
      const shown = dirty.slice(0, MOST_FILES);
      found.push({
        ...nothing,
        dirty: shown,
        moreDirty: dirty.length - shown.length,
        commit: unmerged,
        only,
      });
    } catch (reason) {
      signal.throwIfAborted();
      found.push({ ...nothing, problem: textOfThrown(reason) });
    }
  }
  return found;
}

const NOTHING = { dirty: [], moreDirty: 0, commit: null, only: [] } as const;

/** A tree that stays because its session goes on. */
export const inUse = ({ session, status }: Work): UnmergedWork => ({
  ...{ session: session.id, project: shownProject(session), ...NOTHING },
  problem: `its session is ${status}`,
});
