import { ARCHIVE, checkpointRef, mergedBranch } from '../../../src/sdk/workspace/names.ts';
import type { ObjectId, ReadyWorkspace } from '../../../src/sdk/workspace/orders.ts';
import type { FileChange, RepositoryView, Site } from '../../../src/sdk/workspace/port.ts';
import type { Standing, StandingWish } from '../../../src/sdk/workspace/standing.ts';
import { differing, type Files, isSame, type SimulatedRepository } from './objects.ts';

export function changeOf(path: string, before: Files, after: Files): FileChange {
  const [old, now] = [before, after].map(files =>
    (files.get(path) ?? '').split('\n').filter(line => line !== ''),
  );
  const status = before.has(path) ? (after.has(path) ? 'modified' : 'deleted') : 'added';
  return { path, status, added: missingIn(old ?? [], now ?? []), deleted: missingIn(now ?? [], old ?? []) };
}

/** How many lines are not in the others: what a diff counts, unless lines have moved. */
const missingIn = (others: readonly string[], lines: readonly string[]): number =>
  lines.filter(line => !others.includes(line)).length;

/** An ordinary repository, whatever is in it. */
export const viewOf = ({ project }: Site, { refs }: SimulatedRepository): RepositoryView => ({
  ...{ id: project, inner: '', format: 'sha1', branch: 'refs/heads/main' },
  head: refs.get('refs/heads/main') ?? null,
  ...{ bare: false, shallow: false, partial: false, sparse: false, submodules: false, identity: true },
});

/** @param of.files of the tree, without what was brought along; undefined: it has gone. */
export function standing(
  repository: SimulatedRepository,
  { order, commit: start }: ReadyWorkspace,
  { files, keptBy = 'group', result = start }: StandingWish & { readonly files: Files | undefined },
): Standing {
  const { refs } = repository;
  const keeps = (ref: string): boolean =>
    !ref.includes('/session-groups/') ||
    ref.startsWith(`${ARCHIVE}/`) ||
    (keptBy === 'group' && ref === mergedBranch(order.group));
  const isKept = (commit: ObjectId): boolean =>
    [...refs].some(([ref, at]) => keeps(ref) && repository.contains(at, commit));
  const tip = refs.get(order.branch);
  const unmerged = [tip ?? start, result].find(commit => commit !== start && !isKept(commit)) ?? null;
  const saved = refs.get(checkpointRef(order.group, order.session));
  if (files === undefined && (saved === undefined || isKept(saved))) return { dirty: [], unmerged, only: [] };
  const now = files ?? repository.at(saved ?? start).files;
  const commits = [tip ?? start, ...(files ? [] : repository.history(tip ?? start))];
  const isCommitted = commits.some(commit => isSame(repository.at(commit).files, now));
  return {
    dirty: isCommitted ? [] : differing(now, repository.at(tip ?? start).files),
    unmerged,
    only: [],
  };
}
