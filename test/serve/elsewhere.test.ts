// @module-tag processes
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Running, startCli } from '../cli/built-cli.ts';
import { until } from './observe.ts';
import { openServeWorld, type ServeWorld, scripted } from './serve-world.ts';
import { readStream } from './stream-client.ts';

/* The server and the command line: two processes with the same groups. */

let world: ServeWorld;
const started: Running[] = [];
beforeEach(async () => {
  world = await openServeWorld();
});
afterEach(async () => {
  for (const { process } of started) process.kill('SIGKILL');
  await Promise.all(started.splice(0).map(({ ended }) => ended));
  await world.close();
});

const cli = (...argv: string[]): Running => {
  const running = startCli(argv, world.folder, { SESSION_GROUPS_DATA_DIR: world.dataDir });
  started.push(running);
  return running;
};
const detail = async (id: string) => (await world.api(`/groups/${id}`)).json;
const made = async (steps: readonly object[]): Promise<string> => {
  const definition = scripted(world.folder, { one: { steps }, two: { in: 'b', steps: [{ hang: true }] } });
  return (await world.post('/groups', { definition })).json.groupId;
};
/** A group that another process runs. */
const runElsewhere = async (...steps: object[]): Promise<{ id: string; running: Running }> => {
  const id = await made([...steps, { hang: true }]);
  const running = cli('group', 'run', id, '--plain', '--attended');
  await running.says('two: started');
  return { id, running };
};

test('the server watches a group of another process, holds a session, pauses and resumes it', async () => {
  const { id, running } = await runElsewhere();
  expect(await detail(id)).toMatchObject({
    status: 'running',
    owner: { pid: running.process.pid, alive: true, here: false },
  });
  const client = await readStream(world, `/groups/${id}/events`);
  await client.sees(({ data }) => data.type === 'session_started' && data.sessionId === 'two');
  await client.sees(({ event, data }) => event === 'progress' && data.owner?.here === false);

  expect((await world.post(`/groups/${id}/sessions/one/pause`)).status).toBe(202);
  await until(async () => (await world.api(`/groups/${id}/sessions/one`)).json.session.status === 'paused');
  expect((await world.post(`/groups/${id}/sessions/one/resume`)).status).toBe(202);
  expect((await world.post(`/groups/${id}/budget`, { maxBudgetUsd: 77 })).status).toBe(202);
  expect((await detail(id)).budget.limitUsd).toBe(77);
  expect((await world.post(`/groups/${id}/run`)).status).toBe(409);
  expect((await world.api(`/groups/${id}`, { method: 'DELETE' })).json.error.code).toBe('owned_elsewhere');

  const paused = await world.post(`/groups/${id}/pause?wait=true`);
  expect(paused.json.result).toMatchObject({ status: 'paused', reason: 'manual' });
  expect(await running.ended).toBe(3);
  await until(async () => (await detail(id)).owner === undefined);

  // It is not running now, so the server takes it over.
  expect((await world.post(`/groups/${id}/resume`)).status).toBe(202);
  expect(await detail(id)).toMatchObject({ status: 'running', owner: { pid: process.pid, here: true } });
  await world.post(`/groups/${id}/stop`);
  await client.sees(({ event }) => event === 'end');
  expect(client.seqs).toEqual(client.seqs.map((_, at) => at));
});

test('the command line controls and watches a group that the server runs', async () => {
  const id = await made([{ hang: true }]);
  await world.post(`/groups/${id}/run`);
  const watching = cli('group', 'watch', id, '--json');
  await watching.says('"session_started"');
  const pausing = cli('group', 'pause', id, '--json');
  expect(await pausing.ended).toBe(0);
  expect(JSON.parse(pausing.out())).toMatchObject({ type: 'result', status: 'paused' });
  expect(await watching.ended).toBe(3);
  await until(() => world.server.running.length === 0);

  const resuming = cli('group', 'resume', id, '--plain');
  await resuming.says('resumed');
  await until(async () => (await detail(id)).owner?.pid === resuming.process.pid);
  expect((await world.post(`/groups/${id}/stop?wait=true`)).json.result.status).toBe('stopped');
  expect(await resuming.ended).toBe(1);
});

test('a permission request of another process is answered through the server', async () => {
  const { id } = await runElsewhere({ approval: 'Bash', input: { command: 'npm test' } });
  await until(async () => (await detail(id)).approvals.length === 1);
  const [{ requestId }] = (await detail(id)).approvals;
  const answer = await world.post(`/groups/${id}/sessions/one/answer`, { requestId, decision: 'allow' });
  expect(answer.status).toBe(202);
  await until(async () => (await detail(id)).approvals.length === 0);
  const journal = await readFile(join(world.dataDir, 'groups', id, 'journal.ndjson'), 'utf8');
  expect(journal).toMatch(/"approval_answered".*"by":"http"/);
});

test('a group whose process was killed is shown as interrupted, and taken over', async () => {
  const { id, running } = await runElsewhere();
  const client = await readStream(world, `/groups/${id}/events`);
  await client.sees(({ event, data }) => event === 'progress' && data.status === 'running');
  running.process.kill('SIGKILL');
  await running.ended;
  await client.sees(({ event, data }) => event === 'progress' && data.status === 'interrupted');
  const lost = await detail(id);
  expect(lost.status).toBe('interrupted');
  expect(lost.attempts.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['lost', 'lost']);

  expect((await world.post(`/groups/${id}/resume`)).status).toBe(202);
  await client.sees(({ event, data }) => event === 'progress' && data.owner?.here === true);
  await until(async () => (await detail(id)).attempts.length === 4);
  await world.post(`/groups/${id}/stop`);
  await client.sees(({ event }) => event === 'end');
  expect(client.seqs).toEqual(client.seqs.map((_, at) => at));
});

test.each([
  ['pause', 'paused'],
  ['stop', 'stopped'],
])('a %s of an interrupted group starts nothing', async (verb, status) => {
  const { id, running } = await runElsewhere();
  running.process.kill('SIGKILL');
  await running.ended;
  await until(async () => (await detail(id)).status === 'interrupted');
  expect((await world.post(`/groups/${id}/${verb}?wait=true`)).json.result.status).toBe(status);
  expect((await detail(id)).attempts).toHaveLength(2);
});
