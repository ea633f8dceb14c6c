import { describe, expect, test } from 'vitest';
import type { SavedGroupView } from '../../src/control/read-saved.ts';
import { RUNNING_VERBS } from '../../src/control/verbs.ts';
import type { PlacedOrder } from '../../src/fleet/placement.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { delay, scripted } from '../support/bench.ts';
import { type FleetBench, fleetBench, LEASE_MS, NO_FAULTS } from './group-bench.ts';

/** Groups whose attempts are carried out by the workers of a fleet. */

const IDS = ['a', 'b', 'c', 'd'];
const STEPS = ['one', 'two', 'three', 'four'];
/** Four seconds of work, of which each step is said once, and each costs a cent. */
const work = (id: string) =>
  scripted(id, [
    ...STEPS.flatMap(text => [{ text: `${id} ${text}` }, { cost: 0.01 }, delay(1_000)]),
    { result: id },
  ]);

const statuses = (group: GroupRunner) =>
  Object.fromEntries(group.getProgress().sessions.map(({ id, status }) => [id, status]));
const whyOf = (group: GroupRunner, id: string) =>
  group.getProgress().sessions.find(session => session.id === id)?.why;

/** What the agents have said, by session. */
const saidIn = ({ log }: FleetBench, id: string): string[] =>
  log
    .filter(({ spec }) => spec.sessionId === id)
    .flatMap(({ events }) => events.flatMap(event => (event.type === 'message' ? [event.text] : [])));

const ofType = <T extends JournalRecord['type']>(records: readonly JournalRecord[], type: T) =>
  records.filter((record): record is Extract<JournalRecord, { type: T }> => record.type === type);

const attemptsOf = ({ log }: FleetBench, id: string) => log.filter(({ spec }) => spec.sessionId === id);

test('a worker is lost and the engine dies, and no session starts over, is paid twice or counted as failed', async () => {
  const fleet = fleetBench();
  const first = fleet.worker('first', 2);
  const group = await fleet.group(IDS.map(work), { concurrency: { maxConcurrent: 4 } });
  group.run().catch(() => {});
  await fleet.pass(100);
  const onFirst = fleet.log.map(({ spec }) => spec.sessionId);
  expect(onFirst).toHaveLength(2);
  expect(Object.values(statuses(group)).filter(status => status === 'placing')).toHaveLength(2);
  fleet.worker('second');
  await fleet.pass(1_000);
  expect(Object.values(statuses(group))).toEqual(['running', 'running', 'running', 'running']);
  first.cutOff();
  await fleet.pass(0.5 * LEASE_MS);
  await fleet.die();
  await fleet.pass(LEASE_MS);
  const next = await fleet.open();
  const before = (await fleet.records()).length;
  await fleet.until(next.resume());
  expect(next.getProgress().status).toBe('completed');
  for (const id of IDS) {
    expect(saidIn(fleet, id)).toEqual(STEPS.map(text => `${id} ${text}`));
    const attempts = attemptsOf(fleet, id);
    const resumed = onFirst.includes(id) ? [false, true] : [false];
    expect(attempts.map(({ spec }) => spec.conversation.resume)).toEqual(resumed);
    expect(new Set(attempts.map(({ spec }) => spec.conversation.id)).size).toBe(1);
  }
  const records = await fleet.records();
  expect(
    ofType(records, 'session_message')
      .map(({ text }) => text)
      .sort(),
  ).toEqual(IDS.flatMap(id => STEPS.map(text => `${id} ${text}`)).sort());
  expect(ofType(records, 'session_retrying').map(({ error }) => error.code)).toEqual([
    'worker_lost',
    'worker_lost',
  ]);
  expect(next.getProgress().totalCostUsd).toBeCloseTo(0.16);
  expect(ofType(records.slice(before), 'session_started')).toEqual([]);
});

test('a worker that has not renewed half of a lease is shown as lost, until it is heard of again, or is', async () => {
  // It renews at 8, 16, … s; half of a lease is 20, and its agent is killed at 28 after the last renewal.
  const fleet = fleetBench({ leaseMs: 40_000 });
  const first = fleet.worker('first');
  const group = await fleet.group([scripted('a', [delay(120_000)])]);
  group.run().catch(() => {});
  await fleet.pass(9_000);
  expect(whyOf(group, 'a')).toBeUndefined();
  first.cutOff();
  await fleet.pass(22_000);
  const why = whyOf(group, 'a');
  expect(why).toMatchObject({ kind: 'worker_lost' });
  const leftMs = why?.kind === 'worker_lost' ? why.until - fleet.clock.now() : 0;
  expect(leftMs).toBeGreaterThan(0);
  expect(leftMs).toBeLessThan(20_000);
  first.mend();
  await fleet.pass(6_000);
  expect([statuses(group), whyOf(group, 'a')]).toEqual([{ a: 'running' }, undefined]);
  first.cutOff();
  await fleet.pass(17_000);
  expect(whyOf(group, 'a')).toMatchObject({ kind: 'worker_lost' });
  await fleet.pass(20_000);
  expect([statuses(group), whyOf(group, 'a')]).toMatchObject([{ a: 'placing' }, { kind: 'placement' }]);
});

/** A fleet that is not always told how leases stand. */
const withoutLeases = (isAway: () => boolean, leaseMs = LEASE_MS) =>
  fleetBench({
    leaseMs,
    faultsOn: () => ({
      ...NO_FAULTS,
      placement(placement) {
        const leases = placement.leases.bind(placement);
        const never = () => new Promise<never>(() => {});
        return Object.assign(placement, {
          leases: (orders: readonly PlacedOrder[]) => (isAway() ? never() : leases(orders)),
        });
      },
    }),
  });

test('while nobody can be asked, a lease that is known runs out', async () => {
  let isAway = false;
  const fleet = withoutLeases(() => isAway, 40_000);
  fleet.worker('first');
  const group = await fleet.group([scripted('a', [delay(120_000)])]);
  group.run().catch(() => {});
  await fleet.pass(5_000);
  expect([statuses(group), whyOf(group, 'a')]).toEqual([{ a: 'running' }, undefined]);
  isAway = true;
  await fleet.pass(30_000);
  expect(whyOf(group, 'a')).toMatchObject({ kind: 'worker_lost' });
});

test('nothing is told of a lease before it is known', async () => {
  const fleet = withoutLeases(() => true);
  fleet.worker('first');
  const group = await fleet.group([scripted('a', [delay(120_000)])]);
  group.run().catch(() => {});
  await fleet.pass(10_000);
  expect([statuses(group), whyOf(group, 'a')]).toEqual([{ a: 'running' }, undefined]);
});

describe('a conversation', () => {
  const workersOf = (fleet: FleetBench) => attemptsOf(fleet, 'a').map(({ worker }) => worker);

  test('goes on where it is, while a worker serves that place; a pause, a crash and another worker do not matter', async () => {
    const fleet = fleetBench();
    fleet.worker('one', 4, 'here');
    const group = await fleet.group([work('a')]);
    group.run().catch(() => {});
    await fleet.pass(1_500);
    fleet.worker('two', 4, 'there'); // the first that is free from now on
    await fleet.until(group.pause());
    group.resume().catch(() => {});
    await fleet.pass(500);
    expect(workersOf(fleet)).toEqual(['one', 'one']);
    await fleet.until(group.pause());
    await fleet.die();
    await fleet.until((await fleet.open()).resume());
    expect(workersOf(fleet)).toEqual(['one', 'one', 'one']);
    expect(saidIn(fleet, 'a')).toEqual(STEPS.map(text => `a ${text}`));
  });

  test('waits for its place over the death of its engine, for another worker of it', async () => {
    const fleet = fleetBench();
    const one = fleet.worker('one', 1, 'here');
    const group = await fleet.group([work('a'), scripted('b', [delay(60_000)])], {
      concurrency: { maxConcurrent: 2 },
    });
    group.run().catch(() => {});
    await fleet.pass(1_500);
    fleet.worker('busy', 1, 'here');
    await fleet.pass(500);
    expect(statuses(group)).toEqual({ a: 'running', b: 'running' });
    await fleet.until(group.pauseSession('a'));
    await fleet.pass(1_000);
    one.drain();
    await fleet.until(group.resumeSession('a'));
    fleet.worker('elsewhere', 1, 'there');
    await fleet.pass(5_000);
    expect([statuses(group).a, whyOf(group, 'a')]).toMatchObject(['placing', { kind: 'placement' }]);
    await fleet.die();
    const next = await fleet.open();
    next.resume().catch(() => {});
    await fleet.pass(5_000);
    expect([statuses(next).a, workersOf(fleet)]).toEqual(['placing', ['one']]);
    fleet.worker('again', 1, 'here');
    await fleet.pass(5_000);
    expect(workersOf(fleet)).toEqual(['one', 'again']);
  });

  test('goes on elsewhere once nobody serves its place', async () => {
    const fleet = fleetBench();
    const one = fleet.worker('one', 4, 'here');
    const group = await fleet.group([work('a')]);
    const run = group.run();
    await fleet.pass(1_500);
    fleet.worker('two', 4, 'there');
    one.drain();
    expect((await fleet.until(run)).status).toBe('completed');
    expect(workersOf(fleet)).toEqual(['one', 'two']);
    const codes = ofType(await fleet.records(), 'session_retrying').map(({ error }) => error.code);
    expect(codes).toEqual(['worker_drained', 'worker_drained']);
    expect(group.getProgress().sessions[0]).toMatchObject({ status: 'completed' });
  });
});

describe('an attempt that waits for a worker', () => {
  test('says how many serve the pool, and how many go first, and its watchdog does not run', async () => {
    const fleet = fleetBench();
    const group = await fleet.group([work('a'), work('b')], { timeouts: { attempt: '10s', idle: '10s' } });
    const run = group.run();
    await fleet.pass(100);
    expect(statuses(group)).toEqual({ a: 'placing', b: 'placing' });
    expect(whyOf(group, 'a')).toEqual({ kind: 'placement' });
    await fleet.pass(60_000);
    expect(whyOf(group, 'a')).toEqual({ kind: 'placement', workers: 0, ahead: 0, pool: 'pool' });
    expect(whyOf(group, 'b')).toEqual({ kind: 'placement', workers: 0, ahead: 1, pool: 'pool' });
    fleet.worker('late', 1);
    await fleet.pass(2_500);
    expect(statuses(group)).toEqual({ a: 'running', b: 'placing' });
    expect(group.getProgress().sessions.map(({ worksOn }) => worksOn)).toEqual([
      { worker: 'late', host: 'host of late' },
      undefined,
    ]);
    expect(whyOf(group, 'b')).toEqual({ kind: 'placement', workers: 1, ahead: 0, pool: 'pool' });
    expect((await fleet.until(run)).status).toBe('completed');
    expect(ofType(await fleet.records(), 'session_retrying')).toEqual([]);
  });

  test('is taken back by a pause, and is no attempt of its agent', async () => {
    const fleet = fleetBench();
    const group = await fleet.group([work('a')]);
    group.run().catch(() => {});
    await fleet.pass(100);
    await fleet.until(group.pause());
    expect(statuses(group)).toEqual({ a: 'paused' });
    fleet.worker('late');
    await fleet.pass(5_000);
    expect(fleet.log).toEqual([]);
    await fleet.until(group.resume());
    expect(saidIn(fleet, 'a')).toHaveLength(4);
    expect(attemptsOf(fleet, 'a')).toHaveLength(1);
  });
});

describe('a worker that is stopped', () => {
  test('gives its sessions to the others, however often, and that counts as nothing', async () => {
    const fleet = fleetBench();
    const group = await fleet.group([work('a')], { retry: { maximumAttempts: 1 } });
    const run = group.run();
    for (let stopped = 0; stopped < 5; stopped++) {
      const worker = fleet.worker(`w${stopped}`);
      await fleet.pass(300);
      worker.drain();
      await fleet.pass(10);
    }
    fleet.worker('last');
    expect((await fleet.until(run)).status).toBe('completed');
    expect(saidIn(fleet, 'a')).toEqual(STEPS.map(text => `a ${text}`));
    const codes = ofType(await fleet.records(), 'session_retrying').map(({ error }) => error.code);
    expect(codes).toEqual(Array(5).fill('worker_drained'));
  });
});

describe('workers that are lost', () => {
  test('three times in a row count as nothing, and the fourth time as a lost process', async () => {
    const fleet = fleetBench();
    const group = await fleet.group([work('a')], { retry: { maximumAttempts: 1 } });
    const run = group.run();
    for (let lost = 0; lost < 4; lost++) {
      const worker = fleet.worker(`w${lost}`, 1);
      await fleet.pass(100);
      worker.cutOff();
      await fleet.pass(1.5 * LEASE_MS);
    }
    expect((await fleet.until(run)).status).toBe('failed');
    const [failed] = ofType(await fleet.records(), 'session_failed');
    expect(failed?.error).toEqual({ code: 'process_lost', message: 'its worker was lost 4 times in a row' });
    expect(fleet.log).toHaveLength(4);
  });
});

describe('an engine that dies', () => {
  /** A group of two sessions that work, whose engine dies after a second. */
  async function died(as: (group: GroupRunner) => void = () => {}, forgets = true) {
    const fleet = fleetBench({ forgets });
    fleet.worker('w');
    const group = await fleet.group([work('a'), work('b')]);
    group.run().catch(() => {});
    await fleet.pass(1_500);
    as(group);
    await fleet.die();
    return fleet;
  }

  test('an end that happened meanwhile is heard, and nothing runs again', async () => {
    const fleet = await died();
    await fleet.pass(60_000);
    const group = await fleet.open();
    expect(group.getProgress().status).toBe('running');
    const before = (await fleet.records()).length;
    await fleet.until(group.resume());
    expect(group.getProgress().status).toBe('completed');
    expect(fleet.log).toHaveLength(2);
    const records = await fleet.records();
    expect(ofType(records, 'session_message')).toHaveLength(8);
    expect(ofType(records.slice(before), 'session_resumed')).toEqual([]);
    expect(group.getProgress().totalCostUsd).toBeCloseTo(0.08);
  });

  test.each([
    ['which is told only what it has not heard', true],
    ['which is told everything again', false],
  ])('again and again: the next one, %s, journals and counts nothing twice', async (_, forgets) => {
    const fleet = await died(undefined, forgets);
    for (let times = 0; times < 3; times++) {
      const group = await fleet.open();
      group.resume().catch(() => {});
      await fleet.pass(700);
      await fleet.die();
    }
    const group = await fleet.open();
    await fleet.until(group.resume());
    expect(fleet.log).toHaveLength(2);
    const said = ofType(await fleet.records(), 'session_message').map(({ text }) => text);
    expect(said.sort()).toEqual(['a', 'b'].flatMap(id => STEPS.map(text => `${id} ${text}`)).sort());
    expect(group.getProgress().totalCostUsd).toBeCloseTo(0.08);
    expect(group.getProgress().sessions.map(({ attempts }) => attempts)).toEqual([1, 1]);
  });

  test('while it was pausing: the next one pauses the agents, without being asked', async () => {
    const fleet = await died(group => void group.pause().catch(() => {}));
    const group = await fleet.open();
    expect(group.getProgress().status).toBe('pausing');
    await fleet.until(group.rest());
    expect(statuses(group)).toEqual({ a: 'paused', b: 'paused' });
    expect(fleet.log.map(({ events }) => events.at(-1))).toEqual(
      Array(2).fill({ type: 'ended', end: { outcome: 'interrupted' } }),
    );
    await fleet.until(group.resume());
    expect(saidIn(fleet, 'a')).toEqual(STEPS.map(text => `a ${text}`));
  });

  test('while it was pausing: who resumes it by a command waits for the pause, and goes on', async () => {
    const fleet = await died(group => void group.pause().catch(() => {}));
    const group = await fleet.open();
    const saved = { view: { result: { status: 'pausing' } } } as SavedGroupView;
    expect((await fleet.until(RUNNING_VERBS.resume.begin(group, {}, saved))).status).toBe('completed');
    expect(saidIn(fleet, 'a')).toEqual(STEPS.map(text => `a ${text}`));
  });

  test('while it was stopping: the next one stops the agents, without being asked', async () => {
    const fleet = await died(group => void group.stop().catch(() => {}));
    const group = await fleet.open();
    await fleet.until(group.rest());
    expect(statuses(group)).toEqual({ a: 'stopped', b: 'stopped' });
    expect(fleet.log.map(({ events }) => events.at(-1)?.type)).toEqual(['ended', 'ended']);
  });

  test('its group can be paused or stopped instead of being resumed, and then no agent works', async () => {
    for (const verb of ['pause', 'stop'] as const) {
      const fleet = await died();
      const group = await fleet.open();
      await fleet.until(group[verb]());
      expect(group.getProgress().status).toBe(verb === 'pause' ? 'paused' : 'stopped');
      expect(fleet.log.map(({ events }) => events.at(-1)?.type)).toEqual(['ended', 'ended']);
      await fleet.until(group.dispose());
    }
  });

  test('a session that a person holds is paused again, while the others go on', async () => {
    const fleet = await died(group => void group.pauseSession('a').catch(() => {}));
    const group = await fleet.open();
    const resumed = group.resume();
    await fleet.pass(10);
    expect(statuses(group)).toMatchObject({ a: 'paused', b: 'running' });
    await group.resumeSession('a');
    await fleet.until(resumed);
    expect(group.getProgress().status).toBe('completed');
    expect(saidIn(fleet, 'a')).toEqual(STEPS.map(text => `a ${text}`));
  });

  test('a request for a permission is asked again, and the answer reaches the same attempt', async () => {
    const fleet = fleetBench();
    fleet.worker('w');
    const group = await fleet.group([scripted('a', [{ approval: 'Bash' }, { result: 'Done.' }])], {
      permissions: { onRequest: 'ask' },
    });
    group.run().catch(() => {});
    await fleet.pass(100);
    expect(statuses(group)).toEqual({ a: 'awaiting_approval' });
    await fleet.die();
    const next = await fleet.open();
    const resumed = next.resume();
    await fleet.pass(10);
    expect(statuses(next)).toEqual({ a: 'awaiting_approval' });
    const why = whyOf(next, 'a');
    if (why?.kind !== 'approval') throw new Error('it waits for no approval');
    await next.answer(why.requestId, 'allow');
    await fleet.until(resumed);
    expect(next.getProgress().status).toBe('completed');
    expect(fleet.log).toHaveLength(1);
  });

  test('a worker that was lost meanwhile: the session goes on elsewhere', async () => {
    const fleet = fleetBench();
    const lost = fleet.worker('lost', 1);
    const group = await fleet.group([work('a')]);
    group.run().catch(() => {});
    await fleet.pass(1_500);
    await fleet.die();
    lost.cutOff();
    await fleet.pass(5 * LEASE_MS);
    fleet.worker('other');
    const next = await fleet.open();
    await fleet.until(next.resume());
    expect(next.getProgress().status).toBe('completed');
    expect(attemptsOf(fleet, 'a').map(({ spec, worker }) => [worker, spec.conversation.resume])).toEqual([
      ['lost', false],
      ['other', true],
    ]);
  });

  test('without its executor, its group is not opened, unless that is forced', async () => {
    const fleet = await died();
    const opening = fleet.open({ alone: true });
    await expect(opening).rejects.toMatchObject({ code: 'executor_required' });
    const group = await fleet.open({ alone: true, takeOver: true });
    expect(group.getProgress().status).toBe('running');
    await group.dispose();
  });
});

test('sessions that need a tree or checks are refused', async () => {
  const fleet = fleetBench();
  const refused = fleet.group([scripted('a', [], { verify: { commands: ['true'] } })]);
  await expect(refused).rejects.toMatchObject({ code: 'workspace_elsewhere' });
});
