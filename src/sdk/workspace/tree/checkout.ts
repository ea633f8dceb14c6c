import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { WorkspaceError } from '../error.ts';
import { line } from '../git/output.ts';
import type { Room } from '../git/room.ts';
import type { ObjectId } from '../orders.ts';
import { removeAll, replaceByCopy, replaceText, statOf, textOf } from './files.ts';
import type { Tree } from './place.ts';
import { headOf } from './register.ts';

/** Writes the files of a commit into a tree that is not ready yet, whatever an earlier try has left there. */
export async function checkOut(tree: Tree, commit: ObjectId): Promise<void> {
  await checkComplete(tree.room, commit);
  unlock(tree);
  await tree.room.call({ args: ['read-tree', '--reset', '-u', commit] }, tree.agents);
}

/** @throws workspace_incomplete for a partial clone without all files of the commit */
async function checkComplete({ repository, call }: Room, commit: ObjectId): Promise<void> {
  if (!repository.facts.partial) return;
  const args = ['rev-list', '--objects', '--missing=print', '--no-object-names', `${commit}^{tree}`];
  const rows = line((await call({ args })).stdout).split('\n');
  const missing = rows.filter(row => row.startsWith('?')).length;
  if (missing === 0) return;
  throw new WorkspaceError(
    'workspace_incomplete',
    `the repository is a partial clone without ${missing} of the files`,
    {
      hint: 'Fetch them in the repository, or use the workspace `checkout`, which fetches by itself.',
    },
  );
}

/**
 * Removes locks of gits that have ended, in places of the tree's own only, and what an agent has put in its index's place:
 * git would write through a link.
 */
export function unlock({ admin, own, agents }: Tree): void {
  if (statOf(agents.index)?.isFile() === false) removeAll(agents.index);
  for (const path of [join(admin, 'index.lock'), join(admin, 'HEAD.lock'), `${own.index}.lock`])
    rmSync(path, { force: true });
}

/** What git keeps in a registration while a merge, a rebase and the like are under way. */
const UNDER_WAY = [
  ...[
    'MERGE_HEAD',
    'MERGE_MSG',
    'MERGE_MODE',
    'MERGE_RR',
    'AUTO_MERGE',
    'SQUASH_MSG',
    'CHERRY_PICK_HEAD',
    'REVERT_HEAD',
  ],
  ...['REBASE_HEAD', 'BISECT_LOG', 'BISECT_START', 'rebase-merge', 'rebase-apply', 'sequencer'],
];

/** Gives the agent's git the commit of the branch: its HEAD, its index, and nothing under way. The files are as in it. */
export async function settle(tree: Tree, commit: ObjectId): Promise<void> {
  unlock(tree);
  if (textOf(join(tree.admin, 'HEAD')) !== headOf(tree)) replaceText(join(tree.admin, 'HEAD'), headOf(tree));
  for (const name of UNDER_WAY) removeAll(join(tree.admin, name));
  await tree.room.call({ args: ['read-tree', '--reset', commit] }, tree.own);
  await tree.room.call({ args: ['update-index', '-q', '--refresh'], codes: [0, 1] }, tree.own);
  giveIndex(tree);
}

/** The agent's index becomes what ours is. */
export function giveIndex({ own, agents }: Tree): void {
  replaceByCopy(own.index, agents.index);
}
