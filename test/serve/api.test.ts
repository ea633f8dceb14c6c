import { afterEach, beforeEach, expect, test } from 'vitest';
import { openServeWorld, type ServeWorld, scripted } from './serve-world.ts';

let world: ServeWorld;
beforeEach(async () => {
  world = await openServeWorld();
});
afterEach(() => world.close());

test('creates a group, runs it to its end, and tells how each session went', async () => {
  const definition = scripted(world.folder, {
    lib: { steps: [{ text: 'reading' }, { tool: 'Read' }, { cost: 0.25 }, { result: 'done' }] },
    app: { after: ['lib'], in: 'b', steps: [{ result: 'built' }] },
  });
  const created = await world.post('/groups', { definition });
  expect(created.status).toBe(201);
  const { groupId } = created.json;
  expect((await world.api('/groups')).json.groups).toMatchObject([{ id: groupId, status: 'created' }]);

  const ran = await world.post(`/groups/${groupId}/run?wait=true`);
  expect(ran.status, ran.text).toBe(200);
  expect(ran.json.result).toMatchObject({ groupId, status: 'completed', totalCostUsd: 0.25 });

  const detail = await world.api(`/groups/${groupId}`);
  expect(detail.json).toMatchObject({
    id: groupId,
    name: 'Demo',
    status: 'completed',
    budget: { limitUsd: 10, warningThreshold: 0.8, onBudgetExceeded: 'pause' },
    limits: { maxConcurrent: 3, maxPerProject: 1 },
    progress: { totalSessions: 2, completed: 2 },
    approvals: [],
  });
});
