// @module-tag processes
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupManager } from '../../../../src/sdk/group/manager.ts';
import { openYard, type Yard } from '../../../support/delivering.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

test('a tree whose set-up has failed is taken away, and made anew by a retry', async () => {
  const { env, store, workspaces, repo } = yard;
  const gate = join(yard.folder, 'gate');
  const stored = await yard.ran([yard.script('a', 'echo a > a.txt')], {
    workspace: { mode: 'worktree', setup: [['test', '-e', gate]] },
  });
  const trees = () => repo.git('worktree', 'list').trim().split('\n').length;
  const { id } = stored.group;
  const folder = join(env.SESSION_GROUPS_WORK_DIR ?? '', id);
  expect([trees(), existsSync(folder)]).toEqual([2, true]);
  const manager = new GroupManager({ env, store, workspaces });
  expect(await manager.clean(id)).toEqual({ released: ['a'], kept: [] });
  expect([trees(), existsSync(folder)]).toEqual([1, false]);
  expect(await manager.clean(id)).toEqual({ released: [], kept: [] });
  writeFileSync(gate, '');
  const group = await manager.open(id);
  expect((await group.retry()).sessions.a).toMatchObject({ status: 'completed', changedFiles: ['a.txt'] });
  await manager.dispose();
});
