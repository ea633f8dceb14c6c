import type { FileChange, RepositoryView, Site } from '../../../src/sdk/workspace/port.ts';
import type { Files, SimulatedRepository } from './objects.ts';

export function statusOf(path: string, before: Files, after: Files): FileChange['status'] {
  if (!before.has(path)) return 'added';
  return after.has(path) ? 'modified' : 'deleted';
}

/** An ordinary repository, whatever is in it. */
export const viewOf = ({ project }: Site, { refs }: SimulatedRepository): RepositoryView => ({
  ...{ id: project, inner: '', format: 'sha1', branch: 'refs/heads/main' },
  head: refs.get('refs/heads/main') ?? null,
  ...{ bare: false, shallow: false, partial: false, sparse: false, submodules: false },
});
