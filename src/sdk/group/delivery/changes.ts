import type { DiffRange } from '../../workspace/port.ts';
import { shownProject } from '../config/resolve-session.ts';
import type { Changes, Diff } from './delivered.ts';
import { byRepository, includedIn, type Lookout, siteOf, type Work } from './works.ts';

const MOST_FILES = 5_000;

/** A range, and the work in whose repository it is. */
export interface Span {
  readonly work: Work;
  readonly range: DiffRange;
}

/** What a session has done: up to its result, else up to its last checkpoint. undefined: nothing is saved yet. */
export async function spanOfSession(
  groupId: string,
  work: Work,
  { workspaces, signal }: Lookout,
): Promise<Span | undefined> {
  const { tree, ready, session } = work;
  const saved = async () => {
    const site = await siteOf(groupId, work, { workspaces, signal });
    return (await workspaces.tips(site, { group: groupId, session: session.id })).checkpoint;
  };
  const to = tree.ready && (tree.result?.commit ?? (await saved()));
  return to ? { work, range: { from: tree.from ?? ready.commit, to, without: ready.included } } : undefined;
}

/** What was merged in each repository, since the group began there. */
export async function spansOfGroup(
  groupId: string,
  works: readonly Work[],
  { workspaces, signal }: Lookout,
): Promise<Span[]> {
  const spans: Span[] = [];
  for (const [work, ...others] of byRepository(works).values()) {
    const of = { group: groupId, session: work.session.id };
    const { merged } = await workspaces.tips(await siteOf(groupId, work, { workspaces, signal }), of);
    if (merged === null) continue;
    const range = { from: work.ready.order.base, to: merged, without: includedIn([work, ...others]) };
    spans.push({ work, range });
  }
  return spans;
}

export async function changesOf(
  groupId: string,
  { work, range }: Span,
  { workspaces, signal }: Lookout,
): Promise<Changes> {
  const all = await workspaces.changes(await siteOf(groupId, work, { workspaces, signal }), range);
  const files = all.slice(0, MOST_FILES);
  return {
    ...endsOf(work, range),
    ...{ files, moreFiles: all.length - files.length },
    added: all.reduce((sum, { added }) => sum + added, 0),
    deleted: all.reduce((sum, { deleted }) => sum + deleted, 0),
  };
}

export async function diffOf(
  groupId: string,
  { work, range }: Span,
  { workspaces, signal }: Lookout,
): Promise<Diff> {
  return {
    ...endsOf(work, range),
    ...(await workspaces.diff(await siteOf(groupId, work, { workspaces, signal }), range)),
  };
}

const endsOf = ({ ready, session }: Work, { from, to }: DiffRange) => ({
  project: shownProject(session),
  repository: ready.order.repository,
  from,
  to,
});
