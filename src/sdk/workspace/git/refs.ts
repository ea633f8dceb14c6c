import { WorkspaceError } from '../error.ts';
import { shortName } from '../names.ts';
import type { ObjectId } from '../orders.ts';
import { line } from './output.ts';
import type { Repository } from './repository.ts';

/** What a ref stands at. null: there is none. @throws workspace_moved for one that stands for another ref. */
export async function refAt(repository: Repository, ref: string): Promise<ObjectId | null> {
  const { stdout } = await repository.git('for-each-ref', '--format=%(objectname) %(refname) %(symref)', ref);
  const row = line(stdout)
    .split('\n')
    .find(text => text.split(' ')[1] === ref);
  const [id, , target] = row?.split(' ') ?? [];
  if (target) throw moved(ref, `it stands for ${target} now`);
  return id ?? null;
}

/**
 * Moves a ref by compare-and-swap; that it is there already is fine. `to` null deletes it.
 * @throws workspace_moved if it stands elsewhere.
 */
export async function moveRef(
  repository: Repository,
  ref: string,
  { from, to, why }: { readonly from: ObjectId | null; readonly to: ObjectId | null; readonly why: string },
): Promise<void> {
  const check = async (): Promise<boolean> => {
    const now = await refAt(repository, ref);
    if (now === to) return true;
    if (now !== from)
      throw moved(
        ref,
        now === null ? 'it was deleted' : `it stands at ${now} now, not at ${from ?? 'nothing'}`,
      );
    return false;
  };
  if (await check()) return;
  const old = from ?? '0'.repeat((to ?? '').length);
  const change = to === null ? ['-d', ref, old] : [ref, to, old];
  try {
    await repository.git('update-ref', '--no-deref', '-m', `session-groups: ${why}`, ...change);
  } catch (error) {
    if (!(await check())) throw error;
  }
}

const moved = (ref: string, how: string): WorkspaceError =>
  new WorkspaceError('workspace_moved', `${shortName(ref)} was moved by another: ${how}`, {
    hint: 'Nothing was overwritten. Move it back, or keep what it has under another name, then resume.',
  });

/** The commit that the user names, by whatever git takes as a name; a branch may be another machine's. null: there is none. */
export async function resolveCommit({ call, gitDir }: Repository, name: string): Promise<ObjectId | null> {
  for (const place of [name, `refs/remotes/origin/${name}`]) {
    const args = [`--git-dir=${gitDir}`, 'rev-parse', '--quiet', '--verify', '--end-of-options'];
    const found = await call({ args: [...args, `${place}^{commit}`], codes: [0, 1, 128] });
    if (found.code === 0) return line(found.stdout);
  }
  return null;
}

/** Full refs below a prefix that ends with `/`, with what they stand at. */
export async function refsBelow(
  repository: Repository,
  prefix: string,
): Promise<ReadonlyMap<string, ObjectId>> {
  const { stdout } = await repository.git('for-each-ref', '--format=%(refname) %(objectname)', prefix);
  return new Map(
    line(stdout)
      .split('\n')
      .flatMap(row => {
        const [ref, id] = row.split(' ');
        return ref !== undefined && id !== undefined ? [[ref, id] as const] : [];
      }),
  );
}

/** Full refs below some prefixes that have a commit in their history. */
export async function refsWith(
  repository: Repository,
  commit: ObjectId,
  prefixes: readonly string[],
): Promise<string[]> {
  const { stdout } = await repository.git(
    'for-each-ref',
    `--contains=${commit}`,
    '--format=%(refname)',
    ...prefixes,
  );
  return line(stdout).split('\n').filter(Boolean);
}

/** Whether one commit is in the history of another. */
export async function contains(
  repository: Repository,
  commit: ObjectId,
  ancestor: ObjectId,
): Promise<boolean> {
  if (commit === ancestor) return true;
  const { code } = await repository.call({
    args: ['merge-base', '--is-ancestor', ancestor, commit],
    codes: [0, 1],
  });
  return code === 0;
}
