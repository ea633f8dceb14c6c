import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { openSessionGroup } from '../../src/sdk/group/api/create.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { program } from '../sdk/process/process-fixture.ts';
import { compiledSources } from '../sdk/session/compiled-sources.ts';

/** No cent of what agents have reported is lost with their engine (SPEND-1). */

let modules = '';
beforeAll(() => {
  modules = compiledSources('src/sdk/group/api/create.ts', 'src/store/file-store.ts');
});

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'session-groups-spend-'));
  mkdirSync(join(folder, 'project'));
});
afterEach(() => rmSync(folder, { recursive: true, maxRetries: 5 }));

/** Lets an engine spend until it is killed; what its successor knows of it, in dollars. */
async function spentOf(order: object): Promise<number> {
  const dataDir = join(folder, 'data');
  const orders = JSON.stringify({ dataDir, project: join(folder, 'project'), ...order });
  const engine = spawnSync(process.execPath, [program('spending-engine.mjs'), modules, orders], {
    ...{ encoding: 'utf8', timeout: 60_000, killSignal: 'SIGTERM' },
  });
  expect(engine).toMatchObject({ signal: 'SIGKILL', stderr: '' });
  const [id = ''] = readdirSync(join(dataDir, 'groups'));
  const group = await openSessionGroup(id, { store: createFileStore({ dataDir }) });
  const { totalCostUsd } = group.getProgress();
  await group.dispose();
  return totalCostUsd;
}

it.each([1, 2, 5])('after a kill -9 that follows reply %i', async killAfter => {
  expect(await spentOf({ inTurn: 1, killAfter })).toBe(killAfter);
});

it('after a kill -9 that follows a turn of a hundred replies', async () => {
  expect(await spentOf({ inTurn: 100, killAfter: 300 })).toBe(300);
});

it.each([
  [1, 4],
  [3, 4],
  [100, 4],
])(
  'the reply that spends the budget is in the journal before an agent is told to interrupt (%i in a turn)',
  async (inTurn, replies) => {
    expect(await spentOf({ inTurn, maxBudgetUsd: 3.5 })).toBe(replies);
  },
);
