// @module-tag processes
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import type { ReadyWorkspace } from '../../../src/sdk/workspace/orders.ts';
import type { Site, WorkspacePort } from '../../../src/sdk/workspace/port.ts';
import {
  SimulatedGround,
  simulatedWorkspaces,
} from '../../support/simulated-workspaces/simulated-workspaces.ts';
import { GROUP, TIME, workspaceBench } from '../../support/workspace-bench.ts';

/** A port, and what agents and users do beside it. */
interface World {
  readonly port: WorkspacePort;
  readonly site: Site;
  /** An agent writes a file. */
  write(ready: ReadyWorkspace, path: string, content: string): void;
  /** Somebody deletes a tree. */
  lose(ready: ReadyWorkspace): void;
  /** The user writes a file. */
  userWrites(path: string, content: string): void;
  close(): void;
}

const FILES = { 'a.txt': 'a\n', 'b.txt': 'b\n', '.env': 'secret\n', '.gitignore': '.env\n' };

function realWorld(): World {
  const bench = workspaceBench();
  const repo = bench.repository();
  for (const [path, content] of Object.entries(FILES)) repo.write(path, content);
  repo.commit();
  const pathOf = ({ order }: ReadyWorkspace) => join(bench.workDir, order.folder);
  return {
    port: bench.port,
    site: bench.site(repo),
    write: (ready, path, content) => writeFileSync(join(pathOf(ready), path), content),
    lose: ready => rmSync(pathOf(ready), { recursive: true }),
    userWrites: repo.write,
    close: bench.close,
  };
}

function simulatedWorld(): World {
  const ground = new SimulatedGround();
  const { '.env': secret, ...committed } = FILES;
  const repository = ground.repository('/repo', committed);
  repository.users.set('.env', secret);
  return {
    port: simulatedWorkspaces(ground, { clock: systemClock, stepMs: 0 }),
    site: { project: '/repo', processes: `${GROUP}:test:1`, signal: new AbortController().signal },
    write: ({ order }, path, content) => void ground.trees.get(order.folder)?.files.set(path, content),
    lose: ({ order }) => void ground.trees.delete(order.folder),
    userWrites: (path, content) => void repository.users.set(path, content),
    close: () => {},
  };
}

/** What both have to tell alike: object ids are numbered in the order in which they appear. */
function alike(told: readonly unknown[]): unknown {
  const ids = new Map<string, string>();
  const text = JSON.stringify(told, (key, value) =>
    key === 'cwd' || key === 'repository' || key === 'id' ? key : value,
  );
  const numbered = text.replaceAll(/\b[0-9a-f]{40}\b/g, id => {
    ids.set(id, ids.get(id) ?? `commit ${ids.size + 1}`);
    return ids.get(id) ?? id;
  });
  return JSON.parse(numbered);
}

async function life({ port, site, write, lose, userWrites }: World): Promise<unknown> {
  const told: unknown[] = [];
  const tell = async <T>(step: Promise<T>): Promise<T> => {
    const answer = await step.catch((error: { code?: string; files?: unknown }) => {
      told.push({ code: error.code, files: error.files });
      throw error;
    });
    told.push(answer);
    return answer;
  };
  const begin = async (session: string, dependencies: string[] = []) => {
    const wish = {
      mode: 'worktree',
      group: GROUP,
      session,
      dependencies,
      include: ['.env'],
      time: TIME,
    } as const;
    const order = await tell(port.planWorkspace(site, wish));
    await tell(port.prepare(site, order));
    return (await tell(port.prepare(site, order))).ready;
  };
  const save = async (ready: ReadyWorkspace, time: number) => {
    const { order } = await tell(port.planResult(site, ready, { attempts: 1, time }));
    await tell(port.takeResult(site, ready, order));
    await tell(port.takeResult(site, ready, order));
    return order.commit;
  };
  await tell(port.look(site));
  await tell(port.measure(site));
  const [one, two] = [await begin('one'), await begin('two')];
  await tell(port.standing(site, one));
  for (const [ready, name] of [
    [one, 'one'],
    [two, 'two'],
  ] as const) {
    write(ready, 'a.txt', `${name}\n`);
    write(ready, `${name}.txt`, `${name}\n`);
    write(ready, '.env', 'changed\n');
  }
  await port.checkpoint(site, one, TIME + 1);
  lose(one);
  const { again } = await port.restore(site, one);
  told.push({ again }, (await port.restore(site, one)).again);
  await tell(port.standing(site, one));
  const results = [await save(one, TIME + 2), await save(two, TIME + 3)];
  await tell(port.changes(site, { from: one.commit, to: results[0] ?? '' }));
  await tell(port.standing(site, one));
  const refused = await tell(port.planDelivery(site, { group: GROUP, into: 'main', time: TIME }));
  expect(refused.kind).toBe('refused');
  const plans = [];
  for (const [at, ready] of [one, two].entries()) {
    const plan = await tell(port.planMerge(site, ready, { result: results[at] ?? '', time: TIME + 4 }));
    plans.push(plan);
    if (plan.kind !== 'merge') continue;
    await tell(port.takeMerge(site, ready, plan.order));
    await tell(port.advance(site, GROUP, plan.order));
    await tell(port.advance(site, GROUP, plan.order));
  }
  const [, plan] = plans;
  if (plan?.kind !== 'conflict') throw new Error('a conflict was expected');
  await tell(port.putConflict(site, two, plan.conflict));
  const wish = { attempts: 2, time: TIME + 5, resolves: plan.conflict };
  told.push((await port.planResult(site, two, wish)).unresolved);
  write(two, 'a.txt', 'both\n');
  const { order } = await tell(port.planResult(site, two, wish));
  await tell(port.takeResult(site, two, order));
  const merge = await tell(port.planMerge(site, two, { result: order.commit, time: TIME + 6 }));
  if (merge.kind !== 'merge') throw new Error('it was resolved');
  await tell(port.takeMerge(site, two, merge.order));
  await tell(port.advance(site, GROUP, merge.order));
  await tell(begin('three', [order.commit]));
  userWrites('a.txt', 'of the user\n');
  const { kind } = await port.planDelivery(site, { group: GROUP, into: 'main', time: TIME });
  told.push(kind);
  userWrites('a.txt', 'a\n');
  const delivery = await tell(port.planDelivery(site, { group: GROUP, into: 'main', time: TIME }));
  if (delivery.kind !== 'ready') throw new Error('nothing was in the way');
  await tell(port.deliver(site, delivery.order));
  await tell(port.deliver(site, delivery.order));
  await tell(port.planDelivery(site, { group: GROUP, into: 'main', time: TIME }));
  await tell(port.standing(site, two));
  await tell(port.standing(site, two, { keptBy: 'users' }));
  const release = await tell(port.planRelease(site, two));
  if (release) await tell(port.release(site, two, release));
  const stale = { into: 'refs/heads/main', from: one.commit, to: results[1] ?? '' };
  await expect(tell(port.deliver(site, stale))).rejects.toMatchObject({ code: 'workspace_moved' });
  await tell(port.removeRefs(site, GROUP));
  await tell(port.removeRefs(site, GROUP));
  return alike(told);
}

describe('the simulated port', () => {
  const worlds: World[] = [];
  afterEach(() => {
    for (const world of worlds.splice(0)) world.close();
  });

  it('tells the same as the real one, over a life with a conflict, a lost tree and a delivery', async () => {
    worlds.push(realWorld(), simulatedWorld());
    const [real, simulated] = worlds;
    if (!real || !simulated) return;
    expect(await life(simulated)).toEqual(await life(real));
  });

  it('does nothing more once its engine has died, and the next one goes on', async () => {
    const ground = new SimulatedGround();
    ground.repository('/repo');
    const site = { project: '/repo', processes: `${GROUP}:test:1`, signal: new AbortController().signal };
    let points = 0;
    const dying = simulatedWorkspaces(ground, {
      ...{ clock: systemClock, stepMs: 0 },
      point: () => (points++ === 3 ? new Promise<void>(() => {}) : undefined),
    });
    const order = await dying.planWorkspace(site, {
      mode: 'worktree',
      group: GROUP,
      session: 'one',
      time: TIME,
    });
    let answered = false;
    void dying.prepare(site, order).then(() => {
      answered = true;
    });
    const next = simulatedWorkspaces(ground, { clock: systemClock, stepMs: 0 });
    const { ready } = await next.prepare(site, order);
    expect(ready.commit).toBe(order.base);
    expect(answered).toBe(false);
  });
});
