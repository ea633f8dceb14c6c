// @module-tag processes
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { fileProjectGate } from '../../../src/sdk/project/file-project-gate.ts';
import type { WorkspacePort } from '../../../src/sdk/workspace/port.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import { busyUser, fillForUser } from '../../support/busy-user.ts';
import type { Repository } from '../../support/repository.ts';
import { finish, GROUP, TIME, type WorkspaceBench, workspaceBench } from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
beforeEach(() => {
  bench = workspaceBench();
  repo = bench.repository();
  fillForUser(repo);
});
afterEach(() => bench.close());

it('twelve sessions of two engines work in one repository beside a user at work, and neither side has a failure', async () => {
  const engines: WorkspacePort[] = [1, 2].map(() =>
    createWorkspaces({
      ...{ clock: systemClock, env: bench.env, workDir: bench.workDir },
      gate: fileProjectGate({ clock: systemClock, dir: join(bench.folder, 'claims') }),
    }),
  );
  const done = new AbortController();
  const users = busyUser(repo, done.signal);
  const sessions = Array.from({ length: 12 }, async (_, index) => {
    const port = engines[index % 2] ?? bench.port;
    const site = bench.site(repo);
    const session = `s${index}`;
    const order = await port.planWorkspace(site, {
      mode: 'worktree',
      group: GROUP,
      session,
      base: 'main',
      time: TIME,
    });
    const { ready, cwd } = await port.prepare(site, order);
    for (let file = 0; file < 300; file += 50)
      expect(readFileSync(join(cwd, `src/${file % 10}/${file}.txt`), 'utf8')).toBe(`${file}\n`.repeat(20));
    writeFileSync(join(cwd, `new-${index}.txt`), `${index}`);
    await port.checkpoint(site, ready, TIME + 1);
    return { port, site, ready, result: await finish(port, site, ready) };
  });
  const finished = await Promise.all(sessions).finally(() => done.abort());
  for (const { port, site, ready, result } of finished) {
    const plan = await port.planMerge(site, ready, { result, time: TIME + 2 });
    if (plan.kind !== 'merge') throw new Error('no conflict was expected');
    await port.advance(site, GROUP, plan.order);
  }
  expect(await users).toEqual([]);
  const plan = await bench.port.planDelivery(bench.site(repo), { group: GROUP, into: 'main', time: TIME });
  if (plan.kind !== 'ready') throw new Error(JSON.stringify(plan));
  const names = repo.git('diff', '--name-only', 'main', plan.order.to).trim().split('\n');
  expect(names).toEqual(Array.from({ length: 12 }, (_, index) => `new-${index}.txt`).sort());
});

it('looking at a delivery, and at what would be lost, while it happens or another looks changes neither', async () => {
  const ports = [1, 2].map(() =>
    createWorkspaces({
      ...{ clock: systemClock, env: bench.env, workDir: bench.workDir },
      gate: fileProjectGate({ clock: systemClock, dir: join(bench.folder, 'claims') }),
    }),
  );
  const [mine = bench.port, others = bench.port] = ports;
  const { site, ready, tree } = await bench.begin(repo, 'one');
  tree.write('new.txt', 'new\n');
  const losses = await Promise.all([...ports, ...ports, ...ports].map(port => port.standing(site, ready)));
  expect(losses.map(({ dirty }) => dirty)).toEqual(losses.map(() => ['new.txt']));

  const result = await finish(mine, site, ready);
  await mine.advance(site, GROUP, { result, onto: null, commit: result });
  const wish = { group: GROUP, into: 'main', time: TIME };
  const plan = await mine.planDelivery(site, wish);
  if (plan.kind !== 'ready') throw new Error(JSON.stringify(plan));
  let order = plan.order;
  for (let move = 0; move < 4; move += 1) {
    let isDone = false;
    const looking = [mine, others].map(async port => {
      while (!isDone) await port.planDelivery(site, wish);
    });
    await mine.deliver(site, order);
    isDone = true;
    await Promise.all(looking);
    expect(repo.git('status', '--porcelain')).toBe('');
    order = { into: order.into, from: order.to, to: order.from ?? '' };
  }
});
