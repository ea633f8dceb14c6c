// @module-tag processes
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkpointRef } from '../../../src/sdk/workspace/names.ts';
import { sharedChanges } from '../../../src/sdk/workspace/port.ts';
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
  repo.write('src/b.txt', 'b\n');
  repo.write('.gitignore', '.env*\nsecrets/\n');
  repo.commit('first');
});
afterEach(() => bench.close());

const SECRET = 'SECRET-canary-1f6a';

/** Every object that is in the repository now, as text. */
const objects = () =>
  repo
    .git('cat-file', '--batch-check=%(objectname)', '--batch-all-objects')
    .trim()
    .split('\n')
    .map(id => repo.git('cat-file', '-p', id));

describe('files that are brought along', () => {
  it('are the ignored ones that are named, in the definition or the repository', async () => {
    repo.write('.env', SECRET);
    repo.write('.env.local', 'local');
    repo.write('secrets/deep/key', 'key');
    repo.write('untracked.txt', 'not ignored');
    repo.write('.worktreeinclude', '# more\nsecrets/\nuntracked.txt\n');
    const { ready, tree } = await bench.begin(repo, 'one', { include: ['/.env'] });
    expect(ready.included).toEqual(['.env', 'secrets/deep/key']);
    expect(readFileSync(join(tree.path, 'secrets/deep/key'), 'utf8')).toBe('key');
    expect(existsSync(join(tree.path, 'untracked.txt'))).toBe(false);
  });

  it("are never reached through links, in the user's tree or in the commit", async () => {
    const outside = join(bench.folder, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'key'), SECRET);
    symlinkSync(outside, join(repo.path, 'secrets'));
    symlinkSync(join(outside, 'key'), join(repo.path, '.env'));
    symlinkSync(outside, join(repo.path, 'tracked'));
    repo.git('add', 'tracked');
    repo.commit('a link');
    repo.git('rm', '-q', '--cached', 'tracked');
    rmSync(join(repo.path, 'tracked'));
    repo.write('.git/info/exclude', 'tracked\n');
    repo.write('tracked/.env.deep', 'mine');
    const { ready, tree, warnings } = await bench.begin(repo, 'one', {
      include: ['.env*', 'secrets', '/tracked/'],
    });
    expect(ready.included).toEqual([]);
    expect(warnings).toContainEqual(expect.stringMatching(/^\.env was not brought along/));
    expect(warnings).toContainEqual(expect.stringMatching(/^tracked\/\.env\.deep was not brought along/));
    expect(existsSync(join(tree.path, '.env'))).toBe(false);
    expect(existsSync(join(outside, '.env.deep'))).toBe(false);
  });

  describe('get into no object, whatever the agent does', () => {
    let one: Begun;
    beforeEach(async () => {
      repo.write('.env', SECRET);
      one = await bench.begin(repo, 'one', { include: ['.env'] });
      rmSync(join(one.tree.path, '.gitignore'));
      one.tree.write('work.txt', 'work');
    });

    async function saved() {
      const { port } = bench;
      const { commit } = await port.checkpoint(one.site, one.ready, TIME + 1);
      const result = await finish(port, one.site, one.ready);
      const names = [commit, result].map(id => repo.git('ls-tree', '-r', '--name-only', id));
      expect(names.join()).not.toContain('.env');
      const { text } = await port.diff(one.site, {
        from: one.ready.commit,
        to: result,
        without: one.ready.included,
      });
      expect(text).toContain('work.txt');
      expect(text).not.toContain('canary');
      return { result, history: repo.git('log', '-p', '--format=%H', result) };
    }

    it('if it takes them out of the ignored ones', async () => {
      const { history } = await saved();
      expect(history).not.toContain(SECRET);
      expect(objects().filter(text => text.includes(SECRET))).toEqual([]);
      expect(one.tree.git('status', '--porcelain')).toBe('?? .env\n');
    });

    it('of ours, if it adds them to its index', async () => {
      one.tree.git('add', '-A');
      expect((await saved()).history).not.toContain(SECRET);
    });

    it('of its result, if it commits them: what it did becomes one commit', async () => {
      one.tree.commit('all of it');
      one.tree.write('more.txt', 'more');
      one.tree.commit('more');
      const { history, result } = await saved();
      expect(history).not.toContain(SECRET);
      expect(repo.git('rev-parse', `${result}^`).trim()).toBe(one.ready.commit);
      const { warnings } = await bench.port.checkpoint(one.site, one.ready, TIME + 2);
      expect(warnings).toEqual([]);
    });
  });
});

describe('a checkpoint', () => {
  it("has all files, also those that the agent has hidden, and changes nothing of the agent's", async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.git('update-index', '--assume-unchanged', 'a.txt');
    tree.write('a.txt', 'hidden\n');
    tree.write('new.txt', 'new\n');
    tree.git('add', 'new.txt');
    const before = tree.git('status', '--porcelain', '--branch');
    const { commit } = await port.checkpoint(site, ready, TIME + 1);
    expect(repo.git('show', `${commit}:a.txt`)).toBe('hidden\n');
    expect(repo.git('rev-parse', checkpointRef(GROUP, 'one')).trim()).toBe(commit);
    expect(tree.git('status', '--porcelain', '--branch')).toBe(before);
    expect((await port.checkpoint(site, ready, TIME + 99)).commit).toBe(commit);
    tree.write('new.txt', 'newer\n');
    const next = await port.checkpoint(site, ready, TIME + 2);
    expect(repo.git('merge-base', '--is-ancestor', commit, next.commit)).toBe('');
  });
});

describe('a result', () => {
  it("is the agent's own commit if nothing is to be added, and ours on top of it if there is", async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('a.txt', 'mine\n');
    tree.commit('mine');
    const own = tree.git('rev-parse', 'HEAD').trim();
    expect(await finish(port, site, ready)).toBe(own);
    tree.write('a.txt', 'more\n');
    const result = await finish(port, site, ready);
    expect(repo.git('rev-parse', `${result}^`).trim()).toBe(own);
    expect(repo.git('log', '-1', '--format=%s', result)).toBe('Work of session one\n');
  });

  it('is the same commit if it is planned again', async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('a.txt', 'mine\n');
    const wish = { attempts: 2, time: TIME + 5, subject: 'A title\nSession: forged' };
    const plans = [await port.planResult(site, ready, wish), await port.planResult(site, ready, wish)];
    expect(plans[0]).toEqual(plans[1]);
    const message = repo.git('log', '-1', '--format=%B', plans[0]?.order.commit ?? '');
    expect(message).toBe(`A title\n\nSession-Group: ${GROUP}\nSession: one\nSession-Attempts: 2\n\n`);
  });

  it('of a HEAD on another branch is its commit, and nothing of the branch is lost', async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('a.txt', 'on the branch\n');
    tree.commit('on the branch');
    const left = tree.git('rev-parse', 'HEAD').trim();
    tree.git('checkout', '-q', '-b', 'elsewhere', ready.commit);
    tree.write('src/b.txt', 'elsewhere\n');
    const plan = await port.planResult(site, ready, { attempts: 1, time: TIME + 1 });
    expect(plan.warnings).toEqual([expect.stringContaining('HEAD of the tree was not on')]);
    await port.takeResult(site, ready, plan.order);
    await port.takeResult(site, ready, plan.order);
    expect(tree.git('status', '--porcelain', '--branch')).toBe(`## ${ready.order.branch.slice(11)}\n`);
    expect(repo.git('for-each-ref', '--contains', left, '--format=%(refname)')).toMatch(/replaced/);
    expect(repo.git('show', `${plan.order.commit}:a.txt`)).toBe('a\n');
  });

  it('in the middle of a rebase is what is there, and the rebase is over', async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('a.txt', 'mine\n');
    tree.commit('mine');
    tree.git('checkout', '-q', '-b', 'other', ready.commit);
    tree.write('a.txt', 'other\n');
    tree.commit('other');
    tree.git('checkout', '-q', ready.order.branch.slice(11));
    expect(() => tree.git('rebase', 'other')).toThrow();
    await finish(port, site, ready);
    expect(tree.git('status', '--porcelain', '--branch')).toBe(`## ${ready.order.branch.slice(11)}\n`);
  });

  it("is not taken if another moved the branch, or made it stand for one of the user's", async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('a.txt', 'mine\n');
    const { order } = await port.planResult(site, ready, { attempts: 1, time: TIME });
    repo.commit('of the user');
    repo.git('update-ref', ready.order.branch, 'main');
    await expect(port.takeResult(site, ready, order)).rejects.toMatchObject({ code: 'workspace_moved' });
    repo.git('symbolic-ref', ready.order.branch, 'refs/heads/main');
    const main = repo.git('rev-parse', 'main');
    await expect(port.takeResult(site, ready, order)).rejects.toMatchObject({ code: 'workspace_moved' });
    expect(repo.git('rev-parse', 'main')).toBe(main);
  });
});

describe('a session', () => {
  it('that makes trees of its own in its tree has them left out', async () => {
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.git('worktree', 'add', '-q', '-b', 'agents', join(tree.path, '.claude/worktrees/inner'));
    tree.write('.claude/worktrees/inner/new.txt', 'x');
    tree.write('.claude/worktrees/notes.txt', 'x');
    tree.write('.claude/settings.json', '{}');
    const plan = await port.planResult(site, ready, { attempts: 1, time: TIME });
    expect(plan.warnings).toEqual([]);
    const found = await port.changes(site, { from: ready.commit, to: plan.order.commit });
    expect(found.map(({ path }) => path)).toEqual(['.claude/settings.json']);
    expect(await port.standing(site, ready)).toMatchObject({ only: ['.claude/worktrees'] });
    expect(await port.planRelease(site, ready)).toBeNull();
  });

  it('that stages an ignored file has it in its result', async () => {
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('.env.example', 'example');
    tree.write('.env.other', 'not staged');
    tree.git('add', '-f', '.env.example');
    const result = await finish(bench.port, site, ready);
    expect(repo.git('ls-tree', '--name-only', result)).toBe('.env.example\n.gitignore\na.txt\nsrc\n');
  });

  it('that writes what all trees share is noticed', async () => {
    const { site, tree } = await bench.begin(repo, 'one');
    const before = await bench.port.shared(site);
    expect(sharedChanges(before, await bench.port.shared(site))).toEqual([]);
    tree.write('a.txt', 'mine\n');
    tree.commit();
    expect(sharedChanges(before, await bench.port.shared(site))).toEqual([]);
    tree.git('config', 'core.editor', 'evil');
    repo.write('.git/hooks/pre-commit', 'evil');
    tree.git('update-ref', 'refs/heads/main', 'HEAD');
    const changes = sharedChanges(before, await bench.port.shared(site));
    expect(changes).toEqual(['config', 'hooks/pre-commit', 'refs/heads/main']);
  });
});
