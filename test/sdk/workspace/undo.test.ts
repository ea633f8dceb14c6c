// @module-tag processes
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BranchOrder, DeliveryOrder } from '../../../src/sdk/workspace/orders.ts';
import type { Site } from '../../../src/sdk/workspace/port.ts';
import type { Repository } from '../../support/repository.ts';
import { finish, GROUP, TIME, type WorkspaceBench, workspaceBench } from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
let site: Site;
afterEach(() => bench.close());

/** One session's work, merged. */
async function work(): Promise<void> {
  const one = await bench.begin(repo, 'one');
  site = one.site;
  one.tree.write('a.txt', 'delivered\n');
  one.tree.write('new/file.txt', 'new\n');
  rmSync(join(one.tree.path, 'gone.txt'), { force: true });
  const result = await finish(bench.port, one.site, one.ready);
  await bench.port.advance(site, GROUP, { result, onto: null, commit: result });
}
async function ordered(into: string): Promise<DeliveryOrder> {
  const found = await bench.port.planDelivery(site, { group: GROUP, into, time: TIME + 5 });
  if (found.kind !== 'ready') throw new Error(JSON.stringify(found));
  return found.order;
}
async function delivered(into: string): Promise<DeliveryOrder> {
  const order = await ordered(into);
  await bench.port.deliver(site, order);
  return order;
}
async function undo(delivery: DeliveryOrder): Promise<void> {
  const plan = await bench.port.planUndo(site, delivery);
  if (plan.kind !== 'ready') throw new Error(JSON.stringify(plan));
  await bench.port.deliver(site, plan.order);
}
const status = () => repo.git('status', '--porcelain', '--branch');
const lock = () => join(repo.path, '.git/index.lock');
const locked = ({ into, from, to }: BranchOrder) =>
  writeFileSync(lock(), `session-groups delivers ${into} ${from} ${to}\n`);
const textOf = (name: string) => readFileSync(join(repo.path, name), 'utf8');

describe('a delivery that is taken back', () => {
  beforeEach(async () => {
    bench = workspaceBench();
    repo = bench.repository();
    for (const name of ['a.txt', 'gone.txt', 'kept.txt']) repo.write(name, `${name}\n`);
    repo.commit('first');
    repo.git('branch', 'release');
    await work();
  });

  it("leaves branch, files and all that is the user's as they were", async () => {
    repo.write('kept.txt', 'changed\n');
    repo.write('staged.txt', 'staged\n');
    repo.git('add', 'staged.txt');
    repo.write('untracked.txt', 'untracked\n');
    const before = status() + repo.git('rev-parse', 'main', 'release') + repo.git('ls-files', '-s');
    for (const into of ['main', 'release']) {
      const delivery = await delivered(into);
      await undo(delivery);
      expect(await bench.port.planUndo(site, delivery)).toEqual({ kind: 'done' });
    }
    expect(status() + repo.git('rev-parse', 'main', 'release') + repo.git('ls-files', '-s')).toBe(before);
    expect([textOf('a.txt'), textOf('gone.txt')]).toEqual(['a.txt\n', 'gone.txt\n']);
    expect(existsSync(join(repo.path, 'new'))).toBe(false);
  });

  it('is refused once its branch has moved on', async () => {
    const delivery = await delivered('main');
    repo.commit('of the user');
    const before = repo.git('rev-parse', 'main');
    const reason = 'main has moved on since';
    expect(await bench.port.planUndo(site, delivery)).toMatchObject({ kind: 'refused', reason });
    const order = { ...delivery, from: delivery.to, to: delivery.from };
    await expect(bench.port.deliver(site, order)).rejects.toMatchObject({ code: 'workspace_moved' });
    expect(repo.git('rev-parse', 'main')).toBe(before);
  });

  it('is done where its branch has gone, or has got none of it', async () => {
    const [main, release] = [await ordered('main'), await delivered('release')];
    repo.commit('of the user');
    repo.git('branch', '-D', 'release');
    for (const delivery of [main, release])
      expect(await bench.port.planUndo(site, delivery)).toEqual({ kind: 'done' });
  });

  it('is refused where it would overwrite what the user has changed since', async () => {
    const delivery = await delivered('main');
    repo.write('a.txt', 'mine\n');
    const files = ['a.txt'];
    expect(await bench.port.planUndo(site, delivery)).toMatchObject({ kind: 'refused', files });
    expect(textOf('a.txt')).toBe('mine\n');
  });

  it.each(['before', 'after'])('was cut off %s its branch moved: it comes to its end first', async when => {
    const delivery = await ordered('main');
    locked(delivery);
    repo.write('a.txt', 'delivered\n');
    if (when === 'after') repo.git('update-ref', 'refs/heads/main', delivery.to);
    await undo(delivery);
    expect(status()).toBe('## main\n');
    expect([repo.git('rev-parse', 'main').trim(), textOf('a.txt')]).toEqual([delivery.from, 'a.txt\n']);
    expect(existsSync(lock())).toBe(false);
  });

  it.each(['undone', 'delivered'])('and is cut off in that, is %s in the end', async end => {
    const delivery = await delivered('main');
    locked({ ...delivery, from: delivery.to, to: delivery.from });
    repo.write('a.txt', 'a.t');
    if (end === 'undone') await undo(delivery);
    else await bench.port.deliver(site, delivery);
    expect(status()).toBe('## main\n');
    const [at, text] =
      end === 'undone' ? [delivery.from, 'a.txt\n'] : ([delivery.to, 'delivered\n'] as const);
    expect([repo.git('rev-parse', 'main').trim(), textOf('a.txt')]).toEqual([at, text]);
  });
});

it('a delivery into a branch without commits is taken back to that', async () => {
  bench = workspaceBench();
  repo = bench.repository();
  await work();
  const delivery = await delivered('main');
  expect(delivery.from).toBe(null);
  expect(existsSync(join(repo.path, 'a.txt'))).toBe(true);
  await undo(delivery);
  expect(status()).toBe('## No commits yet on main\n');
  expect(existsSync(join(repo.path, 'a.txt'))).toBe(false);
});
