// @module-tag processes
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GroupManager } from '../../src/sdk/group/manager.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { createGroupServer, type GroupServer } from '../../src/serve/index.ts';
import { builtPage } from '../support/built-page.ts';
import { until } from './observe.ts';
import { scripted, send } from './serve-world.ts';
import { readStream } from './stream-client.ts';

/* A host that runs groups of its own in memory, and serves them. */

let folder: string;
let server: GroupServer;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-groups-host-'));
  await mkdir(join(folder, 'a'));
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true });
});

const api = async (path: string, method = 'GET') => {
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  return send(server.port, `/api/v1${path}`, { method, headers, ...(method === 'POST' ? { body: {} } : {}) });
};

test('a group that the host owns is watched, run and stopped, and stays with the host', async () => {
  const store = createMemoryStore();
  const manager = new GroupManager({ store, attended: true });
  server = await createGroupServer({ store, manager, pageFolder: builtPage() });
  const group = await manager.create(scripted(folder, { one: { steps: [{ hang: true }] } }));
  const client = await readStream({ server }, `/groups/${group.id}/events`);
  expect((await api(`/groups/${group.id}/run`, 'POST')).status).toBe(202);
  await client.sees(({ data }) => data.type === 'session_started');
  expect((await api(`/groups/${group.id}`)).json).toMatchObject({ status: 'running', owner: { here: true } });

  const paused = await api(`/groups/${group.id}/pause?wait=true`, 'POST');
  expect(paused.json.result.status).toBe('paused');
  await until(async () => (await api(`/groups/${group.id}`)).json.status === 'paused');
  expect((await api(`/groups/${group.id}`)).json.owner).toMatchObject({ here: true });
  expect(group.getProgress().status).toBe('paused');
  const resumed = group.resume();
  await client.sees(({ data }) => data.type === 'session_resumed');
  expect((await api(`/groups/${group.id}/stop?wait=true`, 'POST')).json.result.status).toBe('stopped');
  expect((await resumed).status).toBe('stopped');
  await group.dispose();
  await client.sees(({ event }) => event === 'end');
  expect(client.seqs).toEqual(client.seqs.map((_, at) => at));
  await manager.dispose();
});

test('a server without a manager creates its own, and pauses its groups when closed', async () => {
  const store = createMemoryStore();
  server = await createGroupServer({ store, pageFolder: builtPage() });
  const definition = scripted(folder, { one: { steps: [{ hang: true }] } });
  const headers = { authorization: `Bearer ${server.token}`, 'content-type': 'application/json' };
  const made = await send(server.port, '/api/v1/groups', {
    method: 'POST',
    headers,
    body: { definition, run: true },
  });
  const { groupId } = made.json;
  await until(async () => (await api(`/groups/${groupId}`)).json.status === 'running');
  await Promise.all([server.close(), server.close()]);
  const { owner, records } = await store.read(groupId);
  expect(owner).toBeUndefined();
  // No other process can resume a group in memory: it is stopped, not paused.
  expect(records.at(-1)).toMatchObject({ type: 'group_stopped' });
  await expect(api('/groups')).rejects.toThrow('ECONNREFUSED');
});
