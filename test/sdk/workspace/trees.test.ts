// @module-tag processes
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownProcesses } from '../../support/own-processes.ts';
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

describe('a registration that was cut off', () => {
  it.each<[string, (admin: string, folder: string) => void]>([
    ['with zeros in HEAD', admin => writeFileSync(join(admin, 'HEAD'), Buffer.alloc(41))],
    ['without HEAD', admin => rmSync(join(admin, 'HEAD'))],
    ['without commondir', admin => rmSync(join(admin, 'commondir'))],
    ['with another folder', admin => writeFileSync(join(admin, 'gitdir'), '/elsewhere/.git\n')],
    ['that git was still making', admin => writeFileSync(join(admin, 'locked'), 'initializing')],
    ['without its tree', (_, folder) => rmSync(folder, { recursive: true })],
    ['with half of its tree', (_, folder) => rmSync(join(folder, '.git'))],
    [
      'of which nothing but the name is there',
      admin => readdirSync(admin).forEach(name => void rmSync(join(admin, name), { recursive: true })),
    ],
  ])('%s is made again, before the tree is ready', async (_, damage) => {
    const one = await bench.begin(repo, 'one');
    damage(adminOf(one), one.tree.path);
    await bench.port.recover(one.site, [one.ready.order]);
    const again = await bench.port.prepare(one.site, one.ready.order);
    expect(again.ready).toEqual(one.ready);
    expect(one.tree.git('status', '--porcelain', '--branch')).toBe(
      `## ${one.ready.order.branch.slice(11)}\n`,
    );
    expect(trees()).toBe(2);
    repo.git('fetch', '--all');
    repo.git('gc', '--quiet');
  });
});

describe('locks that a dead engine left', () => {
  it("are removed where they are the group's, and nowhere else", async () => {
    const one = await bench.begin(repo, 'one');
    const own = [
      join(adminOf(one), 'index.lock'),
      join(adminOf(one), 'HEAD.lock'),
      join(repo.path, '.git', `${one.ready.order.branch}.lock`),
    ];
    const others = ['index.lock', 'packed-refs.lock', 'refs/heads/main.lock'].map(name =>
      join(repo.path, '.git', name),
    );
    for (const path of [...own, ...others]) writeFileSync(path, '');
    await bench.port.recover(one.site, [one.ready.order]);
    expect(own.filter(path => existsSync(path))).toEqual([]);
    expect(others.filter(path => existsSync(path))).toEqual(others);
  });
});

describe('a tree that has gone', () => {
  let one: Begun;
  beforeEach(async () => {
    repo.write('.env', 'secret');
    one = await bench.begin(repo, 'one', { include: ['.env'] });
    one.tree.write('a.txt', 'committed\n');
    one.tree.commit();
    one.tree.write('new.txt', 'not committed\n');
  });

  const status = () => one.tree.git('status', '--porcelain', '--branch');

  it('is there: nothing happens', async () => {
    expect(await bench.port.restore(one.site, one.ready)).toEqual({
      cwd: one.cwd,
      again: false,
      warnings: [],
    });
  });

  it.each([true, false])(
    'with its folder is made again from the last checkpoint, its registration there: %s',
    async kept => {
      await bench.port.checkpoint(one.site, one.ready, TIME + 1);
      rmSync(one.tree.path, { recursive: true });
      if (!kept) rmSync(adminOf(one), { recursive: true });
      const { again, warnings, cwd } = await bench.port.restore(one.site, one.ready);
      expect({ again, cwd }).toEqual({ again: true, cwd: one.cwd });
      expect(warnings).toEqual([expect.stringContaining('made again from its last checkpoint')]);
      expect(status()).toBe(`## ${one.ready.order.branch.slice(11)}\n?? new.txt\n`);
      expect(readFileSync(join(one.tree.path, '.env'), 'utf8')).toBe('secret');
    },
  );

  it('is made again from its branch if that is newer', async () => {
    await bench.port.checkpoint(one.site, one.ready, TIME + 1);
    one.tree.write('new.txt', 'newer\n');
    await finish(bench.port, one.site, one.ready, TIME + 2);
    rmSync(one.tree.path, { recursive: true });
    await bench.port.restore(one.site, one.ready);
    expect(status()).toBe(`## ${one.ready.order.branch.slice(11)}\n`);
    expect(readFileSync(join(one.tree.path, 'new.txt'), 'utf8')).toBe('newer\n');
  });

  it('gets no more files brought along than before', async () => {
    repo.write('.gitignore', '.env*\n');
    repo.write('.env', 'newer');
    repo.write('.worktreeinclude', '.env*\n');
    repo.write('.env.more', 'more');
    rmSync(one.tree.path, { recursive: true });
    await bench.port.restore(one.site, one.ready);
    expect(existsSync(join(one.tree.path, '.env.more'))).toBe(false);
    expect(readFileSync(join(one.tree.path, '.env'), 'utf8')).toBe('newer');
  });

  it('into a repository of its own is kept, and neither made again nor released', async () => {
    rmSync(join(one.tree.path, '.git'));
    expect(await bench.port.standing(one.site, one.ready)).toMatchObject({ only: ['.'] });
    one.tree.git('init', '-q');
    one.tree.commit('its own');
    await expect(bench.port.restore(one.site, one.ready)).rejects.toMatchObject({ code: 'workspace_moved' });
    expect(await bench.port.planRelease(one.site, one.ready)).toBeNull();
    expect(one.tree.git('log', '--format=%s')).toBe('its own\n');
  });

  it.each([
    ['its folder', (admin: string) => rmSync(admin, { recursive: true })],
    ['its index', (admin: string) => rmSync(join(admin, 'index'))],
  ])("only from git's records, by %s, keeps all of its files", async (_, lose) => {
    lose(adminOf(one));
    const { again, warnings } = await bench.port.restore(one.site, one.ready);
    expect(again).toBe(false);
    expect(warnings).toEqual([expect.stringContaining('record')]);
    expect(status()).toBe(`## ${one.ready.order.branch.slice(11)}\n?? new.txt\n`);
    expect(trees()).toBe(2);
  });
});

describe('a project that is a URL', () => {
  it('is fetched into a repository of ours; what the remote deletes takes no branch of a session with it', async () => {
    const { port } = bench;
    repo.git('branch', 'release');
    const site = bench.site(repo);
    const cache = await port.cache(site, `file://${repo.path}`);
    const one = await bench.begin(cache, 'one', { mode: 'checkout', base: 'release' });
    one.tree.write('a.txt', 'mine\n');
    const result = await finish(port, one.site, one.ready);
    repo.git('branch', '-D', 'release');
    repo.commit('more');
    expect(await port.cache(site, `file://${repo.path}`)).toBe(cache);
    const two = await bench.begin(cache, 'two', { mode: 'checkout' });
    expect(two.ready.order.base).toBe(repo.git('rev-parse', 'main').trim());
    expect(one.tree.git('rev-parse', 'HEAD').trim()).toBe(result);
    expect(repo.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main\n');
    await expect(bench.begin(cache, 'three', { base: 'release' })).rejects.toMatchObject({
      code: 'workspace_failed',
    });
  });

  it('that names a program runs nothing', async () => {
    const sung = join(bench.folder, 'sung');
    for (const url of [`ext::touch ${sung}`, `--upload-pack=touch ${sung}`, 'none://x']) {
      await expect(bench.port.cache(bench.site(repo), url)).rejects.toMatchObject({
        code: 'workspace_failed',
      });
    }
    expect(existsSync(sung)).toBe(false);
  });
});

describe('a step that is canceled', () => {
  it('ends its git, rejects with the reason, and can be taken again', async () => {
    const stop = new AbortController();
    const site = bench.site(repo, stop.signal);
    const order = await bench.port.planWorkspace(site, {
      mode: 'worktree',
      group: GROUP,
      session: 'one',
      time: TIME,
    });
    const reason = new Error('paused');
    const prepared = bench.port.prepare(site, order);
    stop.abort(reason);
    await expect(prepared).rejects.toBe(reason);
    expect(ownProcesses(`${site.processes}:`)).toEqual([]);
    await bench.begin(repo, 'one');
  });
});
