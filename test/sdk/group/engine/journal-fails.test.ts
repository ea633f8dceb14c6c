import { describe, expect, it } from 'vitest';
import { RefusedError, SessionGroupsError } from '../../../../src/sdk/errors.ts';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { SessionGroupOptions } from '../../../../src/sdk/group/api/options.ts';
import { isEvent, type JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import type { GroupResult } from '../../../../src/sdk/group/progress/progress.ts';
import type { GroupRunner } from '../../../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { GroupStore } from '../../../../src/sdk/group/store/store.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { definitionOf, delay, drive, failing, scripted } from '../../../support/bench.ts';
import { diskFull, faultyStore } from '../../../support/faulty-store.ts';
import { WatchedAgent } from '../../../support/watched-agent.ts';

/** A journal that rejects everything from its n-th record on (design-docs/adr/0012-failing-disk.md). */

const after = (...ids: string[]) => ({ dependsOn: ids });
const result = (id: string) => ({ result: `result of ${id}` });

/** Twelve sessions, three at a time: chains, a fan-out, a join, a retry, and a final failure with two dependents. */
const SESSIONS = definitionOf(
  [
    scripted('lib', [{ text: 'first' }, { cost: 0.1 }, delay(50), { cost: 0.2 }, result('lib')]),
    scripted('api', [{ cost: 0.1 }, delay(10), result('api')], after('lib')),
    scripted('web', [{ tool: 'Bash', duration: 5 }, result('web')], after('lib')),
    scripted('app', [delay(5), result('app')], after('lib')),
    scripted('flaky', [{ cost: 0.02 }, failing('agent_error', 1), result('flaky')]),
    scripted(
      'docs',
      [{ tokens: { input: 10, output: 5 } }, { cost: 0.3 }, result('docs')],
      after('api', 'web'),
    ),
    scripted('site', [result('site')], after('docs', 'flaky')),
    scripted('broken', [{ cost: 0.01 }, failing('permission_denied')], after('app')),
    scripted('never', [], after('broken')),
    scripted('neither', [], after('never', 'lib')),
    scripted('alone', [delay(80), result('alone')]),
    scripted('last', [result('last')], after('site', 'alone')),
  ],
  { concurrency: { maxConcurrent: 3 }, retry: { initialInterval: 10 } },
);

class World {
  readonly clock = new SimulatedClock();
  readonly agent = new WatchedAgent(this.clock);
  readonly memory = createMemoryStore();
  /** The number of the first rejected record; set it to Infinity to repair the disk. */
  failsAt: number;
  appends = 0;
  readonly #options: Omit<SessionGroupOptions, 'store'>;

  constructor(failsAt = Number.POSITIVE_INFINITY) {
    this.failsAt = failsAt;
    const quota = new QuotaGate(this.clock, () => 0);
    const agents = { scripted: this.agent };
    this.#options = { clock: this.clock, quota, projects: memoryProjectGate(), agents, env: {} };
  }

  get store(): GroupStore {
    return faultyStore(() => {
      this.appends += 1;
      if (this.appends >= this.failsAt) throw diskFull();
    }, this.memory);
  }

  create = () => createSessionGroup(SESSIONS, { ...this.#options, store: this.store });
  open = (id: string) => openSessionGroup(id, { ...this.#options, store: this.store });
  until = <T>(promise: Promise<T>) => drive(this.clock, promise);
  records = async (id: string) => (await this.memory.read(id)).records;
}

/** What lost records must not change; unrecorded attempts still cost money. */
const statusesOf = ({ status, sessions }: GroupResult) => ({
  status,
  sessions: Object.entries(sessions).map(([id, session]) => [
    id,
    session.status,
    session.reason,
    session.result,
  ]),
});

/** The states of the sessions, without their attempts. */
const outcomeOf = ({ status, sessions, totalCostUsd }: GroupResult, attempts = true) => ({
  status,
  totalCostUsd,
  sessions: Object.entries(sessions).map(([id, session]) => [
    id,
    { ...session, ...(attempts ? {} : { attempts: 0 }) },
  ]),
});

async function undisturbed(): Promise<{ result: GroupResult; appends: number }> {
  const world = new World();
  const group = await world.create();
  const found = await world.until(group.run());
  await group.dispose();
  return { result: found, appends: world.appends };
}

/** I4, I11: each session settled once, and no event is missing. */
function expectWhole(records: readonly JournalRecord[]): void {
  const events = records.filter(isEvent);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index));
  const settled = events.flatMap(event =>
    /^session_(completed|failed|skipped|stopped)$/.test(event.type) && 'sessionId' in event
      ? [event.sessionId]
      : [],
  );
  expect(settled.sort()).toEqual(SESSIONS.sessions.map(({ id }) => id).sort());
}

/** Attempts that were started but are not in the journal (I10). */
const unannounced = (world: World, records: readonly JournalRecord[]) =>
  world.agent.attempts.filter(
    ({ session, spec }) =>
      !records.some(
        record =>
          (record.type === 'session_started' || record.type === 'session_resumed') &&
          record.sessionId === session &&
          record.attempt === spec.attempt,
      ),
  );

/** Runs the group until the journal fails, and checks its state; returns undefined if it was never created. */
async function failed(world: World): Promise<GroupRunner | undefined> {
  let group: GroupRunner;
  try {
    group = await world.create();
  } catch (error) {
    expect(error).toMatchObject({ code: 'disk_full' });
    expect(await world.memory.list()).toEqual([]);
    expect(world.agent.attempts).toEqual([]);
    return undefined;
  }
  const found = await world.until(group.run());
  expect([...world.agent.live.keys()], 'I7').toEqual([]);
  const { code, message, hint } = diskFull();
  expect(found.storeError).toEqual({ code, message, hint });
  if (found.status !== 'paused') return group; // only its last record failed
  expect(found).toMatchObject({ status: 'paused', reason: 'store_failed' });
  expect(group.why()).toEqual({ kind: 'paused', reason: 'store_failed', message });
  const before = world.appends;
  const requests: (() => Promise<unknown>)[] = [
    () => group.resume(),
    () => group.retry(),
    () => group.stop(),
    () => group.setMaxBudget(99),
  ];
  for (const request of requests) {
    await expect(world.until(request())).rejects.toMatchObject({ code: 'store_failed', message, hint });
  }
  await expect(world.until(group.resume())).rejects.toBeInstanceOf(RefusedError);
  expect(world.appends - before, 'one write for each request').toBe(5);
  expect(group.getResult().status).toBe('paused');
  return group;
}

describe('a journal that fails at any record of a group of twelve sessions', () => {
  it('pauses it; after the repair, resume reaches the same end, and nothing is lost', async () => {
    const expected = await undisturbed();
    for (let n = 1; n <= expected.appends; n++) {
      const world = new World(n);
      const group = await failed(world);
      if (!group) continue;
      const seen: number[] = [];
      group.journal$().subscribe(event => seen.push(event.seq));
      world.failsAt = Number.POSITIVE_INFINITY;
      const status = group.getResult().status;
      const end = status === 'paused' ? await world.until(group.resume()) : group.getResult();
      expect(outcomeOf(end, false), `failed at record ${n}`).toEqual(outcomeOf(expected.result, false));
      if (status === 'paused') expect(end.storeError).toBeUndefined();
      await group.dispose();
      const records = await world.records(group.id);
      expectWhole(records);
      expect(unannounced(world, records), 'I10').toEqual([]);
      expect(seen, 'watchers miss nothing').toEqual(seen.map((_, index) => index));
      // Interrupted attempts are resumed; none counts as a failure.
      for (const { session, spec } of world.agent.attempts) {
        const own = world.agent.of(session);
        expect(own.map(attempt => attempt.spec.attempt)).toEqual(own.map((_, index) => index + 1));
        expect(spec.conversation.id).toBe(own[0]?.spec.conversation.id);
      }
    }
    expect(expected.appends).toBeGreaterThan(80);
  });

  it('pauses it even if the failure is temporary; buffered records are written before later ones', async () => {
    const expected = await undisturbed();
    for (let n = 2; n <= expected.appends; n++) {
      const world = new World(n);
      const group = await world.create();
      group.events$.subscribe();
      const running = group.run();
      const end = drive(world.clock, running, () => {
        if (world.appends >= n) world.failsAt = Number.POSITIVE_INFINITY;
      });
      let found = await end;
      if (found.status === 'paused') found = await world.until(group.resume());
      await group.dispose();
      expect(outcomeOf(found, false), `failed at record ${n}`).toEqual(outcomeOf(expected.result, false));
      expectWhole(await world.records(group.id));
    }
  });

  it('and is never repaired: dispose names the lost records, and the next owner continues from those written', async () => {
    const expected = await undisturbed();
    for (let n = 2; n <= expected.appends; n += 3) {
      const world = new World(n);
      const group = await failed(world);
      if (!group) continue;
      const lost = await group.dispose().catch((error: unknown) => error);
      expect(lost).toBeInstanceOf(SessionGroupsError);
      expect(lost).toMatchObject({ code: 'records_lost' });
      expect((lost as SessionGroupsError).message).toMatch(/^\d+ records? (was|were) not written: .*ENOSPC/);
      expect(await world.records(group.id)).toHaveLength(n - 1);

      world.failsAt = Number.POSITIVE_INFINITY;
      const next = await world.open(group.id);
      const found = next.getResult();
      const goOn = found.status === 'created' ? next.run() : next.resume();
      const end = await world.until(goOn);
      expect(statusesOf(end), `failed at record ${n}`).toEqual(statusesOf(expected.result));
      expect(end.totalCostUsd, 'I8').toBeGreaterThanOrEqual(found.totalCostUsd);
      await next.dispose();
      expectWhole(await world.records(group.id));
    }
  });
});

it('nothing starts without a journal record (I10)', async () => {
  const world = new World(2);
  const group = await world.create();
  expect(await world.until(group.run())).toMatchObject({ status: 'paused', reason: 'store_failed' });
  expect(world.agent.attempts).toEqual([]);
  await expect(group.dispose()).rejects.toMatchObject({
    code: 'records_lost',
    hint: expect.stringContaining('resumes'),
  });
});
