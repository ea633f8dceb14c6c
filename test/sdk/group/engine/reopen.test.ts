import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../../../src/sdk/group/api/options.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import { foldJournal } from '../../../../src/sdk/group/journal/fold.ts';
import type { GroupRunner } from '../../../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { createScriptedAgent } from '../../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

const project = mkdtempSync(join(tmpdir(), 'reopen-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

/** One clock, one store and one scripted agent, which keeps its conversations like a real one. */
function world() {
  const clock = new SimulatedClock();
  const options: SessionGroupOptions & { store: ReturnType<typeof createMemoryStore> } = {
    store: createMemoryStore(),
    clock,
    projects: memoryProjectGate(),
    quota: new QuotaGate(clock, () => 0),
    agents: { scripted: createScriptedAgent(clock) },
  };
  const settle = async <T>(promise: Promise<T>): Promise<T> => {
    let done = false;
    promise.then(
      () => {
        done = true;
      },
      () => {
        done = true;
      },
    );
    for (let turn = 0; !done && turn < 10_000; turn++) {
      for (let i = 0; i < 10; i++) await null;
      if (!done) clock.step();
    }
    return promise;
  };
  return { clock, options, settle };
}

const definition = (over: Partial<SessionGroupInput> = {}): SessionGroupInput => ({
  version: 1,
  name: 'again',
  config: {
    agent: {
      kind: 'scripted',
      steps: [
        { text: 'first half' },
        { cost: 0.1 },
        { delay: '10s' },
        { text: 'second half' },
        { cost: 0.1 },
      ],
    },
    concurrency: { maxPerProject: 10 },
  },
  sessions: [
    { id: 'a', projectPath: project, prompt: 'do a' },
    { id: 'b', projectPath: project, prompt: 'do b', dependsOn: ['a'] },
  ],
  ...over,
});

test('another owner opens a paused group and continues the same conversations', async () => {
  const { clock, options, settle } = world();
  const first = await createSessionGroup(definition(), options);
  const running = first.run();
  for (let i = 0; i < 50; i++) await null;
  clock.advance(4_000);
  await settle(first.pause());
  expect((await running).status).toBe('paused');
  await settle(first.dispose());

  const second = await openSessionGroup(first.id, options);
  expect(second.getProgress()).toMatchObject({ status: 'paused', paused: 1, pending: 1, totalCostUsd: 0.1 });
  const result = await settle(second.resume());
  expect(result).toMatchObject({ status: 'completed', totalCostUsd: 0.4 });
  const events: GroupEvent[] = [];
  for await (const event of second.history()) events.push(event);
  expect(events.map(event => event.seq)).toEqual(events.map((_, index) => index));
  const started = events.find(event => event.type === 'session_started' && event.sessionId === 'a');
  const resumed = events.find(event => event.type === 'session_resumed' && event.sessionId === 'a');
  expect(resumed).toMatchObject({ attempt: 2 });
  expect(resumed && 'agentSessionId' in resumed && resumed.agentSessionId).toBe(
    started && 'agentSessionId' in started && started.agentSessionId,
  );
  await second.dispose();
});

test('the fold of the journal equals the live state at every event', async () => {
  const { options, settle } = world();
  const group = await createSessionGroup(definition(), options);
  const seen: GroupEvent[] = [];
  group.events$.subscribe(event => seen.push(event));
  await settle(group.run());
  const { records } = await options.store.read(group.id);
  const folded = foldJournal(records);
  expect(folded.status).toBe('completed');
  expect(folded.seq).toBe(seen.length);
  for (const session of group.getProgress().sessions) {
    expect(folded.sessions.get(session.id)).toMatchObject({
      status: session.status,
      attempts: session.attempts,
      ledger: { settled: Math.round(session.costUsd * 1e6), unreported: 0 },
    });
  }
  await group.dispose();
});

test('retry of a failed group runs failed and skipped sessions again, and keeps completed ones', async () => {
  const { options, settle } = world();
  const group = await createSessionGroup(
    definition({
      sessions: [
        { id: 'a', projectPath: project, prompt: 'do a' },
        {
          id: 'b',
          projectPath: project,
          prompt: 'do b',
          dependsOn: ['a'],
          agent: { kind: 'scripted', steps: [{ failure: 'invalid_request', attempts: 1 }, { text: 'fine' }] },
        },
        { id: 'c', projectPath: project, prompt: 'do c', dependsOn: ['b'] },
      ],
    }),
    options,
  );
  const failed = await settle(group.run());
  expect(failed).toMatchObject({
    status: 'failed',
    sessions: { c: { status: 'skipped', reason: 'upstream_failed' } },
  });
  expect(group.retryPlan()).toEqual(['b', 'c']);
  expect(group.retryPlan(['b'])).toEqual(['b', 'c']);
  const result = await settle(group.retry());
  expect(result.status).toBe('completed');
  expect(result.sessions.a?.attempts).toBe(1);
  expect(result.sessions.b?.attempts).toBe(2);
  await expect(settle(group.retry())).rejects.toMatchObject({ code: 'nothing_to_retry' });
  await group.dispose();
});

test('a group whose engine died is resumed, and keeps its costs', async () => {
  const dead = world();
  const first = await createSessionGroup(definition(), dead.options);
  void first.run();
  for (let i = 0; i < 50; i++) await null;
  dead.clock.advance(4_000);
  // The engine is gone; only its journal is left.
  const { records } = await dead.options.store.read(first.id);
  const { clock, options, settle } = world();
  const { store } = options;
  const owned = await store.create({
    slug: 'crashed',
    createdAt: clock.now(),
    definition: first.group.definition,
  });
  for (const record of records) void owned.journal.append(record);
  await owned.release();

  const second = await openSessionGroup(owned.group.id, options);
  expect(second.getProgress().totalCostUsd).toBe(0.1);
  await expect(second.run()).rejects.toMatchObject({ code: 'not_in_this_state' });
  const result = await settle(second.resume());
  expect(result.status).toBe('completed');
  expect(result.totalCostUsd).toBeGreaterThanOrEqual(0.4);
  await second.dispose();
});

/** Puts the journal of a group whose engine died at the first record of this type into another store. */
async function diedAt(type: string, act: (group: GroupRunner) => Promise<unknown>) {
  const dead = world();
  const first = await createSessionGroup(definition(), dead.options);
  void first.run();
  for (let i = 0; i < 50; i++) await null;
  dead.clock.advance(4_000);
  await dead.settle(act(first));
  const { records } = await dead.options.store.read(first.id);
  const end = records.findIndex(record => record.type === type);
  const next = world();
  const { store } = next.options;
  const owned = await store.create({
    slug: 'died',
    createdAt: next.clock.now(),
    definition: first.group.definition,
  });
  for (const record of records.slice(0, end + 1)) void owned.journal.append(record);
  await owned.release();
  return { ...next, id: owned.group.id };
}

test('a pause in progress when the engine died is finished: the group is paused when opened', async () => {
  const { options, settle, id } = await diedAt('group_pausing', group => group.pause());
  const group = await openSessionGroup(id, options);
  expect(group.getProgress()).toMatchObject({ status: 'paused', paused: 1, running: 0, pending: 1 });
  expect((await settle(group.resume())).status).toBe('completed');
  await group.dispose();
});

test('a stop in progress when the engine died is finished, even if a resume is requested', async () => {
  const { options, settle, id } = await diedAt('group_stopping', group => group.stop());
  const group = await openSessionGroup(id, options);
  expect(await settle(group.resume())).toMatchObject({
    status: 'stopped',
    sessions: { a: { status: 'stopped' }, b: { status: 'skipped', reason: 'group_stopped' } },
  });
  expect((await settle(group.retry())).status).toBe('completed');
  await group.dispose();
});
