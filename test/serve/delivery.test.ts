// @module-tag processes
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openYard, type Yard } from '../support/delivering.ts';
import { openServeWorld, type ServeWorld } from './serve-world.ts';

let yard: Yard;
let world: ServeWorld;
beforeEach(async () => {
  yard = openYard();
  world = await openServeWorld({ store: yard.store, env: yard.env }, { store: yard.store, env: yard.env });
});
afterEach(async () => {
  await world.close();
  await yard.close();
});

test('what a saved group delivers is told, and its deletion does not lose it', async () => {
  const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], {
    workspace: { mode: 'worktree' },
    integrate: { mode: 'merge' },
  });
  const { status, json } = await world.api(`/groups/${group.id}/delivery?into=main`);
  expect([status, json]).toMatchObject([
    200,
    {
      sessions: [{ id: 'a', isMerged: true, branch: `session-groups/${group.id}/a` }],
      repositories: [{ delivery: 'ready', moves: [{ ref: 'refs/heads/main' }] }],
    },
  ]);
  const ofSession = await world.api(`/groups/${group.id}/sessions/a/diff`);
  expect(ofSession.json).toMatchObject({
    changes: [{ files: [{ path: 'a.txt', status: 'added', added: 1 }] }],
    diffs: [{ text: expect.stringContaining('+a\n'), cut: false }],
  });
  expect((await world.api(`/groups/${group.id}/diff`)).json).toEqual(ofSession.json);
  expect((await world.api(`/groups/${group.id}/sessions/b/diff`)).status).toBe(404);

  const refused = await world.api(`/groups/${group.id}`, { method: 'DELETE' });
  expect([refused.status, refused.json]).toMatchObject([409, { error: { code: 'unmerged_work' } }]);
  const body = JSON.stringify({ discard: true });
  const headers = { 'content-length': String(body.length) };
  const deleted = await world.api(`/groups/${group.id}`, { method: 'DELETE', body, headers });
  expect(deleted.status).toBe(202);
  expect(yard.repo.git('for-each-ref', '--format=%(refname)', 'refs/session-groups/archive/')).not.toBe('');
});
