// @module-tag processes
import { execFileSync } from 'node:child_process';
import { lstatSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { mergedBranch } from '../../../src/sdk/workspace/names.ts';
import type { Repository } from '../../support/repository.ts';
import {
  type Begun,
  finish,
  GROUP,
  TIME,
  type WorkspaceBench,
  workspaceBench,
} from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
let one: Begun;
let victim: string;
beforeEach(async () => {
  bench = workspaceBench();
  repo = bench.repository();
  repo.write('a.txt', 'a\n');
  repo.commit('first');
  one = await bench.begin(repo, 'one');
  victim = join(bench.folder, 'victim');
  writeFileSync(victim, 'of the user');
});
afterEach(() => {
  const kept = readFileSync(victim, 'utf8');
  bench.close();
  expect(kept).toBe('of the user');
});

const adminOf = ({ ready }: Begun) =>
  join(repo.path, '.git/worktrees', ready.order.folder.split('/').at(-1) ?? '');

it.each(['index', 'index.session-groups', 'index.lock', 'HEAD.lock'])(
  'a link in the place of %s of a tree is written through by no step',
  async name => {
    const { site, ready, tree } = one;
    const place = join(adminOf(one), name);
    const plant = () => {
      rmSync(place, { force: true });
      symlinkSync(victim, place);
    };
    tree.write('a.txt', 'mine\n');
    plant();
    await bench.port.checkpoint(site, ready, TIME);
    plant();
    const result = await finish(bench.port, site, ready);
    const plan = await bench.port.planMerge(site, ready, { result, time: TIME });
    if (plan.kind !== 'merge') throw new Error(plan.kind);
    plant();
    await bench.port.takeMerge(site, ready, plan.order);
    const theirs = repo
      .git('commit-tree', '-p', ready.commit, '-m', 'other', `${ready.commit}^{tree}`)
      .trim();
    plant();
    await bench.port.putConflict(site, ready, { ours: result, theirs, files: ['a.txt'] });
    expect(lstatSync(join(adminOf(one), 'index')).isFile()).toBe(true);
    expect(tree.git('status', '--porcelain')).toBe('');
    expect(repo.git('show', `${result}:a.txt`)).toBe('mine\n');
  },
);

it('a queue in the place of an index holds up no step', async () => {
  const { site, ready, tree } = one;
  tree.write('a.txt', 'mine\n');
  rmSync(join(adminOf(one), 'index'));
  execFileSync('mkfifo', [join(adminOf(one), 'index')]);
  const result = await finish(bench.port, site, ready);
  expect(repo.git('show', `${result}:a.txt`)).toBe('mine\n');
});

it("nor is one beside the user's index, when it is delivered to", async () => {
  const { site, ready, tree } = one;
  tree.write('a.txt', 'mine\n');
  const result = await finish(bench.port, site, ready);
  repo.git('update-ref', mergedBranch(GROUP), result);
  symlinkSync(victim, join(repo.path, '.git/index.session-groups'));
  const plan = await bench.port.planDelivery(site, { group: GROUP, into: 'main', time: TIME });
  if (plan.kind !== 'ready') throw new Error(plan.kind);
  await bench.port.deliver(site, plan.order);
  expect(repo.git('status', '--porcelain')).toBe('');
});

it('nor is one in a repository that was fetched', async () => {
  const url = `file://${repo.path}`;
  const cache = await bench.port.cache(one.site, url);
  rmSync(join(cache, 'session-groups-fetched'), { force: true });
  symlinkSync(victim, join(cache, 'session-groups-fetched'));
  expect(await bench.port.cache(one.site, url)).toBe(cache);
});
