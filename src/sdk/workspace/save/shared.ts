import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileFingerprint } from '../../project/file-fingerprint.ts';
import { refsBelow } from '../git/refs.ts';
import type { Repository } from '../git/repository.ts';
import type { SharedState } from '../port.ts';
import { statOf } from '../tree/files.ts';

/** Files of a repository that all of its trees share, besides hooks. */
const FILES = ['config', 'config.worktree', 'info/attributes', 'info/exclude', 'info/sparse-checkout'];

/** A session in a tree can write all of this, although it is the user's. */
export async function sharedState(repository: Repository): Promise<SharedState> {
  const { common } = repository;
  const hooks = statOf(join(common, 'hooks'))?.isDirectory() ? readdirSync(join(common, 'hooks')) : [];
  const files: [string, string][] = [];
  for (const name of [...FILES, ...hooks.map(hook => `hooks/${hook}`)].sort()) {
    const mark = await fileFingerprint(join(common, name));
    if (mark !== 'gone') files.push([name, mark]);
  }
  const branches = [...(await refsBelow(repository, 'refs/heads/'))];
  const users = branches.filter(([ref]) => !ref.startsWith('refs/heads/session-groups/'));
  return { files: Object.fromEntries(files), branches: Object.fromEntries(users) };
}
