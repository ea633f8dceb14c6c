import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import type { GroupRunner } from '../../../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import type { Agent } from '../../../../src/sdk/session/agent.ts';
import { createScriptedAgent } from '../../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { drive, flush } from '../../../../src/sdk/testing/flush.ts';
import { diskFull } from '../../../support/faulty-store.ts';
import { laterStore } from '../../../support/later-store.ts';

const definition = (ids: readonly string[]): SessionGroupInput => ({
  version: 1,
  name: 'later',
  sessions: ids.map((id, index) => ({
    id,
    projectPath: '.',
    prompt: 'x',
    dependsOn: ids.slice(0, index),
    agent: { kind: 'scripted', steps: [{ delay: 1_000 }, { result: 'done' }] },
  })),
});

/** A store that takes so long for each write. */
function bench(delayMs: number, refuse: (record: JournalRecord) => boolean = () => false) {
  const clock = new SimulatedClock();
  const memory = createMemoryStore({ clock });
  const written: JournalRecord[] = [];
  const started: string[] = [];
  const scripted = createScriptedAgent(clock);
  let delay = delayMs;
  const agent: Agent = {
    ...scripted,
    start(spec, sink) {
      started.push(`${spec.sessionId} ${spec.attempt}`);
      const isWritten = (record: JournalRecord): boolean =>
        (record.type === 'session_started' || record.type === 'session_resumed') &&
        record.sessionId === spec.sessionId &&
        record.attempt === spec.attempt;
      expect(written.some(isWritten)).toBe(true);
      return scripted.start(spec, sink);
    },
  };
  const store = laterStore(memory, {
    clock,
    delay: () => delay,
    before(record) {
      if (refuse(record)) throw diskFull();
      written.push(record);
    },
  });
  /** Lets time pass until it is settled. */
  const settled = <T>(promise: Promise<T>): Promise<T> => drive(clock, promise);
  return {
    ...{ clock, memory, store, written, started, settled },
    options: { store, clock, agents: { scripted: agent }, projects: memoryProjectGate(), baseDir: tmpdir() },
    takes(ms: number) {
      delay = ms;
    },
  };
}

const typesOf = (records: readonly { readonly type: string }[]) => records.map(({ type }) => type);
const isWritten = (written: readonly JournalRecord[], type: string) =>
  written.some(record => record.type === type);

function follow(group: GroupRunner, written: readonly JournalRecord[]): GroupEvent[] {
  const seen: GroupEvent[] = [];
  group.events$.subscribe(event => {
    expect(written).toContainEqual(event);
    seen.push(event);
  });
  return seen;
}

test('an agent starts, and everybody hears of it, once its start is written', async () => {
  const { options, settled, written, started, memory } = bench(400);
  const group = await settled(createSessionGroup(definition(['a', 'b']), options));
  expect(typesOf(written)).toEqual(['group_created']);
  const seen = follow(group, written);
  const result = await settled(group.run());
  expect(result.status).toBe('completed');
  expect(isWritten(written, 'group_completed')).toBe(true);
  expect(started).toEqual(['a 1', 'b 1']);
  expect(seen).toEqual(written.filter(record => 'seq' in record));
  await settled(group.dispose());
  expect((await memory.read(group.id)).meta.status).toBe('completed');
});

test('a pause while a start is being written leaves an attempt whose agent has never started', async () => {
  const { options, settled, started, takes, written } = bench(0);
  const group = await settled(createSessionGroup(definition(['a']), options));
  takes(5_000);
  const ran = group.run();
  await flush();
  expect(isWritten(written, 'session_started')).toBe(false);
  expect(group.getProgress().sessions[0]?.attempts).toBe(1);
  void group.pause();
  expect((await settled(ran)).status).toBe('paused');
  expect(started).toEqual([]);
  takes(0);
  expect((await settled(group.resume())).status).toBe('completed');
  expect(started).toEqual(['a 2']);
  await settled(group.dispose());
});

test.each(['session_started', 'session_completed', 'group_started'])(
  'where %s is refused later, the group pauses, and a resume writes what was buffered, in order',
  async type => {
    let refusals = 1;
    const { options, settled, written, started } = bench(
      300,
      record => record.type === type && refusals-- > 0,
    );
    const group = await settled(createSessionGroup(definition(['a']), options));
    const seen: GroupEvent[] = [];
    group.events$.subscribe(event => seen.push(event));
    const paused = await settled(group.run());
    expect(paused).toMatchObject({
      status: 'paused',
      reason: 'store_failed',
      storeError: { code: 'disk_full' },
    });
    if (type !== 'session_completed') expect(started).toEqual([]);
    expect(await settled(group.resume())).toMatchObject({ status: 'completed' });
    const events = written.filter(record => 'seq' in record);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
    expect(seen).toEqual(events);
    await settled(group.dispose());
  },
);

test('a record that is never answered for pauses the group, and is named as lost', async () => {
  const { options, settled, takes, started } = bench(0);
  const group = await settled(createSessionGroup(definition(['a']), options));
  takes(1e9);
  const result = await settled(group.run());
  expect(result).toMatchObject({
    status: 'paused',
    reason: 'store_failed',
    storeError: { code: 'store_failed' },
  });
  expect(started).toEqual([]);
  await expect(settled(group.dispose())).rejects.toMatchObject({ code: 'records_lost' });
});

test('a new group whose first record is refused does not exist', async () => {
  const { options, settled, store } = bench(50, () => true);
  await expect(settled(createSessionGroup(definition(['a']), options))).rejects.toMatchObject({
    code: 'disk_full',
  });
  expect(await store.list()).toEqual([]);
});

test('a definition is stored before the journal names it, and the group goes on with it', async () => {
  const { options, settled, written, store } = bench(200);
  const group = await settled(createSessionGroup(definition(['a']), options));
  await settled(group.update(definition(['a', 'b'])));
  expect(isWritten(written, 'group_updated')).toBe(true);
  expect((await store.read(group.id)).group.definition.sessions).toHaveLength(2);
  expect((await settled(group.run())).status).toBe('completed');
  await settled(group.dispose());
});

test('the next owner begins with what was written when its predecessor died', async () => {
  const { options, settled, written, started, clock, memory, takes } = bench(0);
  const group = await settled(createSessionGroup(definition(['a']), options));
  void group.run();
  await flush();
  while (started.length === 0 && clock.step()) await flush();
  takes(1e9); // what is appended from now on is lost
  clock.advance(2_000);
  await flush();
  expect(isWritten(written, 'session_completed')).toBe(false);
  memory.crash(group.id);
  takes(10);
  const next = await settled(openSessionGroup(group.id, options));
  expect(next.getProgress().status).toBe('running');
  expect((await settled(next.resume())).status).toBe('completed');
  const { records } = await memory.read(group.id);
  expect(typesOf(records)).toContain('_taken_over');
  await settled(next.dispose());
});
