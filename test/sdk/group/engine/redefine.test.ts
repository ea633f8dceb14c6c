import { describe, expect, test } from 'vitest';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import { foldJournal } from '../../../../src/sdk/group/journal/fold.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import {
  type Bench,
  bench,
  type ConfigInput,
  definitionOf,
  delay,
  failing,
  projectPath,
  type SessionInput,
  scripted,
} from '../../../support/bench.ts';

const NOTHING = { added: [], removed: [], changed: [], settings: [] };
const on = (...dependsOn: string[]): Partial<SessionInput> => ({ dependsOn });

/** The same projects as in the bench, so that only what the test changes differs. */
const definition = (sessions: readonly SessionInput[], config?: ConfigInput): SessionGroupInput =>
  definitionOf(sessions, config);

const added = (id: string, steps: Parameters<typeof scripted>[1] = [], more: Partial<SessionInput> = {}) => ({
  ...scripted(id, steps, more),
  projectPath: projectPath(50),
});

/** Runs a bench for this much time. */
async function running(sessions: readonly SessionInput[], config: ConfigInput, ms = 1_000): Promise<Bench> {
  const one = await bench(sessions, { config });
  one.group.run().catch(() => {});
  await one.pass(ms);
  return one;
}

/** The journal's current events. */
async function toldSince({ group, flush }: Bench, fromSeq: number): Promise<GroupEvent[]> {
  const told: GroupEvent[] = [];
  const subscription = group.journal$(fromSeq).subscribe(event => told.push(event));
  for (let turns = 0; turns < 50; turns++) await flush();
  subscription.unsubscribe();
  return told;
}

const limits: ConfigInput = { concurrency: { maxConcurrent: 2, maxPerProject: 9, errorThreshold: 99 } };

describe('a group that has not started', () => {
  test('accepts a completely new definition, and reports the changes', async () => {
    const one = await bench([scripted('a'), scripted('b', [], on('a')), scripted('c')]);
    const changes = await one.group.update(
      definition([scripted('a'), scripted('b', [delay(5)], on('a')), scripted('d', [], on('b'))], {
        budget: { maxBudgetUsd: 3 },
      }),
    );
    expect(changes).toEqual({
      added: ['d'],
      removed: ['c'],
      changed: ['b'],
      settings: ['config.budget'],
    });
    expect(one.group.group.revision).toBe(1);
    expect(one.group.group.definition.sessions.map(({ id }) => id)).toEqual(['a', 'b', 'd']);
    expect(one.of('group_updated')).toMatchObject([
      { revision: 1, added: ['d'], removed: ['c'], limitUsd: 3 },
    ]);
    expect(one.of('session_added').map(event => event.sessionId)).toEqual(['d']);
    const progress = one.group.getProgress();
    expect([progress.totalSessions, progress.pending, progress.limitUsd]).toEqual([3, 3, 3]);
    const result = await one.until(one.group.run());
    expect(result.status).toBe('completed');
    expect(Object.keys(result.sessions)).toEqual(['a', 'b', 'd']);
  });

  test('a session is as its definition says, whatever has been asked about it before', async () => {
    const one = await bench([scripted('a'), scripted('b', [], on('a'))]);
    await expect(one.group.retry({ sessions: ['b'] })).rejects.toMatchObject({ code: 'not_in_this_state' });
    await one.group.update(
      definition([scripted('a'), { ...scripted('b', [], on('a')), prompt: 'otherwise' }]),
    );
    await one.until(one.group.run());
    expect(one.agent.attempts.find(({ session }) => session === 'b')?.spec.prompt).toBe('otherwise');
  });

  test('a definition that changes nothing leaves no trace', async () => {
    const one = await bench([scripted('a'), scripted('b', [], on('a'))]);
    const before = one.events.length;
    expect(await one.group.update(definition([scripted('a'), scripted('b', [], on('a'))]))).toEqual(NOTHING);
    expect([one.events.length, one.group.group.revision]).toEqual([before, undefined]);
  });

  test('every problem is reported, a cycle with its path, and nothing is changed', async () => {
    const one = await bench([scripted('a'), scripted('b', [], on('a'))]);
    await expect(one.group.updateSession('a', { dependsOn: ['b'] })).rejects.toMatchObject({
      code: 'invalid_definition',
      diagnostics: [{ code: 'cycle', message: expect.stringMatching(/a → b → a|b → a → b/) }],
    });
    const wrong = { ...added('b', [], { dependsOn: ['nobody'] }), timeouts: { idle: 'soon' } };
    const error = await one.group.addSession(wrong as never).catch(reason => reason);
    expect(error.diagnostics.length).toBeGreaterThanOrEqual(3);
    await expect(one.group.removeSession('a')).rejects.toMatchObject({ code: 'invalid_definition' });
    await expect(one.group.removeSession('z')).rejects.toMatchObject({ code: 'unknown_session' });
    await expect(one.group.update({ ...definition([scripted('a')]), slug: 'other' })).rejects.toMatchObject({
      code: 'slug_is_fixed',
    });
    expect(one.group.group.definition.sessions).toHaveLength(2);
    expect(one.of('group_updated')).toEqual([]);
  });

  test('a dry run reports what would change, and changes nothing', async () => {
    const one = await bench([scripted('a')]);
    expect(await one.group.addSession(added('b'), { dryRun: true })).toEqual({ ...NOTHING, added: ['b'] });
    expect(await one.group.updateSession('a', { priority: 3 }, { dryRun: true })).toEqual({
      ...NOTHING,
      changed: ['a'],
    });
    expect(one.group.getProgress().totalSessions).toBe(1);
    expect(one.of('group_updated')).toEqual([]);
  });

  test('concurrent changes are made one after the other', async () => {
    const one = await bench([scripted('a')]);
    const asked = [
      one.group.addSession(added('b', [], on('a'))),
      one.group.addSession(added('c', [], on('b'))),
      one.group.updateSession('b', { priority: 1 }),
      one.group.addSession(added('c')),
      one.group.removeSession('c'),
    ];
    const answers = await Promise.allSettled(asked);
    expect(answers.map(({ status }) => status)).toEqual([
      'fulfilled',
      'fulfilled',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(one.group.group.definition.sessions.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(one.group.group.revision).toBe(4);
  });
});

describe('a running group', () => {
  test('accepts a new session, which starts according to its edges and the slots', async () => {
    const one = await running(
      [scripted('a', [delay(10_000)]), scripted('b', [delay(5_000)], on('a'))],
      limits,
    );
    await one.group.addSession(added('free', [delay(1_000)]));
    await one.group.addSession(added('late', [], on('b', 'free')));
    expect(one.status('free')).toBe('running');
    expect(one.of('dependency_waiting').at(-1)).toMatchObject({
      sessionId: 'late',
      waitingFor: ['b', 'free'],
    });
    expect(one.group.why('late')).toEqual({ kind: 'dependency', sessions: ['b', 'free'] });
    await one.pass(60_000);
    expect(one.group.getResult()).toMatchObject({
      status: 'completed',
      sessions: { late: { status: 'completed' }, free: { status: 'completed' } },
    });
  });

  test('immediately evaluates the edges of an added session from settled sessions', async () => {
    const one = await running(
      [scripted('done'), scripted('bad', [failing()]), scripted('long', [delay(100_000)])],
      limits,
    );
    await one.group.update(
      definition(
        [
          scripted('done'),
          scripted('bad', [failing()]),
          scripted('long', [delay(100_000)]),
          scripted('after', [delay(5_000)], on('done')),
          scripted('never', [], on('bad')),
          scripted('rescue', [delay(5_000)], { dependsOn: [{ session: 'bad', when: 'failed' }] }),
        ],
        limits,
      ),
    );
    expect(one.of('dependency_resolved').map(event => [event.sessionId, event.dependency])).toEqual([
      ['after', 'done'],
      ['rescue', 'bad'],
    ]);
    expect(one.of('session_skipped')).toMatchObject([
      { sessionId: 'never', reason: 'upstream_failed', because: ['bad'] },
    ]);
    expect(['after', 'never', 'rescue'].map(one.status)).toEqual(['running', 'skipped', 'pending']);
    await one.pass(200_000);
    expect(one.group.getResult().status).toBe('failed');
  });

  test('reevaluates new edges of a waiting session; the group ends when the last session is removed', async () => {
    const one = await running(
      [scripted('a', [delay(2_000)]), scripted('b', [delay(50_000)]), scripted('c', [], on('a', 'b'))],
      limits,
    );
    await one.group.updateSession('c', { dependsOn: ['a'] });
    await one.pass(3_000);
    expect(one.status('c')).toBe('completed');
    const two = await running([scripted('a', [delay(2_000)]), scripted('b', [], on('a'))], limits);
    await two.group.removeSession('b');
    await two.pass(5_000);
    expect(two.group.getResult()).toMatchObject({ status: 'completed', sessions: { a: {} } });
    expect(two.group.getProgress().totalSessions).toBe(1);
  });

  test('refuses to change or remove sessions in play or completed, and names all of them', async () => {
    const one = await running(
      [scripted('done'), scripted('busy', [delay(90_000)]), scripted('later', [], on('busy'))],
      limits,
    );
    const error = await one.group
      .update(definition([scripted('busy', [delay(1)]), scripted('new', [], on('busy'))], limits))
      .catch(reason => reason);
    expect(error).toMatchObject({ name: 'RefusedError', code: 'sessions_in_the_way' });
    expect(error.message).toContain('done is completed and cannot be removed');
    expect(error.message).toContain('busy is in play and cannot be changed');
    expect(error.message).not.toContain('later');
    expect(error.hint).toMatch(/Nothing was changed/);
    expect(one.group.group.revision).toBeUndefined();
    expect(one.group.getProgress().totalSessions).toBe(3);
    const other = { ...limits, agent: { kind: 'scripted', steps: [{ text: 'other' }] } } as const;
    const inherited = await running([{ id: 'x', prompt: 'go' }], {
      ...limits,
      agent: { kind: 'scripted', steps: [delay(9_000)] as never },
    });
    await expect(
      inherited.group.update(definition([{ id: 'x', prompt: 'go' }], other as never)),
    ).rejects.toThrow('x is in play and cannot be given another agent');
  });

  test('a session that has not started starts with the changed definition', async () => {
    const one = await running([scripted('a', [delay(5_000)]), scripted('b', [], on('a'))], limits);
    await one.group.updateSession('b', { prompt: 'the new prompt', model: 'opus' });
    await one.pass(6_000);
    const [attempt] = one.agent.attempts.filter(({ spec }) => spec.sessionId === 'b');
    expect(attempt?.spec).toMatchObject({ prompt: 'the new prompt', model: 'opus' });
  });

  test('a new limit on sessions or money applies immediately', async () => {
    const four = ['a', 'b', 'c', 'd'].map(id => scripted(id, [{ cost: 0.3 }, delay(10_000)]));
    const one = await running(four, { ...limits, budget: { maxBudgetUsd: 5 } });
    expect(one.agent.live.size).toBe(2);
    const wide = { concurrency: { ...limits.concurrency, maxConcurrent: 3 }, budget: { maxBudgetUsd: 5 } };
    expect(await one.group.update(definition(four, wide))).toEqual({
      ...NOTHING,
      settings: ['config.concurrency'],
    });
    await one.flush();
    expect(one.agent.live.size).toBe(3);
    await one.group.update(definition(four, { ...wide, budget: { maxBudgetUsd: 0.5 } }));
    await one.pass(60_000);
    expect(one.group.getResult()).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
    expect(one.of('budget_exceeded')).toMatchObject([{ limitUsd: 0.5, action: 'pause' }]);
    expect(one.agent.attempts).toHaveLength(3);
    await one.group.update(definition(four, { ...wide, budget: { maxBudgetUsd: 9 } }));
    expect((await one.until(one.group.resume())).status).toBe('completed');
  });
});

describe('a group at rest', () => {
  test('a settled one becomes paused when it gets a session, and resume runs it (I5)', async () => {
    const one = await bench([scripted('a')]);
    expect((await one.until(one.group.run())).status).toBe('completed');
    expect(await one.group.addSession(added('b', [{ text: 'hello' }], on('a')))).toEqual({
      ...NOTHING,
      added: ['b'],
    });
    expect(one.group.getResult()).toMatchObject({ status: 'paused', reason: 'manual' });
    expect(one.group.why()).toEqual({ kind: 'paused', reason: 'manual' });
    expect((await one.until(one.group.resume())).status).toBe('completed');
    const types = (await toldSince(one, 0)).map(({ type }) => type);
    expect(types.slice(types.indexOf('group_completed'))).toEqual([
      'group_completed',
      'group_updated',
      'session_added',
      'dependency_resolved',
      'group_paused',
      'group_resumed',
      'session_started',
      'session_message',
      'session_completed',
      'group_completed',
    ]);
  });

  test('a failed session can be changed, and gets its new prompt in a new conversation when it runs again', async () => {
    const one = await bench([scripted('a', [{ text: 'try' }, failing('max_turns', 1)])]);
    expect((await one.until(one.group.run())).status).toBe('failed');
    await one.group.updateSession('a', { maxBudgetUsd: 4 });
    await one.until(one.group.retry());
    expect(one.agent.attempts.at(-1)?.spec).toMatchObject({
      conversation: { resume: true },
      maxBudgetUsd: 4,
    });
    const two = await bench([scripted('a', [{ text: 'try' }, failing('max_turns', 1)])]);
    await two.until(two.group.run());
    expect(await two.group.updateSession('a', { prompt: 'another way' })).toMatchObject({ changed: ['a'] });
    expect(two.group.getResult().status).toBe('failed');
    expect((await toldSince(two, 0)).at(-1)).toMatchObject({ type: 'group_updated', fresh: ['a'] });
    await two.until(two.group.retry());
    const [first, second] = two.agent.attempts;
    expect(second?.spec).toMatchObject({ prompt: 'another way', conversation: { resume: false } });
    expect(second?.spec.conversation.id).not.toBe(first?.spec.conversation.id);
  });

  test('costs stay in the group: a session that has run cannot be removed (I8)', async () => {
    const one = await bench([
      scripted('a', [{ cost: 0.2 }, failing()]),
      scripted('b', [], on('a')),
      scripted('c'),
    ]);
    await one.until(one.group.run());
    await expect(one.group.update(definition([scripted('c')]))).rejects.toThrow(
      'a has failed and cannot be removed',
    );
    expect(await one.group.removeSession('b')).toMatchObject({ removed: ['b'] });
    expect(one.group.getProgress()).toMatchObject({ totalSessions: 2, skipped: 0, totalCostUsd: 0.2 });
    await expect(one.group.updateSession('a', { allowFailure: true })).rejects.toThrow(
      'a has failed and cannot be given another allowFailure',
    );
  });

  test('a removed session can be added again as a new one', async () => {
    const one = await bench([scripted('a', [failing()]), scripted('b', [], on('a')), scripted('c')]);
    await one.until(one.group.run());
    await one.group.removeSession('b');
    await one.group.addSession(added('b', [], on('c')));
    expect(one.status('b')).toBe('pending');
    expect((await one.until(one.group.resume())).sessions.b?.status).toBe('completed');
  });

  test.each([
    ['pausing', 'still_pausing'],
    ['stopping', 'not_in_this_state'],
  ] as const)('while it is %s nothing is changed', async (status, code) => {
    const one = await running([scripted('a', [delay(90_000)])], limits);
    const request = status === 'pausing' ? one.group.pause() : one.group.stop();
    await expect(one.group.addSession(added('b'))).rejects.toMatchObject({ name: 'RefusedError', code });
    expect(one.group.getResult().status).toBe(status);
    await one.until(request);
    expect(one.group.getProgress().totalSessions).toBe(1);
  });
});

test('folding the journal over the new definition gives the live state (I11)', async () => {
  const one = await running(
    [scripted('a', [delay(4_000)]), scripted('b', [failing()]), scripted('c', [], on('b'))],
    limits,
  );
  await one.group.removeSession('c');
  await one.group.addSession(added('d', [], on('a')));
  await one.pass(60_000);
  const group = foldJournal(one.events);
  const folded = [...group.sessions].map(([id, { status }]) => [id, status]).sort();
  const live = one.group.getProgress().sessions.map(({ id, status }) => [id, status]);
  expect(folded).toEqual(live.sort());
  expect([group.status, group.revision]).toEqual([one.group.getProgress().status, 2]);
});
