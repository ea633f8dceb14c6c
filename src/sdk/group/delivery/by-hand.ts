import { isSettledGroup } from '../../../../machines/vocabulary.ts';
import type { Clock } from '../../clock.ts';
import { given } from '../../given.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import { integrateOf } from '../config/resolve-session.ts';
import { changedBranch, hasMergedChange } from '../standing/deliverable.ts';
import type { ListedMeta } from '../standing/kept-status.ts';
import { foldOf } from '../standing/saved-group.ts';
import type { GroupStore, StoredGroup } from '../store/store.ts';
import { byRepository, type Lookout, siteOf, type Work, worksOf } from './works.ts';

/**
 * What of a group's work is in the user's branch without a delivery: merged with git, by hand.
 *
 * BY-HAND-1 whatever git does not show to be there still waits: also where git can't be asked, and what is beyond a bound.
 */

/** What the branch has that a delivery would go into: the definition's, else the one that the project is on. */
export interface ByHand {
  /** All that the group merged. */
  readonly merged: boolean;
  /** Sessions whose own branches have been merged there, of those that the group did not merge. */
  readonly sessions: readonly string[];
}

/** Of one repository, so many commits are looked at. */
const MOST_COMMITS = 20;

/** Asks git only about a settled group with changes that wait. Rejects only with the reason of a signal. */
export async function deliveredByHand(stored: StoredGroup, lookout: Lookout): Promise<ByHand> {
  const { group } = stored;
  const fold = foldOf(stored);
  const { into } = integrateOf(group.definition.config);
  const works = isSettledGroup(fold.status) ? worksOf(group, fold) : [];
  const merged: boolean[] = [];
  const sessions: string[] = [];
  for (const all of byRepository(works).values()) {
    const ofGroup = all.filter(({ tree }) => hasMergedChange(tree));
    const own = all.filter(({ tree }) => !tree.isIntegrated && changedBranch(tree) !== undefined);
    let found = NOTHING;
    try {
      if (ofGroup.length + own.length > 0) found = await foundIn(group.id, { ofGroup, own, into }, lookout);
    } catch {
      lookout.signal.throwIfAborted();
    }
    if (ofGroup.length > 0) merged.push(found.merged);
    sessions.push(...found.sessions);
  }
  return { merged: merged.length > 0 && merged.every(Boolean), sessions };
}

const NOTHING: ByHand = { merged: false, sessions: [] };

async function foundIn(
  group: string,
  works: {
    /** Of one repository: what its group has merged, and what nobody has. */
    readonly ofGroup: readonly Work[];
    readonly own: readonly Work[];
    readonly into: string | undefined;
  },
  lookout: Lookout,
): Promise<ByHand> {
  const { ofGroup, own, into } = works;
  const { workspaces } = lookout;
  const [work] = [...ofGroup, ...own];
  if (work === undefined || work.session.project) return NOTHING; // a clone of ours: nobody merges there
  const site = await siteOf(group, work, lookout);
  const tips = await workspaces.tips(site, { group, session: work.session.id });
  // Who has merged the branch may have removed it.
  const merged =
    tips.merged === null ? ofGroup.map(({ tree }) => (tree.merge ?? tree.result)?.commit) : [tips.merged];
  const wanted = ofGroup.length === 0 ? [] : merged;
  const commits = [...wanted, ...own.map(({ tree }) => tree.result?.commit)].filter(id => id !== undefined);
  const asked = { commits: [...new Set(commits)].slice(0, MOST_COMMITS), ...given({ into }) };
  const found = new Set<string | undefined>(await workspaces.delivered?.(site, asked));
  const there = own.filter(({ tree }) => found.has(tree.result?.commit));
  return {
    merged: wanted.every(commit => found.has(commit)),
    sessions: there.map(({ session }) => session.id),
  };
}

/** Of a list, so many of the groups that wait are looked at, the newest. */
const MOST_GROUPS = 20;
/** How long an answer is kept, on the monotonic clock. */
const KEPT_MS = 5_000;

/** Takes `toDeliver` from what lists know of groups whose work has been merged by hand. The newest come first. */
export type DeliveryLook = <Meta extends ListedMeta>(metas: readonly Meta[]) => Promise<readonly Meta[]>;

/** @param workspaces only asked for if a group waits. */
export function deliveryLook(
  store: GroupStore,
  clock: Clock,
  workspaces: () => WorkspacePort | Promise<WorkspacePort>,
): DeliveryLook {
  /** By the group and what it was when it was looked at. */
  const kept = new Map<string, { readonly until: number; readonly isThere: boolean }>();
  const look = async (id: string): Promise<boolean> => {
    try {
      const lookout = { workspaces: await workspaces(), signal: new AbortController().signal };
      return (await deliveredByHand(await store.read(id), lookout)).merged;
    } catch {
      return false; // it is gone, or can't be read: whoever opens it learns why
    }
  };
  return async metas => {
    const now = clock.monotonic();
    for (const [key, { until }] of kept) if (until <= now) kept.delete(key);
    const waiting = metas.filter(({ toDeliver, archivedAt }) => toDeliver && archivedAt === undefined);
    const there = new Set<string>();
    for (const { id, updatedAt } of waiting.slice(0, MOST_GROUPS)) {
      const key = `${id} ${updatedAt}`;
      const known = kept.get(key) ?? { until: now + KEPT_MS, isThere: await look(id) };
      kept.set(key, known);
      const { isThere } = known;
      if (isThere) there.add(id);
    }
    return metas.map(meta => (there.has(meta.id) ? without(meta) : meta));
  };
}

function without<Meta extends ListedMeta>(meta: Meta): Meta {
  const { toDeliver: _waits, ...rest } = meta;
  return rest as Meta;
}
