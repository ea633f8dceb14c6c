// @module-tag processes
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { FakeIo } from '../cli/fakes.ts';
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
  expect([refused.status, refused.json]).toMatchObject([
    409,
    {
      error: {
        code: 'unmerged_work',
        work: [{ session: 'a', commit: expect.stringMatching(/^[0-9a-f]{40}$/) }],
      },
    },
  ]);
  const body = JSON.stringify({ discard: true });
  const headers = { 'content-length': String(body.length) };
  const deleted = await world.api(`/groups/${group.id}`, { method: 'DELETE', body, headers });
  expect(deleted.status).toBe(202);
  expect(yard.repo.git('for-each-ref', '--format=%(refname)', 'refs/session-groups/archive/')).not.toBe('');
});

test('a delivery is told with its branch, whether or not that is asked for or still there', async () => {
  const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], {
    workspace: { mode: 'worktree' },
    integrate: { mode: 'merge' },
  });
  const told = async () => (await world.api(`/groups/${group.id}/delivery`)).json;
  expect(await told()).toMatchObject({ repositories: [{ delivery: 'none' }] });
  expect(await told()).not.toHaveProperty('delivered');
  yard.repo.git('branch', 'topic');
  const io = new FakeIo({ env: yard.env, cwd: yard.folder, now: Date.now });
  expect(await main(['group', 'integrate', group.id, '--into', 'topic', '--plain'], io)).toBe(0);
  expect(await told()).toMatchObject({
    delivered: 'topic',
    repositories: [{ delivery: 'done', into: 'topic' }],
  });
  expect(await told()).not.toHaveProperty('refusal');
  yard.repo.git('branch', '-q', '-D', 'topic');
  expect(await told()).toMatchObject({ delivered: 'topic', repositories: [{ delivery: 'refused' }] });
});

const post = (path: string, body: object = {}) => world.post(path, body);

test('checks are run again, and what they printed is told, bounded', async () => {
  const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], {
    workspace: { mode: 'worktree', setup: ['echo set up'], keep: 'always' },
    verify: { commands: ['seq 1 20000; test ! -e red'] },
  });
  const checks = await world.api(`/groups/${group.id}/sessions/a/checks`);
  expect(checks.json.setup).toEqual({ text: expect.stringContaining('set up\n'), cut: false });
  expect(checks.json.verify.cut).toBe(true);
  expect(checks.json.verify.text).toMatch(/^\d+\n(.|\n)*\n20000\n$/);
  expect(checks.json.verify.text.length).toBeLessThanOrEqual(64 * 1024);

  const path = `/groups/${group.id}/sessions/a/verify`;
  expect((await post(path)).json).toEqual({ kind: 'green', durationMs: expect.any(Number) });
  const [{ folder = '' } = {}] = (await world.api(`/groups/${group.id}/delivery`)).json.sessions;
  writeFileSync(join(folder, 'red'), '');
  expect((await post(path)).json).toMatchObject({
    kind: 'red',
    how: 'exit code 1',
    output: expect.stringContaining('20000\n'),
  });
  expect((await post(`/groups/${group.id}/sessions/b/verify`)).status).toBe(404);
  expect((await world.api(`/groups/${group.id}/sessions/b/checks`)).status).toBe(404);
});

test('trees are cleaned up, and what would be lost stays', async () => {
  const { group } = await yard.ran([yard.script('a', 'echo a > a.txt')], { workspace: { mode: 'worktree' } });
  expect((await post(`/groups/${group.id}/clean`)).json).toMatchObject({
    released: [],
    kept: [{ session: 'a', commit: expect.any(String) }],
  });
  expect((await post(`/groups/${group.id}/clean`, { discard: true })).json).toEqual({
    released: ['a'],
    kept: [],
  });
});

test('pull requests are opened by the command of the definition, or only planned', async () => {
  const { group } = await yard.ran([yard.script('a', 'echo a > a.txt'), yard.script('b', 'true')], {
    workspace: { mode: 'worktree' },
    integrate: { mode: 'pr', pr: ['sh', '-c', 'echo "$1" > ../opened; test "$1" != --bad', '-', '{title}'] },
  });
  const path = `/groups/${group.id}/pr`;
  const request = { session: 'a', base: 'main', title: 'go', branch: `session-groups/${group.id}/a` };
  expect((await post(path, { dryRun: true })).json).toMatchObject({
    requests: [{ ...request, outcome: 'planned' }],
    others: [{ session: 'b', reason: 'it has changed nothing' }],
  });
  expect(existsSync(join(yard.folder, 'opened'))).toBe(false);
  expect((await post(path)).json.requests).toMatchObject([{ ...request, outcome: 'opened' }]);
  expect(readFileSync(join(yard.folder, 'opened'), 'utf8')).toBe('go\n');
});
