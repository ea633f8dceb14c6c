// @module-tag processes
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSuspended } from '../../src/sdk/process/process-identity.ts';
import { TAKE_OVER_RISK } from '../../src/sdk/take-over-words.ts';
import { startCli } from '../cli/built-cli.ts';
import { until } from './observe.ts';
import { openServeWorld, type ServeWorld, scripted } from './serve-world.ts';

/* Groups whose owner may be alive and cannot be asked. */

let world: ServeWorld;
beforeEach(async () => {
  world = await openServeWorld();
});
afterEach(() => world.close());

/** A group that ran when its process was killed, and whose lock then became this. */
async function lostIn(lockOf: (lock: string) => string) {
  const definition = scripted(world.folder, { one: { steps: [{ hang: true }] } });
  const { groupId: id } = (await world.post('/groups', { definition })).json;
  const running = startCli(['group', 'run', id, '--plain'], world.folder, {
    SESSION_GROUPS_DATA_DIR: world.dataDir,
  });
  await running.says('one: started');
  await until(async () => (await world.api('/groups?status=running')).json.groups.length === 1);
  running.process.kill('SIGKILL');
  await running.ended;
  const lock = join(world.dataDir, 'groups', id, 'owner.json');
  await writeFile(lock, lockOf(await readFile(lock, 'utf8')));
  return { id, lock };
}

const elsewhere = (lock: string) =>
  JSON.stringify({ ...JSON.parse(lock), host: 'elsewhere', startTime: 'another boot/1' });
const torn = (lock: string) => lock.slice(0, 20);

const detail = async (id: string) => (await world.api(`/groups/${id}`)).json;

/** What the server refuses without `takeOver`. */
const VERBS = [
  ['resume', 'running'],
  ['pause', 'paused'],
  ['stop', 'stopped'],
] as const;

describe.each([
  ['is said to be on another host', elsewhere, 'owned_elsewhere'],
  ['cannot be read from its lock', torn, 'owner_unreadable'],
] as const)('a group whose owner %s', (_, change, code) => {
  test.each(VERBS)('is taken over to %s it only on demand, with the risk named', async (verb, status) => {
    const { id } = await lostIn(change);
    const refused = await world.post(`/groups/${id}/${verb}`);
    expect(refused.json.error.code).toBe(code);
    expect(refused.json.error.hint).toContain('takeOver');
    expect(refused.json.error.hint).toContain(TAKE_OVER_RISK);
    expect((await world.post(`/groups/${id}/${verb}`, { takeOver: true })).status).toBeLessThan(300);
    await until(async () => (await detail(id)).status === status);
  });

  test('is deleted only on demand', async () => {
    const { id } = await lostIn(change);
    const remove = (body: string) => {
      const headers = { 'content-length': String(body.length) }; // Node sends none with DELETE
      return world.api(`/groups/${id}`, { method: 'DELETE', body, headers });
    };
    expect((await remove('{}')).json.error.code).toBe(code);
    expect((await remove('{"takeOver": true}')).status).toBe(202);
  });
});

test('a group whose process is suspended is neither archived nor deleted, and the refusal says how it goes on', async () => {
  const definition = scripted(world.folder, { one: { steps: [{ hang: true }] } });
  const { groupId: id } = (await world.post('/groups', { definition })).json;
  const running = startCli(['group', 'run', id, '--plain'], world.folder, {
    SESSION_GROUPS_DATA_DIR: world.dataDir,
  });
  await running.says('one: started');
  const pid = running.process.pid ?? 0;
  running.process.kill('SIGSTOP');
  await until(async () => isSuspended(pid));
  const refused = {
    status: 409,
    json: { error: { code: 'owner_not_answering', hint: expect.stringContaining(`kill -CONT ${pid}`) } },
  };
  for (const verb of ['archive', 'clean', 'undo-delivery'])
    expect(await world.post(`/groups/${id}/${verb}`)).toMatchObject(refused);
  expect(await world.api(`/groups/${id}`, { method: 'DELETE' })).toMatchObject(refused);
  running.process.kill('SIGKILL');
  await running.ended;
});

test('a group on another host is shown with that host, and that it cannot be checked', async () => {
  const { id } = await lostIn(elsewhere);
  const owner = { host: 'elsewhere', alive: true, here: false, unchecked: true };
  expect(await detail(id)).toMatchObject({ status: 'running', owner });
});

test('a group whose lock cannot be read is shown and listed with that', async () => {
  const { id, lock } = await lostIn(torn);
  const ownerUnreadable = `${lock} is not a valid owner record`;
  expect(await detail(id)).toMatchObject({ status: 'interrupted', ownerUnreadable });
  expect((await world.api('/groups')).json.groups).toMatchObject([{ id, ownerUnreadable }]);
  expect(await world.manager.get(id)).toMatchObject({ ownerUnreadable });
  expect(await world.manager.getGroupStatus(id)).toMatchObject({ ownerUnreadable });
});

test('an owner that is known to be alive is never replaced', async () => {
  const definition = scripted(world.folder, { one: { steps: [{ hang: true }] } });
  const { groupId: id } = (await world.post('/groups', { definition })).json;
  const running = startCli(['group', 'run', id, '--plain'], world.folder, {
    SESSION_GROUPS_DATA_DIR: world.dataDir,
  });
  await running.says('one: started');
  const paused = await world.post(`/groups/${id}/pause?wait=true`, { takeOver: true });
  expect(paused.json.result.status).toBe('paused');
  expect(await running.ended).toBe(3);
});
