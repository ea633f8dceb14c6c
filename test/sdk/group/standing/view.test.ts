import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { isoTime } from '../../../../src/sdk/clock.ts';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { foldJournal } from '../../../../src/sdk/group/journal/fold.ts';
import type { GroupProgress } from '../../../../src/sdk/group/progress/progress.ts';
import { viewGroup } from '../../../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

const project = mkdtempSync(join(tmpdir(), 'view-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const DEFINITION: SessionGroupInput = {
  version: 1,
  name: 'seen',
  config: { agent: { kind: 'scripted', steps: [{ text: 'hello' }, { hang: true }] } },
  sessions: [
    { id: 'a', projectPath: project, prompt: 'x' },
    { id: 'b', projectPath: project, prompt: 'x', dependsOn: ['a'] },
  ],
};

/** A running group in a store that others can read. */
async function running() {
  const clock = new SimulatedClock();
  const store = createMemoryStore({ clock });
  const options = { store, clock, projects: memoryProjectGate() };
  const group = await createSessionGroup(DEFINITION, options);
  group.run().catch(() => {});
  for (let turn = 0; turn < 100 && group.getProgress().sessions[0]?.messageCount === 0; turn++) {
    for (let i = 0; i < 10; i++) await null;
    clock.advance(1);
  }
  expect(group.getProgress().sessions[0]?.status).toBe('running');
  return { clock, store, options, group };
}

type Steps = Extract<
  NonNullable<SessionGroupInput['sessions'][number]['agent']>,
  { steps?: unknown }
>['steps'];

/** A running group with two slots, each of whose sessions does one thing in its own project. */
async function doing(what: Readonly<Record<string, NonNullable<Steps>[number]>>) {
  const clock = new SimulatedClock();
  const store = createMemoryStore({ clock });
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'waiting',
      config: {
        agent: { kind: 'scripted' },
        concurrency: { maxConcurrent: 2 },
        retry: { initialInterval: '10m' },
      },
      sessions: Object.entries(what).map(([id, step]) => ({
        id,
        projectPath: mkdtempSync(join(project, 'p-')),
        prompt: 'x',
        agent: { kind: 'scripted', steps: [step, { hang: true }] },
      })),
    },
    { store, clock, projects: memoryProjectGate(), attended: true },
  );
  group.run().catch(() => {});
  for (let turn = 0; turn < 30; turn++) {
    for (let i = 0; i < 10; i++) await null;
    clock.advance(1);
  }
  return { clock, store, group };
}

/** Why the group and each of its sessions wait. */
const reasonsIn = ({ why, sessions }: GroupProgress) => ({
  group: why,
  ...Object.fromEntries(sessions.map(session => [session.id, session.why])),
});

describe('a view of a group', () => {
  it("matches the owner's state", async () => {
    const { clock, store, group } = await running();
    const view = viewGroup(await store.read(group.id), clock);
    expect(view.interrupted).toBe(false);
    const { sessions, status, totalCostUsd } = group.getProgress();
    expect(view.progress).toMatchObject({ status, totalCostUsd });
    expect(view.progress.sessions.map(session => session.status)).toEqual(
      sessions.map(({ status }) => status),
    );
    expect(view.progress.sessions[1]?.why).toEqual({ kind: 'dependency', sessions: ['a'] });
  });

  it.each(['group_pausing', 'group_paused'] as const)(
    'shows what was in play as paused if its owner died after %s',
    async type => {
      const { clock, store, group } = await running();
      store.crash(group.id);
      const stored = await store.read(group.id);
      const { groupId, fold } = { groupId: group.id, fold: foldJournal(stored.records) };
      const event = { type, reason: 'manual' as const, groupId, seq: fold.seq, time: isoTime(clock) };
      const { progress } = viewGroup({ ...stored, records: [...stored.records, event] }, clock);
      expect(progress.sessions[0]).toMatchObject({
        status: 'paused',
        why: { kind: 'paused', reason: 'manual' },
      });
    },
  );

  it.each([
    [{ fails: { failure: 'overloaded' } }],
    [{ limited: { limit: '1h' } }],
    [{ works: { hang: true } }],
  ] as const)(
    'says that a session is held before any other reason, once its owner has died: %j',
    async what => {
      const { clock, store, group } = await doing(what);
      store.crash(group.id);
      const stored = await store.read(group.id);
      const [sessionId = ''] = Object.keys(what);
      const held = { type: '_held' as const, sessionId, held: true, by: 'cli', time: isoTime(clock) };
      const { progress } = viewGroup({ ...stored, records: [...stored.records, held] }, clock);
      expect(progress.sessions[0]?.why).toEqual({ kind: 'paused', reason: 'held', by: 'cli' });
    },
  );

  it.each([
    [
      {
        fails: { failure: 'overloaded' },
        asks: { approval: 'Bash' },
        works: { hang: true },
        waits: { hang: true },
      },
      {
        fails: { kind: 'retry', attempt: 2, code: 'overloaded' },
        asks: { kind: 'approval', tool: 'Bash', input: expect.anything() },
        works: undefined,
        waits: { kind: 'slot', live: 2, maxConcurrent: 2 },
      },
    ],
    [
      { limited: { limit: '1h' }, limitedToo: { limit: '1h' }, waits: { hang: true } },
      {
        limited: { kind: 'quota', account: 'scripted' },
        waits: { kind: 'quota', account: 'scripted' },
        group: { kind: 'quota', account: 'scripted' },
      },
    ],
  ] as const)('has the reasons that the owner would give for what waits: %j', async (what, reasons) => {
    const { clock, store, group } = await doing(what);
    const seen = reasonsIn(viewGroup(await store.read(group.id), clock).progress);
    expect(seen).toEqual(reasonsIn(group.getProgress()));
    expect(seen).toMatchObject(reasons);
  });

  it('sees neither a slot held nor a request open in a group whose owner died', async () => {
    const { clock, store, group } = await doing({
      a: { hang: true },
      b: { approval: 'Bash' },
      c: { hang: true },
    });
    store.crash(group.id);
    const { sessions } = viewGroup(await store.read(group.id), clock).progress;
    const slot = { kind: 'slot', live: 0, maxConcurrent: 2 };
    expect(sessions.map(({ status, why }) => [status, why])).toEqual([
      ['running', undefined],
      ['awaiting_approval', slot],
      ['pending', slot],
    ]);
  });

  it('is interrupted if its owner died while it ran', async () => {
    const { clock, store, group } = await running();
    const before = (await store.read(group.id)).records.length;
    store.crash(group.id);
    const stored = await store.read(group.id);
    expect(viewGroup(stored, clock)).toMatchObject({ interrupted: true, result: { status: 'running' } });
    expect((await store.read(group.id)).records).toHaveLength(before);
  });
});

describe('the meta of a running group', () => {
  it('says that it is running, so that a list can tell that its engine has died', async () => {
    const { store, group } = await running();
    expect(await store.list()).toMatchObject([{ id: group.id, status: 'running' }]);
  });
});

describe('an interrupted group opened with pauseInterrupted', () => {
  it('is journalled as paused, starts nothing, and can be resumed', async () => {
    const { clock, store, options, group } = await running();
    store.crash(group.id);
    const opened = await openSessionGroup(group.id, { ...options, pauseInterrupted: true });
    expect(opened.getResult()).toMatchObject({ status: 'paused', reason: 'manual' });
    expect(opened.getProgress().sessions.map(({ status, attempts }) => [status, attempts])).toEqual([
      ['paused', 1],
      ['pending', 0],
    ]);
    const kept = (await store.read(group.id)).records.map(({ type }) => type);
    // Each opening records when its engine took over.
    const types = kept.filter(type => type !== '_taken_over');
    expect(types.slice(-3)).toEqual(['_status', 'session_paused', 'group_paused']);
    expect(viewGroup(await store.read(group.id), clock).progress.status).toBe('paused');
    expect(await opened.stop()).toMatchObject({ status: 'stopped' });
  });

  it('is paused, too, if its engine died as it delivered', async () => {
    const { store, options, group } = await running();
    store.crash(group.id);
    const { id: groupId } = group;
    const { journal, release, records } = await store.take(groupId);
    const seq = records.filter(record => 'seq' in record).length;
    void journal.append({
      type: 'group_delivering',
      into: 'main',
      seq,
      time: new Date(0).toISOString(),
      groupId,
    });
    await release();
    const opened = await openSessionGroup(groupId, { ...options, pauseInterrupted: true });
    expect(opened.getResult()).toMatchObject({ status: 'paused', reason: 'manual' });
  });
});

describe('a group whose process is suspended', () => {
  it('takes no time while it is, for its host and for those who read its journal', async () => {
    const { clock, store, group } = await running();
    const view = async () => viewGroup(await store.read(group.id), clock).progress;
    const before = group.getProgress().elapsedMs;
    clock.advance(5_000);
    await group.whileSuspended(async () => {
      clock.freeze(3_600_000);
      expect((await view()).elapsedMs).toBe(before + 5_000);
      expect(foldJournal((await store.read(group.id)).records).suspendedAt).toBe(
        new Date(clock.now() - 3_600_000).toISOString(),
      );
    });
    const kept = await view();
    expect([kept.elapsedMs, kept.sessions[0]?.durationMs]).toEqual([before + 5_000, before + 5_000]);
    clock.advance(2_000);
    const [a] = group.getProgress().sessions;
    expect([group.getProgress().elapsedMs, a?.durationMs]).toEqual([before + 7_000, before + 7_000]);
  });
});
