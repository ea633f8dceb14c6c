// @module-tag processes
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
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
beforeEach(() => {
  bench = workspaceBench();
  repo = bench.repository();
  repo.write('a.txt', 'a\n');
  repo.write('.gitignore', '.env\n');
  repo.commit('first');
});
afterEach(() => bench.close());

const adminOf = ({ ready }: Begun) =>
  join(repo.path, '.git/worktrees', ready.order.folder.split('/').at(-1) ?? '');
const trees = () => repo.git('worktree', 'list', '--porcelain').match(/^worktree /gm)?.length;

describe('what would be lost', () => {
  it('is files without a commit, a branch that is not merged, and repositories in the tree', async () => {
    const { port } = bench;
    const one = await bench.begin(repo, 'one');
    expect(await port.standing(one.site, one.ready)).toEqual({ dirty: [], unmerged: null, only: [] });
    one.tree.write('new.txt', 'x');
    expect(await port.standing(one.site, one.ready)).toMatchObject({ dirty: ['new.txt'], unmerged: null });
    const result = await finish(port, one.site, one.ready);
    expect(await port.standing(one.site, one.ready)).toEqual({ dirty: [], unmerged: result, only: [] });
    await port.advance(one.site, GROUP, { result, onto: null, commit: result });
    expect(await port.standing(one.site, one.ready)).toMatchObject({ unmerged: null });
    expect(await port.standing(one.site, one.ready, { keptBy: 'users' })).toMatchObject({ unmerged: result });
    rmSync(one.tree.path, { recursive: true });
    expect(await port.standing(one.site, one.ready)).toEqual({ dirty: [], unmerged: null, only: [] });
    repo.git('update-ref', '-d', one.ready.order.branch);
    const how = { keptBy: 'users', result } as const;
    expect(await port.standing(one.site, one.ready, how)).toMatchObject({ unmerged: result });
    await port.archive(one.site, one.ready, TIME + 7);
    expect(await port.standing(one.site, one.ready, how)).toMatchObject({ unmerged: null });
  });

  it('of a tree that has gone is what its checkpoint and its branch have, and the archive keeps both', async () => {
    const { port } = bench;
    const one = await bench.begin(repo, 'one');
    const { site, ready } = one;
    one.tree.write('new.txt', 'not committed\n');
    await port.checkpoint(site, ready, TIME + 1);
    rmSync(one.tree.path, { recursive: true });
    const own = repo.git('commit-tree', '-p', 'HEAD', '-m', "the user's", 'HEAD^{tree}').trim();
    repo.git('update-ref', ready.order.branch, own);
    expect(await port.standing(site, ready)).toEqual({ dirty: ['new.txt'], unmerged: own, only: [] });
    const commit = await port.archive(site, ready, TIME + 7);
    expect(repo.git('show', `${commit}^2:new.txt`)).toBe('not committed\n');
    expect(repo.git('log', '--format=%s', commit)).toContain("the user's\n");
    expect(await port.standing(site, ready, { keptBy: 'users' })).toEqual({
      dirty: [],
      unmerged: null,
      only: [],
    });
  });

  it('is kept in the archive, from where it can be had again after everything else of the group was removed', async () => {
    const { port } = bench;
    const one = await bench.begin(repo, 'one');
    one.tree.write('a.txt', 'committed\n');
    one.tree.commit('mine');
    one.tree.write('new.txt', 'not committed\n');
    const commit = await port.archive(one.site, one.ready, TIME + 7);
    expect(await port.archive(one.site, one.ready, TIME + 7)).toBe(commit);
    const order = await port.planRelease(one.site, one.ready);
    if (!order) throw new Error('nothing keeps the tree');
    await port.release(one.site, one.ready, order);
    await port.release(one.site, one.ready, order);
    await port.emptyTrash();
    await port.removeRefs(one.site, GROUP);
    await port.removeRefs(one.site, GROUP);
    expect([existsSync(one.tree.path), existsSync(adminOf(one)), trees()]).toEqual([false, false, 1]);
    expect(readdirSync(join(bench.workDir, '.trash'))).toEqual([]);
    const refs = repo.git('for-each-ref', '--format=%(refname)').trim().split('\n');
    expect(refs).toEqual(['refs/heads/main', expect.stringMatching(/^refs\/session-groups\/archive\//)]);
    expect(repo.git('show', `${commit}:new.txt`)).toBe('not committed\n');
    expect(repo.git('log', '--format=%s', commit)).toContain('mine\n');
  });

  it('of which only branch and checkpoint are left is in the way until both are archived', async () => {
    const { port } = bench;
    const one = await bench.begin(repo, 'one');
    one.tree.write('saved.txt', 'saved\n');
    const { commit: saved } = await port.checkpoint(one.site, one.ready, TIME + 5);
    rmSync(one.tree.path, { recursive: true });
    expect(await port.standing(one.site, one.ready)).toEqual({
      dirty: ['saved.txt'],
      unmerged: null,
      only: [],
    });
    expect(await port.archive(one.site, one.ready, TIME + 6)).toBe(saved);
    expect(await port.standing(one.site, one.ready)).toEqual({ dirty: [], unmerged: null, only: [] });

    const two = await bench.begin(repo, 'two');
    two.tree.write('saved.txt', 'saved\n');
    await port.checkpoint(two.site, two.ready, TIME + 5);
    two.tree.write('done.txt', 'done\n');
    const result = await finish(port, two.site, two.ready);
    rmSync(two.tree.path, { recursive: true });
    expect(await port.standing(two.site, two.ready)).toEqual({ dirty: [], unmerged: result, only: [] });
    const both = await port.archive(two.site, two.ready, TIME + 6);
    const kept = repo.git('rev-list', both).split('\n');
    expect(kept).toEqual(expect.arrayContaining([result, repo.git('rev-parse', `${both}^2`).trim()]));
    expect(repo.git('ls-tree', '--name-only', both)).toMatch('a.txt\ndone.txt\nsaved.txt\n');
  });

  it('by a fresh beginning is archived, and the tree is made again in the same place from its base', async () => {
    const { port } = bench;
    const one = await bench.begin(repo, 'one');
    one.tree.write('a.txt', 'first try\n');
    const replaces = await finish(port, one.site, one.ready);
    await port.archive(one.site, one.ready, TIME + 7);
    const release = await port.planRelease(one.site, one.ready);
    if (!release) throw new Error('nothing keeps the tree');
    await port.release(one.site, one.ready, release);
    await expect(bench.begin(repo, 'one')).rejects.toMatchObject({ code: 'workspace_moved' });
    const again = await bench.begin(repo, 'one', { replaces, base: one.ready.order.base });
    expect(again.tree.path).toBe(one.tree.path);
    expect(readFileSync(join(again.tree.path, 'a.txt'), 'utf8')).toBe('a\n');
    expect(again.tree.git('status', '--porcelain')).toBe('');
  });

  it("does not include a branch that an agent made stand for one of the user's", async () => {
    const one = await bench.begin(repo, 'one');
    const main = repo.git('rev-parse', 'main');
    repo.git('symbolic-ref', one.ready.order.branch, 'refs/heads/main');
    await bench.port.removeRefs(one.site, GROUP);
    expect(repo.git('rev-parse', 'main')).toBe(main);
  });
});
