import { textOfThrown } from '../../errors.ts';
import { given } from '../../given.ts';
import { mergedBranch, shortName } from '../../workspace/names.ts';
import type { DeliveryPlan } from '../../workspace/port.ts';
import { shownProject } from '../config/resolve-session.ts';
import type { RepositoryDelivery, SessionDelivery } from './delivered.ts';
import type { SessionLogs } from './session-log.ts';
import { byRepository, type Lookout, siteOf, type Work } from './works.ts';

export function sessionDelivery(
  work: Work,
  works: readonly Work[],
  changedFiles: (session: string) => readonly string[],
  logOf: SessionLogs,
): SessionDelivery {
  const { session, ready, tree } = work;
  const { id } = session;
  const { conflict, result, merge, checks } = tree;
  return {
    id,
    ...{ repository: ready.order.repository, mode: ready.order.mode, integrate: session.integrate.mode },
    ...{ branch: shortName(ready.order.branch), from: ready.commit },
    isMerged: tree.isIntegrated ?? false,
    isReleased: tree.isReleased ?? false,
    ...given({
      folder: tree.cwd,
      result: result?.commit,
      merge: merge?.commit,
      checks: checks === 'running' && work.isAtRest ? undefined : checks,
      setupLog: logOf(id, 'setup.log'),
      verifyLog: logOf(id, 'verify.log'),
      conflict: conflict && { files: conflict.files, with: partners(work, works, changedFiles) },
    }),
  };
}

/** Whose change it is that the session's conflicts with. */
function partners(
  { tree, ready, session }: Work,
  works: readonly Work[],
  changedFiles: (session: string) => readonly string[],
): string[] {
  const files = new Set(tree.conflict?.files);
  return works
    .filter(
      other =>
        other.session.id !== session.id &&
        other.ready.order.repository === ready.order.repository &&
        (other.tree.isIntegrated === true || other.tree.result?.commit === tree.conflict?.theirs) &&
        changedFiles(other.session.id).some(file => files.has(file)),
    )
    .map(other => other.session.id);
}

/** @param into short name of a branch of the user's; undefined: nothing is to go anywhere. */
export async function repositoryDeliveries(
  groupId: string,
  works: readonly Work[],
  { workspaces, signal, into, now }: Lookout & { readonly into: string | undefined; readonly now: number },
): Promise<RepositoryDelivery[]> {
  const found: RepositoryDelivery[] = [];
  for (const [repository, all] of byRepository(works)) {
    const [work] = all;
    const known = {
      ...{ repository, project: shownProject(work.session), base: work.ready.order.base },
      sessions: all.map(({ session }) => session.id),
      ...given({ into }),
    };
    try {
      const site = await siteOf(groupId, work, { workspaces, signal });
      const { merged } = await workspaces.tips(site, { group: groupId, session: work.session.id });
      const isWanted = merged !== null && into !== undefined;
      const time = Math.floor(now / 1_000);
      const plan = isWanted ? await workspaces.planDelivery(site, { group: groupId, into, time }) : undefined;
      found.push({ ...known, merged, ...(plan ? planned(groupId, plan, into ?? '') : NOWHERE) });
    } catch (reason) {
      signal.throwIfAborted();
      const delivery = 'unreadable' as const;
      found.push({ ...known, merged: null, ...NOWHERE, delivery, reason: textOfThrown(reason) });
    }
  }
  return found;
}

const NOWHERE = { delivery: 'none', moves: [], files: [] } as const;

function planned(
  groupId: string,
  plan: DeliveryPlan,
  into: string,
): Pick<RepositoryDelivery, 'delivery' | 'moves' | 'reason' | 'files'> {
  switch (plan.kind) {
    case 'done':
      return { ...NOWHERE, delivery: 'done' };
    case 'ready': {
      const { into: ref, from, to } = plan.order;
      return { ...NOWHERE, delivery: 'ready', moves: [{ ref, from, to }] };
    }
    case 'behind': {
      const { result, onto, commit } = plan.order;
      const moves = [
        { ref: mergedBranch(groupId), from: onto, to: commit },
        { ref: `refs/heads/${into}`, from: result, to: commit },
      ];
      return { ...NOWHERE, delivery: 'behind', moves };
    }
    case 'conflict': {
      const reason = `what was merged conflicts with ${into}`;
      return { ...NOWHERE, delivery: 'conflict', reason, files: plan.conflict.files };
    }
    case 'refused':
      return { ...NOWHERE, delivery: 'refused', reason: plan.reason, files: plan.files };
  }
}
