import { existsSync } from 'node:fs';
import { endedBadly } from '../../../../machines/vocabulary.ts';
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

/** So many trees are looked at, the first. */
const MOST_UNSAVED = 20;

/**
 * The sessions that failed or were stopped and whose trees have files that are in no commit. What git can't tell is left
 * out. Rejects only with the reason of the signal.
 */
export async function unsavedIn(
  groupId: string,
  works: readonly Work[],
  { workspaces, signal }: Lookout,
): Promise<string[]> {
  const here = works.filter(
    ({ status, tree }) =>
      endedBadly(status) && tree.at === undefined && tree.cwd !== undefined && existsSync(tree.cwd),
  );
  const found: string[] = [];
  for (const work of here.slice(0, MOST_UNSAVED)) {
    try {
      const site = await siteOf(groupId, work, { workspaces, signal });
      const { dirty } = await workspaces.standing(site, work.ready);
      if (dirty.length > 0) found.push(work.session.id);
    } catch {
      signal.throwIfAborted();
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
