// @module-tag processes
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GroupManager } from '../../src/sdk/group/manager.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { createScriptedAgent } from '../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { until } from './observe.ts';
import { openServeWorld, type ServeWorld, scripted } from './serve-world.ts';
import { readStream, type StreamClient } from './stream-client.ts';

let world: ServeWorld;
beforeEach(async () => {
  world = await openServeWorld();
});
afterEach(() => world.close());

const made = async (definition: object): Promise<string> =>
  (await world.post('/groups', { definition })).json.groupId;
/** 0, 1, 2, … */
const gapless = (count: number, from = 0) => Array.from({ length: count }, (_, at) => from + at);

describe('the stream of a group', () => {
  test('sends the history, then live events, each once, to the end of the group', async () => {
    const id = await made(
      scripted(world.folder, { one: { steps: [{ approval: 'Bash' }, { result: 'x' }] } }),
    );
    await world.post(`/groups/${id}/run`);
    const early = await readStream(world, `/groups/${id}/events`);
    const asked = await early.sees(({ data }) => data.type === 'approval_requested');
    expect(early.response.headers['content-type']).toBe('text/event-stream; charset=utf-8');
    const late = await readStream(world, `/groups/${id}/events`);
    await late.sees(({ data }) => data.type === 'approval_requested');

    const { requestId } = asked.data;
    await world.post(`/groups/${id}/sessions/one/answer`, { requestId, decision: 'allow' });
    for (const client of [early, late]) {
      const end = await client.sees(({ event }) => event === 'end');
      expect(end.data).toEqual({ status: 'completed' });
      await until(() => client.isOver);
      expect(client.seqs).toEqual(gapless(client.seqs.length));
      expect(client.frames.filter(({ event }) => event === 'event').at(-1)?.data.type).toBe(
        'group_completed',
      );
      const progress = client.frames.filter(({ event }) => event === 'progress');
      expect(progress.map(({ data }) => data.full)).toEqual(progress.map((_, at) => at === 0));
      expect(progress.at(-1)?.data).toMatchObject({ status: 'completed', completed: 1 });
    }
    expect(early.seqs).toEqual(late.seqs);
  });

  test('continues after the last received event, or from a given one', async () => {
    const id = await made(scripted(world.folder, { one: { steps: [{ text: 'hello' }, { result: 'x' }] } }));
    await world.post(`/groups/${id}/run?wait=true`);
    const whole = await readStream(world, `/groups/${id}/events`);
    await until(() => whole.isOver);
    const count = whole.seqs.length;
    expect(count).toBeGreaterThan(4);
    const read = async (query: string, headers = {}) => {
      const client = await readStream(world, `/groups/${id}/events${query}`, headers);
      await until(() => client.isOver);
      return client.seqs;
    };
    expect(await read('?fromSeq=2')).toEqual(gapless(count - 2, 2));
    expect(await read('', { 'last-event-id': '2' })).toEqual(gapless(count - 3, 3));
    expect(await read('?fromSeq=1', { 'last-event-id': String(count - 1) })).toEqual([]);
    expect((await world.api(`/groups/${id}/events`, { headers: { 'last-event-id': 'x' } })).status).toBe(400);
    expect((await world.api(`/groups/${id}/events?fromSeq=-1`)).status).toBe(400);
    expect((await world.api('/groups/none/events')).status).toBe(404);
  });

  test('sends only progress if requested; later updates contain only changes', async () => {
    const id = await made(
      scripted(world.folder, {
        one: { steps: [{ approval: 'Bash' }, { result: 'x' }] },
        two: { after: ['one'], steps: [{ result: 'y' }] },
        bystander: { in: 'b', steps: [{ result: 'z' }] },
      }),
    );
    await world.post(`/groups/${id}/run`);
    await until(async () => (await world.api(`/groups/${id}`)).json.approvals.length === 1);
    await until(
      async () => (await world.api(`/groups/${id}/sessions/bystander`)).json.session.status === 'completed',
    );
    const client = await readStream(world, `/groups/${id}/events?view=progress`);
    const first = await client.sees(({ event }) => event === 'progress');
    expect(first.data.sessions.map((one: { id: string }) => one.id)).toEqual(['one', 'two', 'bystander']);
    const [approval] = (await world.api(`/groups/${id}`)).json.approvals;
    await world.post(`/groups/${id}/sessions/one/answer`, {
      requestId: approval.requestId,
      decision: 'allow',
    });
    await client.sees(({ event }) => event === 'end');

    const updates = client.frames.filter(({ event }) => event === 'progress').slice(1);
    const changed = new Set(
      updates.flatMap(({ data }) => data.sessions.map((one: { id: string }) => one.id)),
    );
    expect([...changed].sort()).toEqual(['one', 'two']);
    expect(updates.at(-1)?.data.revision).toBeGreaterThan(first.data.revision);
    expect(client.seqs).toEqual([]);
  });

  test('stays open while the group is paused, and continues with it', async () => {
    const id = await made(scripted(world.folder, { one: { steps: [{ hang: true }] } }));
    const client = await readStream(world, `/groups/${id}/events`);
    await client.sees(({ data }) => data.status === 'created');
    await world.post(`/groups/${id}/run`);
    await client.sees(({ data }) => data.type === 'session_started');
    await world.post(`/groups/${id}/pause?wait=true`);
    await client.sees(({ event, data }) => event === 'progress' && data.status === 'paused' && !data.owner);
    await world.post(`/groups/${id}/resume`);
    await client.sees(({ data }) => data.type === 'session_resumed');
    await world.post(`/groups/${id}/stop`);
    await client.sees(({ event, data }) => event === 'end' && data.status === 'stopped');
    expect(client.seqs).toEqual(gapless(client.seqs.length));
  });

  test('resumes after a restart of the server, without gaps or duplicates', async () => {
    const id = await made(scripted(world.folder, { one: { steps: [{ text: 'a' }, { hang: true }] } }));
    await world.post(`/groups/${id}/run`);
    const before = await readStream(world, `/groups/${id}/events`);
    await before.sees(({ data }) => data.type === 'session_message');
    await world.restart();
    await until(() => before.isOver);
    // The client got the group's status when the server closed.
    expect(before.frames.filter(({ event }) => event === 'progress').at(-1)?.data).toMatchObject({
      status: 'paused',
      why: { kind: 'paused', reason: 'shutdown' },
    });
    const last = before.seqs.at(-1) ?? -1;
    const after = await readStream(world, `/groups/${id}/events`, { 'last-event-id': String(last) });
    await world.post(`/groups/${id}/resume`);
    await world.post(`/groups/${id}/stop`);
    await after.sees(({ event }) => event === 'end');
    const all = [...before.seqs, ...after.seqs];
    expect(all).toEqual(gapless(all.length));
  });

  test('reports that the group was removed', async () => {
    const id = await made(scripted(world.folder, { one: { steps: [{ result: 'x' }] } }));
    const client = await readStream(world, `/groups/${id}/events`);
    await client.sees(({ event }) => event === 'progress');
    await world.api(`/groups/${id}`, { method: 'DELETE' });
    const error = await client.sees(({ event }) => event === 'error');
    expect(error.data.error.code).toBe('unknown_group');
    await until(() => client.isOver);
  });
});

describe('a reader of a stream', () => {
  test('that stalls blocks nobody, and misses nothing when it continues', async () => {
    const text = 'x'.repeat(10_000);
    const said = Array.from({ length: 2_000 }, () => ({ text }));
    // More than a request body may contain.
    const group = await world.manager.create(
      scripted(world.folder, { one: { steps: [...said, { result: 'x' }] } }),
    );
    await group.dispose();
    const { id } = group;
    const slow = await readStream(world, `/groups/${id}/events`);
    await slow.sees(({ event }) => event === 'progress');
    slow.pause();
    const ran = await world.post(`/groups/${id}/run?wait=true`);
    expect(ran.json.result.status).toBe('completed');
    expect(slow.seqs.length).toBeLessThan(2_000);
    slow.resume();
    await slow.sees(({ event }) => event === 'end');
    expect(slow.seqs).toEqual(gapless(slow.seqs.length));
    expect(slow.seqs.length).toBeGreaterThan(2_000);
  });

  test('that disconnects makes room for another under the limit', async () => {
    await world.close();
    world = await openServeWorld({ limits: { maxStreams: 2 } });
    const id = await made(scripted(world.folder, { one: { steps: [{ hang: true }] } }));
    const clients = [
      await readStream(world, `/groups/${id}/events`),
      await readStream(world, `/groups/${id}/events?view=progress`),
    ];
    const refused = await world.api(`/groups/${id}/events`);
    expect(refused).toMatchObject({ status: 503, json: { error: { code: 'too_many_streams' } } });
    expect((await world.api(`/groups/${id}/events`, { method: 'HEAD' })).status).toBe(200);
    clients[0]?.leave();
    await until(async () => {
      const third = await readStream(world, `/groups/${id}/events`);
      return third.response.statusCode === 200;
    });
  });

  test.each([
    ['completed', [{ result: 'x' }]],
    ['paused', [{ hang: true }]],
    ['waiting for a quota', [{ limit: '5h' }]],
  ])('gets nothing but pings of a group that is %s and owned', async (how, steps) => {
    await world.close();
    const clock = new SimulatedClock();
    const agents = { scripted: createScriptedAgent(clock) };
    world = await openServeWorld({ clock }, { clock, agents, quota: new QuotaGate(clock, () => 0) });
    const group = await world.manager.create(scripted(world.folder, { one: { steps } }));
    void group.run();
    const reaches = (wanted: string, { of = 'group' } = {}) =>
      until(() => {
        clock.advance(500);
        const { status, sessions } = group.getProgress();
        return wanted === (of === 'group' ? status : sessions[0]?.status);
      });
    if (how === 'paused') {
      await reaches('running', { of: 'session' });
      void group.pause();
    }
    if (how === 'waiting for a quota') await reaches('quota_wait', { of: 'session' });
    else await reaches(how);
    const { status } = group.getProgress();
    const clients = [
      await readStream(world, `/groups/${group.id}/events`),
      await readStream(world, `/groups/${group.id}/events?view=progress`),
    ];
    const shows = ({ frames }: StreamClient) =>
      frames.some(({ event, data }) => event === 'progress' && data.status === status);
    await until(() => clients.every(shows));
    const pings = () => Math.min(...clients.map(client => client.pings));
    // What was still on its way has arrived after the first ping.
    await until(() => {
      clock.advance(500);
      return pings() > 0;
    });
    const before = clients.map(({ frames }) => frames.length);
    const seen = pings();
    await until(() => {
      clock.advance(500);
      return pings() >= seen + 3;
    });
    expect(clients.map(({ frames }) => frames.length)).toEqual(before);
    expect(clients.some(({ isOver }) => isOver)).toBe(false);
    for (const client of clients) client.leave();
  });

  test.each([
    ['settled', [{ result: 'x' }]],
    ['waiting for a quota', [{ limit: '5h' }]],
  ])(
    'gets nothing but pings of a group that is %s, whose owner has no control socket, until the server is closed',
    async (how, steps) => {
      await world.close();
      const clock = new SimulatedClock();
      world = await openServeWorld({ clock });
      const agents = { scripted: createScriptedAgent(clock) };
      const store = createFileStore({ dataDir: world.dataDir });
      const owner = new GroupManager({ store, clock, agents, quota: new QuotaGate(clock, () => 0) });
      const group = await owner.create(scripted(world.folder, { one: { steps } }));
      void group.run();
      await until(() => {
        clock.advance(500);
        const { status, sessions } = group.getProgress();
        return how === 'settled' ? status === 'completed' : sessions[0]?.status === 'quota_wait';
      });
      const clients = [
        await readStream(world, `/groups/${group.id}/events`),
        await readStream(world, `/groups/${group.id}/events?view=progress`),
      ];
      const pings = () => Math.min(...clients.map(client => client.pings));
      const untilPings = (count: number) =>
        until(() => {
          clock.advance(500);
          return pings() >= count;
        });
      await untilPings(1);
      const before = clients.map(({ frames }) => frames.length);
      await untilPings(pings() + 3);
      expect(clients.map(({ frames }) => frames.length)).toEqual(before);
      expect(clients.some(({ isOver }) => isOver)).toBe(false);
      // No time passes any more: nothing but the end of its streams lets the server close.
      await world.server.close();
      await until(() => clients.every(({ isOver }) => isOver));
      await owner.dispose();
    },
  );

  test('gets a ping every 15 seconds while nothing happens', async () => {
    await world.close();
    const clock = new SimulatedClock();
    world = await openServeWorld({ clock });
    const id = await made(scripted(world.folder, { one: { steps: [{ result: 'x' }] } }));
    const client = await readStream(world, `/groups/${id}/events`);
    await client.sees(({ event }) => event === 'progress');
    expect(client.pings).toBe(0);
    await clock.advance(14_900);
    expect(client.pings).toBe(0);
    await clock.advance(200);
    await until(() => client.pings === 1);
    await clock.advance(15_000);
    await until(() => client.pings === 2);
  });
});
