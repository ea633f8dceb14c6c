// @module-tag processes
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryOrder, MergeOrder } from '../../../src/sdk/workspace/orders.ts';
import type { DeliveryPlan, Site } from '../../../src/sdk/workspace/port.ts';
import type { Repository } from '../../support/repository.ts';
import { finish, GROUP, TIME, type WorkspaceBench, workspaceBench } from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
let site: Site;
beforeEach(async () => {
  bench = workspaceBench();
  repo = bench.repository();
  for (const name of ['a.txt', 'gone.txt', 'kept.txt']) repo.write(name, `${name}\n`);
  repo.write('.gitignore', 'ignored/\n*.log\n');
  repo.commit('first');
  repo.git('branch', 'release');
  const one = await bench.begin(repo, 'one');
  site = one.site;
  one.tree.write('a.txt', 'delivered\n');
  one.tree.write('new/file.txt', 'new\n');
  one.tree.write('notes.log', 'forced\n');
  rmSync(join(one.tree.path, 'gone.txt'));
  one.tree.git('add', '-Af', '.');
  const result = await finish(bench.port, one.site, one.ready);
  await bench.port.advance(site, GROUP, { result, onto: null, commit: result });
});
afterEach(() => bench.close());

const plan = (into: string): Promise<DeliveryPlan> =>
  bench.port.planDelivery(site, { group: GROUP, into, time: TIME + 5 });

async function ordered(into: string): Promise<DeliveryOrder> {
  const found = await plan(into);
  if (found.kind !== 'ready') throw new Error(JSON.stringify(found));
  return found.order;
}

const status = () => repo.git('status', '--porcelain', '--branch');

describe('a delivery', () => {
  it('into a branch that is not checked out moves it, once', async () => {
    const order = await ordered('release');
    await bench.port.deliver(site, order);
    await bench.port.deliver(site, order);
    expect(repo.git('rev-parse', 'release').trim()).toBe(order.to);
    expect(await plan('release')).toEqual({ kind: 'done' });
    expect(status()).toBe('## main\n');
    await bench.port.deliver(site, { ...order, from: order.to, to: order.from ?? '' });
    expect(repo.git('rev-parse', 'release')).toBe(repo.git('rev-parse', 'main'));
  });

  it("into the branch that is checked out takes its files along, and leaves all that is the user's", async () => {
    repo.write('kept.txt', 'changed\n');
    repo.write('staged.txt', 'staged\n');
    repo.git('add', 'staged.txt');
    repo.write('untracked.txt', 'untracked\n');
    repo.write('ignored/deep', 'ignored\n');
    const order = await ordered('main');
    await bench.port.deliver(site, order);
    expect(status()).toBe('## main\n M kept.txt\nA  staged.txt\n?? untracked.txt\n');
    expect(readFileSync(join(repo.path, 'a.txt'), 'utf8')).toBe('delivered\n');
    expect(existsSync(join(repo.path, 'gone.txt'))).toBe(false);
    expect(repo.git('stash', 'list')).toBe('');
    expect(repo.git('log', '-g', '-1', '--format=%gs', 'main')).toBe('session-groups: deliver\n');
    await bench.port.deliver(site, order);
    await bench.port.deliver(site, { ...order, from: order.to, to: order.from ?? '' });
    expect(status()).toBe('## main\n M kept.txt\nA  staged.txt\n?? untracked.txt\n');
    expect(readFileSync(join(repo.path, 'gone.txt'), 'utf8')).toBe('gone.txt\n');
  });

  it.each<[string, readonly string[], (write: Repository['write'], git: Repository['git']) => void]>([
    ['a changed file', ['a.txt'], write => write('a.txt', 'mine\n')],
    [
      'a file that was staged',
      ['a.txt'],
      (write, git) => {
        write('a.txt', 'mine\n');
        git('add', 'a.txt');
        write('a.txt', 'a.txt\n');
      },
    ],
    ['a changed file that it deletes', ['gone.txt'], write => write('gone.txt', 'mine\n')],
    ['a deleted file', ['a.txt'], () => rmSync(join(repo.path, 'a.txt'))],
    ['an untracked file', ['new/file.txt'], write => write('new/file.txt', 'mine\n')],
    ['an untracked file for a folder', ['new/file.txt'], write => write('new', 'mine\n')],
    ['an ignored file', ['notes.log'], write => write('notes.log', 'mine\n')],
    ['a folder for a file', ['notes.log'], write => write('notes.log/deep.log', 'mine\n')],
    ['an empty file', ['a.txt'], write => write('a.txt', '')],
    [
      'a file that git was told to take as unchanged',
      ['a.txt'],
      (write, git) => {
        git('update-index', '--assume-unchanged', 'a.txt');
        write('a.txt', 'mine\n');
      },
    ],
  ])('refuses to overwrite %s, and changes nothing', async (_, files, change) => {
    const order = await ordered('main');
    change(repo.write, repo.git);
    const before = repo.git('ls-files', '-s') + status() + repo.git('rev-parse', 'main');
    expect(await plan('main')).toMatchObject({ kind: 'refused', files });
    await expect(bench.port.deliver(site, order)).rejects.toMatchObject({ code: 'workspace_moved', files });
    expect(repo.git('ls-files', '-s') + status() + repo.git('rev-parse', 'main')).toBe(before);
    expect(existsSync(join(repo.path, '.git/index.lock'))).toBe(false);
  });

  it('takes over what an identical file has already', async () => {
    repo.write('a.txt', 'delivered\n');
    repo.write('notes.log', 'forced\n');
    await bench.port.deliver(site, await ordered('main'));
    expect(status()).toBe('## main\n');
  });

  it('is refused while the user merges, rebases or has the branch twice', async () => {
    mkdirSync(join(repo.path, '.git/rebase-merge'));
    expect(await plan('main')).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('a rebase is under way'),
    });
    rmSync(join(repo.path, '.git/rebase-merge'), { recursive: true });
    repo.git('worktree', 'add', '-qf', join(bench.folder, 'twice'), 'main');
    expect(await plan('main')).toMatchObject({ kind: 'refused', reason: expect.stringContaining('twice') });
  });

  it("is refused into what is no branch of the user's", async () => {
    for (const into of ['typo', 'a..b', '-x', `session-groups/${GROUP}/one`]) {
      expect(await plan(into)).toMatchObject({ kind: 'refused' });
    }
    expect(await bench.port.planDelivery(site, { group: 'another', into: 'main', time: TIME })).toMatchObject(
      { kind: 'refused' },
    );
  });

  it('into a branch that has moved on first merges that, and says so; a conflict moves nothing', async () => {
    repo.write('more.txt', 'of the user\n');
    repo.commit('more');
    const behind = await plan('main');
    if (behind.kind !== 'behind') throw new Error(JSON.stringify(behind));
    const order: MergeOrder = behind.order;
    await bench.port.advance(site, GROUP, order);
    await bench.port.deliver(site, await ordered('main'));
    expect(repo.git('log', '--format=%s', '--first-parent', '-1')).toBe("Merge branch 'main'\n");
    expect(status()).toBe('## main\n');
    repo.git('checkout', '-q', 'release');
    repo.write('a.txt', 'of the user\n');
    repo.commit('other');
    expect(await plan('release')).toMatchObject({ kind: 'conflict', conflict: { files: ['a.txt'] } });
  });

  it('into a branch that moved since it was planned moves nothing', async () => {
    const order = await ordered('main');
    repo.commit('of the user');
    await expect(bench.port.deliver(site, order)).rejects.toMatchObject({ code: 'workspace_moved' });
    expect(status()).toBe('## main\n');
  });

  it('that was cut off goes on, even in the middle of a file', async () => {
    const order = await ordered('main');
    const note = `session-groups delivers ${order.into} ${order.from} ${order.to}\n`;
    writeFileSync(join(repo.path, '.git/index.lock'), note);
    rmSync(join(repo.path, 'gone.txt'));
    repo.write('a.txt', 'deli');
    repo.write('new/file.txt', 'new\n');
    await bench.port.deliver(site, order);
    expect(status()).toBe('## main\n');
    expect(readFileSync(join(repo.path, 'a.txt'), 'utf8')).toBe('delivered\n');
    expect(existsSync(join(repo.path, '.git/index.lock'))).toBe(false);
  });

  it('that was cut off is taken back if its branch was moved by another meanwhile', async () => {
    const order = await ordered('main');
    const note = `session-groups delivers ${order.into} ${order.from} ${order.to}\n`;
    writeFileSync(join(repo.path, '.git/index.lock'), note);
    repo.write('a.txt', 'delivered\n');
    const tree = repo.git('rev-parse', 'HEAD^{tree}').trim();
    const other = repo.git('commit-tree', tree, '-p', 'HEAD', '-m', 'other').trim();
    repo.git('update-ref', 'refs/heads/main', other);
    await expect(bench.port.deliver(site, order)).rejects.toMatchObject({ code: 'workspace_moved' });
    expect(status()).toBe('## main\n');
    expect(readFileSync(join(repo.path, 'a.txt'), 'utf8')).toBe('a.txt\n');
  });

  it('that was cut off after its branch had moved goes on', async () => {
    const order = await ordered('main');
    const note = `session-groups delivers ${order.into} ${order.from} ${order.to}\n`;
    writeFileSync(join(repo.path, '.git/index.lock'), note);
    repo.git('update-ref', 'refs/heads/main', order.to);
    await bench.port.deliver(site, order);
    expect(status()).toBe('## main\n');
  });
});
