import { describe, expect, onTestFinished, test } from 'vitest';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import type { GroupRunner } from '../../../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { SessionGroup } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import {
  benchOf,
  type ConfigInput,
  definitionOf,
  delay,
  failing,
  flushed,
  projectPath,
  type SessionInput,
  scripted,
} from '../../../support/bench.ts';
import { needs } from '../../../support/random-dag.ts';
import { WatchedAgent } from '../../../support/watched-agent.ts';

/** What an engine finds that takes up where another died. */

interface Life {
  readonly group: SessionGroup;
  readonly records: readonly JournalRecord[];
}

/** What an engine journals until the group rests, by itself or after a second by `end`, and then gets a session. */
async function live(
  sessions: readonly SessionInput[],
  end?: (group: GroupRunner) => Promise<unknown>,
  { held, added, ...config }: ConfigInput & { readonly held?: string; readonly added?: SessionInput } = {},
): Promise<Life> {
  const clock = new SimulatedClock();
  const store = createMemoryStore({ clock });
  const agent = new WatchedAgent(clock);
  const quota = new QuotaGate(clock, () => 0);
  const group = await createSessionGroup(definitionOf(sessions, config), {
    ...{ clock, store, quota, projects: memoryProjectGate(), env: {} },
    agents: { scripted: agent },
  });
  const bench = benchOf(group, { clock, agent, quota });
  const run = group.run();
  if (end) await bench.pass(1_000);
  if (held !== undefined) await group.pauseSession(held);
  await bench.until(Promise.all([run.catch(() => {}), end?.(group)]));
  if (added) await group.addSession({ ...added, projectPath: projectPath(9) });
  const { records } = await store.read(group.id);
  await group.dispose();
  return { group: group.group, records };
}

/** Another engine, which finds the first records of that life; `projects` are shared with other groups. */
async function reopened(
  { group, records }: Life,
  end: number | ((record: JournalRecord) => boolean),
  projects = memoryProjectGate(),
) {
  const clock = new SimulatedClock();
  const store = createMemoryStore({ clock });
  const owned = await store.create({
    slug: 'died',
    createdAt: clock.now(),
    definition: group.definition,
  });
  const count = typeof end === 'number' ? end : records.findIndex(end) + 1;
  expect(count).toBeGreaterThan(0);
  for (const record of records.slice(0, count)) void owned.journal.append(record);
  await owned.release();
  const agent = new WatchedAgent(clock);
  const quota = new QuotaGate(clock, () => 0);
  const opened = await openSessionGroup(owned.group.id, {
    ...{ clock, store, quota, projects, env: {} },
    agents: { scripted: agent },
  });
  // A test that has failed leaves its clock standing: nobody waits for what that would end.
  onTestFinished(() => {
    opened.dispose().catch(() => {});
  });
  const written = async () => (await store.read(owned.group.id)).records.slice(count);
  return { ...benchOf(opened, { clock, agent, quota }), written };
}

const skipOf = (id: string) => (record: JournalRecord) =>
  record.type === 'session_skipped' && record.sessionId === id;

const statuses = (group: GroupRunner) =>
  Object.fromEntries(group.getProgress().sessions.map(({ id, status }) => [id, status]));

describe('a group whose engine died between a failure and what it skips', () => {
  const chain = [
    scripted('a', [failing()]),
    scripted('b', [], { dependsOn: needs('a') }),
    scripted('c', [], { dependsOn: needs('b') }),
    scripted('d', [], { dependsOn: needs('c') }),
  ];

  test.each([
    ['before the first skip', (record: JournalRecord) => record.type === 'session_failed'],
    ['after the first skip', skipOf('b')],
    ['before the last skip', skipOf('c')],
  ])('%s: opening journals nothing, and a resume skips the rest', async (_, end) => {
    const { group, until, written } = await reopened(await live(chain), end);
    expect(await written()).toEqual([]);
    expect(statuses(group)).toMatchObject({ a: 'failed', d: 'pending' });
    expect((await until(group.resume())).status).toBe('failed');
    expect(statuses(group)).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', d: 'skipped' });
  });

  test('a stop skips it for the failure, so that a retry of that one runs the others too', async () => {
    const { group, until } = await reopened(await live(chain), record => record.type === 'session_failed');
    expect((await until(group.stop())).status).toBe('failed'); // nothing was left to stop
    expect(group.getResult().sessions.d).toMatchObject({ status: 'skipped', reason: 'upstream_failed' });
    expect(group.retryPlan(['a'])).toEqual(['a', 'b', 'c', 'd']);
  });

  test('a pause journals the skips before the group is paused', async () => {
    const { group, until, written } = await reopened(
      await live([...chain, scripted('e', [delay(60_000)])]),
      record => record.type === 'session_failed',
    );
    await until(group.pause());
    expect((await written()).map(({ type }) => type)).toEqual([
      '_taken_over',
      ...chain.slice(1).map(() => 'session_skipped'),
      '_status',
      'session_paused',
      'group_paused',
    ]);
  });

  test('so does the end of a pause that was under way', async () => {
    const life = await live([...chain, scripted('e', [delay(60_000)])], group => group.pause());
    const failed = life.records.findIndex(({ type }) => type === 'session_failed');
    const pausing = life.records.find(({ type }) => type === 'group_pausing');
    if (!pausing) throw new Error('it did not pause');
    const { group, written } = await reopened(
      { ...life, records: [...life.records.slice(0, failed + 1), pausing] },
      failed + 2,
    );
    expect(group.getResult()).toMatchObject({ status: 'paused', reason: 'manual' });
    expect((await written()).map(({ type }) => type)).toEqual([
      '_taken_over',
      ...chain.slice(1).map(() => 'session_skipped'),
      '_status',
      'session_paused',
      'group_paused',
    ]);
  });

  test('a resume is not refused for a budget that nothing is left to spend', async () => {
    const life = await live([scripted('a', [{ cost: 0.5 }, failing()]), ...chain.slice(1)]);
    const { group, until } = await reopened(life, record => record.type === 'session_failed');
    expect((await until(group.resume({ maxBudgetUsd: 0.1 }))).status).toBe('failed');
  });

  test('and where the skipped were not needed it is completed, with all of them skipped', async () => {
    const life = await live([
      scripted('a'),
      scripted('rescue', [], { dependsOn: [{ session: 'a', when: 'failed' }] }),
      scripted('after', [], { dependsOn: needs('rescue') }),
    ]);
    const { group, until } = await reopened(life, skipOf('rescue'));
    expect((await until(group.resume())).status).toBe('completed');
    expect(statuses(group)).toEqual({ a: 'completed', rescue: 'skipped', after: 'skipped' });
  });
});

test('wherever the engine dies, a resume brings the group to the same end', async () => {
  const sessions = [
    scripted('a', [delay(1_000)]),
    scripted('b', [delay(1_000), failing()], { dependsOn: needs('a') }),
    scripted('c', [], { dependsOn: needs('b') }),
    scripted('rescue', [delay(1_000)], { dependsOn: [{ session: 'b', when: 'failed' }] }),
    scripted('last', [], { dependsOn: [...needs('c'), ...needs('rescue')], trigger: 'any' }),
  ];
  const life = await live(sessions);
  const begun = life.records.findIndex(({ type }) => type === 'group_started') + 1;
  const ended = life.records.findIndex(({ type }) => type === 'group_failed');
  expect(ended - begun).toBeGreaterThan(15);
  for (let end = begun; end < ended; end++) {
    const { group, until } = await reopened(life, end);
    const result = await until(group.resume());
    expect([end, result.status, statuses(group)]).toEqual([
      end,
      'failed',
      { a: 'completed', b: 'failed', c: 'skipped', rescue: 'completed', last: 'completed' },
    ]);
  }
});

describe('dependencies that resolve', () => {
  const sessions = [
    scripted('a', [delay(1_000), failing('max_turns', 1), delay(1_000)], { allowFailure: true }),
    scripted('b', [delay(5_000)]),
    scripted('both', [delay(1_000)], { dependsOn: [...needs('a'), ...needs('b')] }),
    scripted('either', [delay(60_000)], { dependsOn: [...needs('b'), ...needs('a')], trigger: 'any' }),
    scripted('bad', [delay(1_000), failing()], { dependsOn: needs('both') }),
    scripted('long', [delay(70_000)]),
    scripted('last', [], { dependsOn: [...needs('bad'), ...needs('long')] }),
  ];
  const resolved = (records: readonly JournalRecord[]) =>
    records.flatMap(one =>
      one.type === 'dependency_resolved' ? [`${one.sessionId} ${one.dependency}`] : [],
    );

  test('are announced once, wherever the engine dies', async () => {
    const life = await live(sessions, undefined, { concurrency: { maxConcurrent: 3 } });
    const all = ['both a', 'either a', 'both b', 'bad both'];
    expect(resolved(life.records)).toEqual(all);
    const begun = life.records.findIndex(({ type }) => type === 'group_started') + 1;
    const ended = life.records.findIndex(({ type }) => type === 'group_failed');
    for (let end = begun; end < ended; end++) {
      const { group, until, written } = await reopened(life, end);
      expect((await until(group.resume())).status).toBe('failed');
      const told = [...resolved(life.records.slice(0, end)), ...resolved(await written())];
      expect([end, told.map(one => one.replace(/either ./, 'either')).sort()]).toEqual([
        end,
        ['bad both', 'both a', 'both b', 'either'],
      ]);
    }
  });

  test('and again after a retry, if what they depend on has run again', async () => {
    const life = await live(sessions.slice(0, 3), async group => {
      await group.pause();
      await group.resume();
      await group.pause().catch(() => {});
    });
    const settled = life.records.findIndex(one => one.type === 'session_failed') + 2;
    expect(resolved(life.records.slice(0, settled))).toEqual(['both a']);
    const last = life.records.slice(0, settled).findLast(one => 'seq' in one);
    if (last?.type !== 'dependency_resolved') throw new Error('it was not announced');
    const { time, groupId, seq } = last;
    const paused: JournalRecord[] = [
      { type: 'session_paused', sessionId: 'b', time, groupId, seq: seq + 1 },
      { type: 'group_paused', reason: 'manual', time, groupId, seq: seq + 2 },
      { type: 'group_retried', sessions: ['a'], time, groupId, seq: seq + 3 },
    ];
    const records = [...life.records.slice(0, settled), ...paused];
    const { group, until, written } = await reopened({ ...life, records }, records.length);
    expect(resolved(await written())).toEqual([]);
    await until(group.resume());
    expect(resolved(await written()).sort()).toEqual(['both a', 'both b']);
  });
});

describe('a group at rest whose engine had still to say what follows', () => {
  const behind = (id: string, ...others: string[]) =>
    scripted(id, [], { dependsOn: others.flatMap(one => needs(one)) });
  const bad = [scripted('a', [failing()]), behind('b', 'a')];
  const rescue = scripted('rescue', [], { dependsOn: [{ session: 'a', when: 'failed' }] });
  const updated = (record: JournalRecord) => record.type === 'group_updated';

  test.each<[string, SessionInput[], SessionInput, string, string]>([
    ['failed', bad, behind('c', 'a'), 'failed', 'skipped'],
    ['failed, by way of others', bad, behind('c', 'b'), 'failed', 'skipped'],
    ['completed', [scripted('a')], rescue, 'completed', 'skipped'],
    ['failed, with something to do again', bad, rescue, 'paused', 'pending'],
  ])(
    '%s: what an update adds is judged, with and without a crash',
    async (_, sessions, added, status, end) => {
      const life = await live(sessions, undefined, { added });
      const rest = (records: readonly JournalRecord[]) =>
        records.map(({ type }) => type).filter(type => type !== '_taken_over');
      const told = rest(life.records).slice(life.records.findIndex(updated) + 1);
      expect(told).toContain(`group_${status}`);
      for (let more = 1; more <= told.length; more++) {
        const { group, written } = await reopened(life, life.records.findIndex(updated) + more);
        expect([group.getResult().status, statuses(group)[added.id]]).toEqual([status, end]);
        expect(rest(await written())).toEqual(told.slice(more - 1));
      }
    },
  );

  test('a paused group says which of the sessions that an update adds can never start', async () => {
    const sessions = [...bad, scripted('long', [delay(60_000)])];
    const life = await live(sessions, group => group.pause(), { added: behind('c', 'a') });
    const { group, written } = await reopened(life, updated);
    expect(group.getResult().status).toBe('paused');
    expect(statuses(group)).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', long: 'paused' });
    expect((await written()).map(({ type }) => type)).toEqual(['session_added', 'session_skipped']);
  });

  test('and that its last sessions are paused', async () => {
    const life = await live([scripted('a', [delay(500), { limit: 8 * 3_600_000 }])]);
    const paused = life.records.findIndex(({ type }) => type === 'group_paused') + 1;
    expect(life.records.slice(paused).map(({ type }) => type)).toEqual(['_status', 'session_paused']);
    const { group, written } = await reopened(life, paused);
    expect(statuses(group)).toEqual({ a: 'paused' });
    expect((await written()).map(({ type }) => type)).toEqual(['_status', 'session_paused']);
  });

  test('and which of those that a retry opens again', async () => {
    const life = await live([...bad, behind('c', 'b'), scripted('long', [delay(60_000)])], async group => {
      await group.pause();
      await group.retry({ sessions: ['b'], wait: false });
    });
    const { group, written } = await reopened(life, ({ type }) => type === 'group_retried');
    expect(statuses(group)).toEqual({ a: 'failed', b: 'skipped', c: 'skipped', long: 'paused' });
    expect((await written()).map(({ type }) => type)).toEqual(['session_skipped', 'session_skipped']);
  });
});

describe('a group whose engine had only its end left to say', () => {
  const two = [scripted('a', [delay(1_000)]), scripted('b', [delay(1_000)], { dependsOn: needs('a') })];
  const bad = [scripted('a', [failing()]), scripted('b', [], { dependsOn: needs('a') })];
  const ways = [
    { sessions: two, status: 'completed' },
    { sessions: bad, status: 'failed' },
  ];
  const beforeItsEnd = async (sessions: typeof two) => {
    const life = await live(sessions);
    return { life, end: life.records.findIndex(({ type }) => /^group_(completed|failed)$/.test(type)) };
  };

  test.each(['resume', 'pause', 'stop'] as const)('says it when it is asked to %s', async verb => {
    for (const { sessions, status } of ways) {
      const { life, end } = await beforeItsEnd(sessions);
      const { group, until, written } = await reopened(life, end);
      expect((await until(group[verb]())).status).toBe(status);
      const said = (await written()).map(({ type }) => type).filter(type => type.startsWith('group_'));
      expect(said.at(-1)).toBe(`group_${status}`);
      expect(said).not.toContain('group_stopping');
    }
  });

  test('and says it at once where a pause was under way', async () => {
    for (const { sessions, status } of ways) {
      const { life, end } = await beforeItsEnd(sessions);
      const settled = life.records.slice(0, end);
      const [last] = life.records.slice(end);
      if (last?.type !== 'group_completed' && last?.type !== 'group_failed') throw new Error('it has no end');
      const pausing: JournalRecord = { ...last, type: 'group_pausing', reason: 'manual' };
      const { group, written } = await reopened({ ...life, records: [...settled, pausing] }, end + 1);
      expect(group.getResult().status).toBe(status);
      expect((await written()).at(-1)?.type).toBe(`group_${status}`);
    }
  });
});

describe('requests of one turn', () => {
  const two = [scripted('a', [delay(60_000)]), scripted('b', [delay(60_000)], { projectNumber: 1 })];
  test.each<[string, (group: GroupRunner) => Promise<unknown>[], string]>([
    ['retry, stop', group => [group.retry(), group.stop()], 'stopped'],
    ['retry, pause', group => [group.retry(), group.pause()], 'paused'],
    ['retry, pause, stop', group => [group.retry(), group.pause(), group.stop()], 'stopped'],
  ])('%s: they are applied in the order of the calls', async (_, ask, status) => {
    const life = await live(two, group => group.stop());
    const { group, until } = await reopened(life, life.records.length);
    await until(Promise.allSettled(ask(group)));
    expect(group.getResult().status).toBe(status);
  });

  test.each<[string, (group: GroupRunner) => Promise<unknown>[], string]>([
    ['resume', group => [group.resume()], 'completed'],
    ['resume, stop', group => [group.resume(), group.stop()], 'stopped'],
    ['retry, resume', group => [group.retry(), group.resume()], 'completed'],
    ['stop', group => [group.stop()], 'stopped'],
  ])('update, %s: the last answers with the rest that follows from it', async (_, ask, status) => {
    const life = await live([scripted('a', [{ result: 'a' }])]);
    const { group, until } = await reopened(life, life.records.length);
    // The update pauses the group, which has settled: a rest, but of no request.
    const updated = group.addSession({ ...scripted('c', [delay(60_000)]), projectPath: projectPath(9) });
    const answers = Promise.allSettled(ask(group));
    await updated;
    expect((await until(answers)).at(-1)).toMatchObject({ value: { status } });
    expect(group.getResult().status).toBe(status);
  });

  test('update, retry, pause: the update comes first, and pauses the settled group', async () => {
    const life = await live(two, group => group.stop());
    const { group } = await reopened(life, life.records.length);
    const added = { ...scripted('c', [delay(1)]), projectPath: projectPath(9) };
    const answers = await Promise.allSettled([group.addSession(added), group.retry(), group.pause()]);
    expect(answers).toMatchObject([
      { value: { added: ['c'] } },
      { value: { status: 'paused' } },
      { reason: { code: 'already_paused' } },
    ]);
  });

  test('run, stop', async () => {
    const clock = new SimulatedClock();
    const agent = new WatchedAgent(clock);
    const quota = new QuotaGate(clock, () => 0);
    const options = { clock, quota, projects: memoryProjectGate(), env: {}, agents: { scripted: agent } };
    const group = await createSessionGroup(definitionOf(two), options);
    const { until } = benchOf(group, { clock, agent, quota });
    const answers = await until(Promise.allSettled([group.run(), group.stop()]));
    expect(answers.map(answer => answer.status)).toEqual(['fulfilled', 'fulfilled']);
    expect(group.getResult().status).toBe('stopped');
  });
});

test('a refused resume leaves the group as it was, and nothing is journalled', async () => {
  const spends = [{ cost: 0.5 }, delay(60_000)];
  const life = await live([scripted('a', spends)], group => group.stop(), { budget: { maxBudgetUsd: 10 } });
  const { group, until, written } = await reopened(life, ({ type }) => type === '_ledger');
  await expect(group.resume({ maxBudgetUsd: 0.1 })).rejects.toMatchObject({ code: 'budget_exhausted' });
  await expect(group.run()).rejects.toMatchObject({ code: 'not_in_this_state', hint: 'Resume it.' });
  expect(await written()).toEqual([]);
  expect((await until(group.pause())).status).toBe('paused');
  const done = group.resume({ maxBudgetUsd: 20 });
  expect((await until(done)).status).toBe('completed');
  expect((await written()).map(({ type }) => type)).not.toContain('group_started');
});

test('a stop that is not finished refuses a dry run of an update, as it refuses the update', async () => {
  const sessions = [scripted('a', [delay(60_000)])];
  const life = await live(sessions, group => group.stop());
  const { group, until, written } = await reopened(life, ({ type }) => type === 'group_stopping');
  const next = definitionOf([...sessions, scripted('b', [], { projectNumber: 1 })]);
  for (const dryRun of [true, false]) {
    await expect(group.update(next, { dryRun })).rejects.toMatchObject({
      code: 'not_in_this_state',
      hint: 'Finish that first: stop it again.',
    });
  }
  expect(await written()).toEqual([]);
  expect((await until(group.stop())).status).toBe('stopped');
});

test('what is not in play is shown as what it is, with its reason', async () => {
  const sessions = ['a', 'b', 'c'].map((id, projectNumber) =>
    scripted(id, [delay(60_000)], { projectNumber }),
  );
  const life = await live(sessions, group => group.stop(), { concurrency: { maxConcurrent: 3 } });
  const projects = memoryProjectGate();
  const other = projects.tryEnter(projectPath(1), 1, 'another-group/session');
  expect(other).toBe(true);
  const { group, pass, until } = await reopened(
    life,
    record => record.type === 'session_started' && record.sessionId === 'c',
    projects,
  );
  const resumed = group.resume();
  await pass(1_000);
  expect(statuses(group)).toEqual({ a: 'running', b: 'pending', c: 'running' });
  expect(group.why('b')).toMatchObject({ kind: 'project' });
  await until(group.pause());
  expect(statuses(group)).toEqual({ a: 'paused', b: 'paused', c: 'paused' });
  expect(group.why('b')).toEqual({ kind: 'paused', reason: 'manual' });
  projects.leave(projectPath(1), 'another-group/session');
  await until(resumed);
  expect((await until(group.resume())).status).toBe('completed');
});

test('what a retry opened again is not in play, and waits for what the retry opened before it (I2)', async () => {
  const failed = scripted('a', [delay(1_000), failing('max_turns', 1), delay(1_000)], { allowFailure: true });
  const behind = scripted('b', [delay(1_000), failing('max_turns', 1)], { dependsOn: needs('a') });
  const life = await live([failed, behind], async group => {
    await group.run().catch(() => {});
  });
  const end = life.records.findIndex(({ type }) => type === 'group_failed') + 1;
  const last = life.records[end - 1];
  if (last?.type !== 'group_failed') throw new Error('it did not fail');
  const retried: JournalRecord = { ...last, type: 'group_retried', seq: last.seq + 1, sessions: ['a', 'b'] };
  const { group, agent, pass, until } = await reopened(
    { ...life, records: [...life.records.slice(0, end), retried] },
    end + 1,
  );
  const resumed = group.resume();
  await pass(500);
  expect(statuses(group)).toEqual({ a: 'running', b: 'pending' });
  expect(group.why('b')).toEqual({ kind: 'dependency', sessions: ['a'] });
  await until(resumed);
  expect(agent.order).toEqual(['a', 'b']);
});

describe('a session that was being prepared when its engine died', () => {
  const two = [
    scripted('a', [delay(60_000)], { prompt: 'Do it in {{ session.projectPath }}' }),
    scripted('b', [delay(60_000)]),
  ];
  const preparing = (record: JournalRecord) => record.type === '_status' && record.status === 'preparing';
  const died = async (...more: JournalRecord[]) => {
    const life = await live(two, group => group.stop());
    const end = life.records.findIndex(preparing) + 1;
    expect(end).toBeGreaterThan(0);
    return reopened({ ...life, records: [...life.records.slice(0, end), ...more] }, end + more.length);
  };

  test('was in play: it waits for its turn, and is paused with its group', async () => {
    const { group, until, pass } = await died();
    group.resume().catch(() => {});
    await pass(1_000);
    expect(statuses(group)).toMatchObject({ a: 'running' });
    await until(group.pause());
    const other = await died();
    await other.until(other.group.pause());
    expect(statuses(other.group)).toEqual({ a: 'paused', b: 'pending' });
    expect(other.group.why('a')).toEqual({ kind: 'paused', reason: 'manual' });
  });

  test('stays held', async () => {
    const { group, agent, pass, until } = await died({ type: '_held', sessionId: 'a', held: true });
    group.resume().catch(() => {});
    await pass(1_000);
    expect(statuses(group)).toEqual({ a: 'paused', b: 'running' });
    expect(group.why('a')).toEqual({ kind: 'paused', reason: 'held' });
    expect(agent.order).toEqual(['b']);
    await until(group.pause());
  });
});

describe('a session that was held when its engine ended', () => {
  const two = [scripted('a', [delay(60_000)]), scripted('b', [delay(60_000)])];
  const heldLife = (act: (group: GroupRunner) => Promise<unknown>) =>
    live(two, act, { held: 'a', concurrency: { maxConcurrent: 2 } });

  test('is queued by its resume, without an actor to be told', async () => {
    const life = await heldLife(group => group.pause());
    const { group, pass, until } = await reopened(life, life.records.length);
    const resumed = group.resume();
    await pass(1_000);
    expect(statuses(group)).toEqual({ a: 'paused', b: 'running' });
    await group.resumeSession('a');
    await flushed();
    expect(statuses(group)).toEqual({ a: 'running', b: 'running' });
    expect((await until(resumed)).status).toBe('completed');
  });

  test('waits for a slot where there is none, and says so', async () => {
    const life = await heldLife(group => group.pause());
    const { group, pass, until } = await reopened(life, life.records.length);
    await group.update({ ...definitionOf(two, { concurrency: { maxConcurrent: 1 } }) });
    const resumed = group.resume();
    await pass(1_000);
    await group.resumeSession('a');
    expect(statuses(group)).toEqual({ a: 'pending', b: 'running' });
    expect(group.why('a')).toMatchObject({ kind: 'slot' });
    expect((await until(resumed)).status).toBe('completed');
  });

  test('is shown paused after a resume, even if it was only being interrupted', async () => {
    const life = await heldLife(group => group.stop());
    const { group, pass, until } = await reopened(life, ({ type }) => type === '_held');
    const resumed = group.resume();
    await pass(1_000);
    expect(statuses(group)).toEqual({ a: 'paused', b: 'running' });
    expect(group.why('a')).toEqual({ kind: 'paused', reason: 'held', by: 'api' });
    expect((await until(resumed)).reason).toBe('sessions_paused');
  });
});

describe('a session that was done without a word', () => {
  const starts = (records: readonly JournalRecord[]) =>
    records.filter(({ type }) => type === 'session_started' || type === 'session_resumed').length;
  const once = { retry: { maximumAttempts: 1 } };

  test('is asked to go on once in its conversation, whatever the number of attempts', async () => {
    const silent = await live([scripted('a', [failing('empty_result', 1)])], undefined, once);
    expect(starts(silent.records)).toBe(2);
    expect(silent.records.find(({ type }) => type === 'session_completed')).toBeDefined();
    const mute = await live([scripted('a', [failing('empty_result')])], undefined, once);
    expect(starts(mute.records)).toBe(2);
    expect(mute.records.find(({ type }) => type === 'session_failed')).toMatchObject({
      error: { code: 'empty_result' },
    });
  });

  test('is not asked again by the next engine', async () => {
    const life = await live([scripted('a', [failing('empty_result')])], undefined, once);
    for (const last of ['session_retrying', 'session_resumed']) {
      const { group, until, written } = await reopened(life, ({ type }) => type === last);
      expect((await until(group.resume())).status).toBe('failed');
      expect(starts(await written())).toBe(1);
      await group.dispose();
    }
  });

  test('is asked again after a retry by a person', async () => {
    const life = await live([scripted('a', [failing('empty_result')])], undefined, once);
    const { group, until, written } = await reopened(life, ({ type }) => type === 'group_failed');
    await until(group.retry());
    expect(starts(await written())).toBe(2);
  });
});

test('a limit that comes with a resume holds for the first attempt after it', async () => {
  const sessions = [scripted('a', [{ cost: 0.5 }, delay(60_000), { cost: 0.5 }])];
  const life = await live(sessions, group => group.pause(), { budget: { maxBudgetUsd: 10 } });
  for (const end of ['_ledger', 'group_paused'] as const) {
    const { group, agent, pass } = await reopened(life, ({ type }) => type === end);
    group.resume({ maxBudgetUsd: 0.75 }).catch(() => {});
    await pass(1);
    expect(agent.attempts.at(0)?.spec.maxBudgetUsd, end).toBeCloseTo(0.25, 6);
  }
});

test('a resume that finishes a stop sets the limit that it brings', async () => {
  const life = await live([scripted('a', [delay(60_000)])], group => group.stop());
  const { group, until } = await reopened(life, ({ type }) => type === 'group_stopping');
  expect((await until(group.resume({ maxBudgetUsd: 3 }))).status).toBe('stopped');
  expect(group.getProgress().limitUsd).toBe(3);
});

test('an account that was closed stays closed until the time that was journalled', async () => {
  const limited = [
    scripted('a', [{ limit: 600_000, attempts: 1 }]),
    scripted('b', [], { dependsOn: needs('a') }),
  ];
  const life = await live(limited);
  const { group, agent, pass, until } = await reopened(life, ({ type }) => type === 'quota_limited');
  const resumed = group.resume();
  await pass(1_000);
  expect(agent.attempts).toEqual([]);
  expect(group.why('a')).toMatchObject({ kind: 'quota' });
  expect((await until(resumed)).status).toBe('completed');
  expect(agent.attempts[0]?.startedAt).toBeGreaterThan(500_000);
});

test('a hold ends with its session, in the journal as in the engine', async () => {
  const life = await live(
    [scripted('a', [delay(60_000)]), scripted('b', [delay(60_000)])],
    group => group.stop(),
    {
      held: 'a',
      concurrency: { maxConcurrent: 2 },
    },
  );
  const { group, until } = await reopened(life, life.records.length);
  const retried = group.retry();
  await until(group.pause());
  await retried;
  expect(group.why('a')).toEqual({ kind: 'paused', reason: 'manual' });
  expect((await until(group.resume())).status).toBe('completed');
});

test('what is resumed after a crash is live again: its handle ends it when it is disposed of', async () => {
  const life = await live([scripted('a', [delay(60_000)])], group => group.stop());
  const started = (record: JournalRecord) => record.type === 'session_started';
  const { group, until, pass, written } = await reopened(life, started);
  const resumed = group.resume();
  await pass(1_000);
  await until(group.dispose());
  expect((await resumed).status).toBe('stopped');
  expect((await written()).at(-1)).toMatchObject({ type: 'group_stopped' });
});

describe('a group whose engine died between a figure and what it announces of the limit', () => {
  const spends = (...dollars: number[]) => [
    scripted(
      'a',
      dollars.flatMap(cost => [{ cost }, delay(1_000)]),
    ),
  ];
  const budget = (onBudgetExceeded: 'pause' | 'warn') => ({
    budget: { maxBudgetUsd: 10, onBudgetExceeded, warningThreshold: 0.3 },
  });
  const numberOf = (type: JournalRecord['type'], records: readonly JournalRecord[]) =>
    records.findIndex(record => record.type === type);
  const announced = (records: readonly JournalRecord[]) =>
    records.map(({ type }) => type).filter(type => /^(budget|group_(paused|resumed))/.test(type));

  test('warns when it is taken over, and once', async () => {
    const life = await live(spends(3.5), undefined, budget('pause'));
    const { group, until, written } = await reopened(life, numberOf('budget_warning', life.records));
    expect(await written()).toEqual([]);
    expect((await until(group.resume())).status).toBe('completed');
    expect(announced(await written())).toEqual(['budget_warning', 'group_resumed']);
  });

  test('does not warn again if it has warned', async () => {
    const life = await live(spends(3.5), undefined, budget('pause'));
    const { group, until, written } = await reopened(life, numberOf('budget_warning', life.records) + 1);
    expect((await until(group.resume())).status).toBe('completed');
    expect(announced(await written())).toEqual(['group_resumed']);
  });

  test('says that the limit is reached, also where that ends nothing', async () => {
    const life = await live(spends(11), undefined, budget('warn'));
    const { group, until, written } = await reopened(life, numberOf('budget_exceeded', life.records));
    expect((await until(group.resume())).status).toBe('completed');
    expect(announced(await written())).toEqual(['budget_exceeded', 'group_resumed']);
  });

  test('refuses a resume at the limit without a word, and a pause says why', async () => {
    const life = await live(spends(11), undefined, budget('pause'));
    const { group, written } = await reopened(life, numberOf('budget_exceeded', life.records));
    await expect(group.resume()).rejects.toMatchObject({ code: 'budget_exhausted' });
    expect(await written()).toEqual([]);
    await group.pause();
    expect(announced(await written())).toEqual(['budget_exceeded', 'group_paused']);
  });

  test('judges a new limit instead', async () => {
    const life = await live(spends(11), undefined, budget('pause'));
    const { group, until, written } = await reopened(life, numberOf('budget_exceeded', life.records));
    expect((await until(group.resume({ maxBudgetUsd: 30 }))).status).toBe('completed');
    expect(announced(await written())).toEqual([
      'budget_exceeded',
      'group_resumed',
      'budget_changed',
      'budget_warning',
    ]);
  });
});
