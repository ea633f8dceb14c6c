import { expect, test } from 'vitest';
import { createSessionGroup, openSessionGroup } from '../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../src/sdk/group/api/options.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../src/sdk/group/schedule/quota-gate.ts';
import { viewGroup } from '../../src/sdk/group/standing/view.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../src/sdk/project/project-gate.ts';
import { createScriptedAgent } from '../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import { definitionOf, delay, drive, flushed, scripted } from '../support/bench.ts';

/** How long a group and its sessions took: only time in which an engine ran the group counts (PROGRESS-3). */

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;

const DEFINITION = definitionOf([
  scripted('a', [delay(4 * SECOND), { text: 'half-way' }, delay(6 * SECOND), { result: 'done' }]),
  scripted('b', [delay(2 * SECOND)], { dependsOn: ['a'] }),
]);

const store = createMemoryStore();

/** An engine with its own clock, which starts with its process. */
class Engine {
  readonly clock: SimulatedClock;
  readonly options: SessionGroupOptions & { readonly store: typeof store };

  constructor(startsAt?: number) {
    this.clock = new SimulatedClock(startsAt);
    this.options = {
      store,
      clock: this.clock,
      projects: memoryProjectGate(),
      quota: new QuotaGate(this.clock, () => 0),
      agents: { scripted: createScriptedAgent(this.clock) },
      env: {},
    };
  }

  async passes(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= SECOND) {
      await flushed();
      this.clock.advance(Math.min(SECOND, left));
    }
    await flushed();
  }

  /** The next engine, started `ms` later. */
  after(ms: number): Engine {
    return new Engine(this.clock.now() + ms);
  }
}

const durationOf = (group: GroupRunner, id: string) =>
  group.getProgress().sessions.find(session => session.id === id)?.durationMs;

async function completedDurations(id: string): Promise<Record<string, number>> {
  const { records } = await store.read(id);
  return Object.fromEntries(
    records.flatMap(record =>
      record.type === 'session_completed' ? [[record.sessionId, record.durationMs]] : [],
    ),
  );
}

test('time without an engine does not count; time in earlier engines does', async () => {
  const first = new Engine();
  const group = await createSessionGroup(DEFINITION, first.options);
  group.run().catch(() => {});
  await first.passes(5 * SECOND);
  expect(group.getProgress().elapsedMs).toBe(5 * SECOND);
  store.crash(group.id); // what it did after its last record, at 4 s, nobody knows

  const second = first.after(HOUR);
  const again = await openSessionGroup(group.id, second.options);
  await second.passes(10 * SECOND);
  expect(again.getProgress().elapsedMs, 'it waits to be resumed').toBe(4 * SECOND);
  expect(durationOf(again, 'a')).toBe(4 * SECOND);
  again.resume().catch(() => {});
  await second.passes(5 * SECOND);
  expect(again.getProgress().elapsedMs).toBe(9 * SECOND);
  expect(durationOf(again, 'a')).toBe(9 * SECOND);
  store.crash(group.id);

  const third = second.after(24 * HOUR);
  const last = await openSessionGroup(group.id, third.options);
  await third.passes(60 * SECOND);
  expect(last.getProgress().elapsedMs).toBe(8 * SECOND);
  const result = await drive(third.clock, last.resume());
  expect(result).toMatchObject({ status: 'completed', elapsedMs: 20 * SECOND });
  expect(await completedDurations(group.id)).toEqual({ a: 18 * SECOND, b: 2 * SECOND });
  await last.dispose();

  const reader = await openSessionGroup(group.id, third.after(HOUR).options);
  expect(reader.getResult().elapsedMs, 'as all of the journal tells it').toBe(20 * SECOND);
  expect([durationOf(reader, 'a'), durationOf(reader, 'b')]).toEqual([18 * SECOND, 2 * SECOND]);
  await reader.dispose();
});

test('time in which the group is paused does not count, in one engine or between two', async () => {
  const first = new Engine();
  const group = await createSessionGroup(DEFINITION, first.options);
  group.run().catch(() => {});
  await first.passes(5 * SECOND);
  await drive(first.clock, group.pause());
  await first.passes(100 * SECOND);
  expect(group.getProgress().elapsedMs).toBe(5 * SECOND);
  expect(durationOf(group, 'a')).toBe(5 * SECOND);
  group.resume().catch(() => {});
  await first.passes(SECOND);
  await drive(first.clock, group.pause());
  await group.dispose();

  const second = first.after(HOUR);
  const again = await openSessionGroup(group.id, second.options);
  expect(again.getProgress().elapsedMs).toBe(6 * SECOND);
  const result = await drive(second.clock, again.resume());
  // Another engine's scripted agent starts the script over.
  expect(result.elapsedMs).toBe(18 * SECOND);
  expect(await completedDurations(group.id)).toEqual({ a: 16 * SECOND, b: 2 * SECOND });
  await again.dispose();
});

test('an interrupted group that is paused on takeover gains no time after its engine died', async () => {
  const first = new Engine();
  const group = await createSessionGroup(DEFINITION, first.options);
  group.run().catch(() => {});
  await first.passes(5 * SECOND);
  store.crash(group.id);
  const second = first.after(HOUR);
  const paused = await openSessionGroup(group.id, { ...second.options, pauseInterrupted: true });
  expect(paused.getProgress()).toMatchObject({ status: 'paused', elapsedMs: 4 * SECOND });
  await paused.dispose();
  const again = await openSessionGroup(group.id, second.after(HOUR).options);
  expect(again.getProgress()).toMatchObject({ status: 'paused', elapsedMs: 4 * SECOND });
  expect(durationOf(again, 'a')).toBe(4 * SECOND);
  await again.dispose();
});

test.each([
  ['a new limit', (group: GroupRunner) => group.setMaxBudget(5)],
  ['an update', (group: GroupRunner) => group.updateSession('b', { priority: 1 })],
])('%s of an interrupted group adds no time in which nothing ran', async (_, request) => {
  const first = new Engine();
  const group = await createSessionGroup(DEFINITION, first.options);
  group.run().catch(() => {});
  await first.passes(5 * SECOND);
  store.crash(group.id);
  const second = first.after(HOUR);
  const again = await openSessionGroup(group.id, second.options);
  await request(again);
  await second.passes(60 * SECOND);
  expect(again.getProgress().elapsedMs).toBe(4 * SECOND);
  expect(viewGroup(await store.read(group.id)).progress.elapsedMs, 'in any other process').toBe(4 * SECOND);
  expect((await drive(second.clock, again.resume())).elapsedMs).toBe(16 * SECOND);
  await again.dispose();
});
