import type { FileChange, RepositoryView, Site } from '../../../src/sdk/workspace/port.ts';
import type { Files, SimulatedRepository } from './objects.ts';

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
