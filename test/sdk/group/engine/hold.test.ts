import { describe, expect, test } from 'vitest';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import { bench, definitionOf, delay, failing, scripted } from '../../../support/bench.ts';
import { needs } from '../../../support/random-dag.ts';
import { stage } from '../../../support/scenarios.ts';

const working = (id: string, more = {}) => scripted(id, [delay(5_000)], more);
const HELD = { kind: 'paused', reason: 'held', by: 'api' };

describe('a session that is held before it starts', () => {
  test('stays pending, says that it is held and by whom, and starts once it is let go', async () => {
    const { group, agent, until, pass, status, types } = await bench([
      working('a'),
      working('b', { dependsOn: needs('a') }),
      working('c'),
    ]);
    await group.pauseSession('b', { by: 'night shift' });
    await group.pauseSession('c');
    expect([group.why('a'), group.why('b')]).toEqual([
      { kind: 'not_started' },
      { ...HELD, by: 'night shift' },
    ]);
    expect([status('b'), status('c')]).toEqual(['pending', 'pending']);
    expect(await until(group.run())).toMatchObject({ status: 'paused', reason: 'sessions_paused' });
    expect([status('a'), status('b'), status('c')]).toEqual(['completed', 'pending', 'pending']);
    expect(agent.of('b').length + agent.of('c').length).toBe(0);
    expect(types()).not.toContain('session_paused');
    await group.resumeSession('b');
    expect(group.why('b')).toEqual({ kind: 'paused', reason: 'sessions_paused' });
    const resumed = group.resume();
    await pass(6_000);
    expect([status('b'), status('c')]).toEqual(['completed', 'pending']);
    expect(await until(resumed)).toMatchObject({ status: 'paused', reason: 'sessions_paused' });
    await group.resumeSession('c');
    expect(await until(group.resume())).toMatchObject({ status: 'completed' });
  });

  test('in a running group is no candidate for a slot, and one again when it is let go', async () => {
    const { group, agent, until, pass } = await bench([working('a'), working('b'), working('c')], {
      config: { concurrency: { maxConcurrent: 1 } },
    });
    const run = group.run();
    await pass(1_000);
    expect(group.why('b')).toMatchObject({ kind: 'slot' });
    await group.pauseSession('b');
    expect(group.why('b')).toEqual(HELD);
    await pass(5_000);
    await group.resumeSession('b');
    expect((await until(run)).status).toBe('completed');
    expect(agent.order).toEqual(['a', 'c', 'b']);
  });

  test('gives way to others of its project', async () => {
    const { group, agent, until, pass } = await bench([
      working('a', { projectNumber: 0 }),
      working('b', { projectNumber: 0 }),
      working('c', { projectNumber: 0 }),
    ]);
    const run = group.run();
    await pass(1_000);
    expect(group.why('b')).toMatchObject({ kind: 'project' });
    await group.pauseSession('b');
    await pass(10_000);
    expect(agent.order).toEqual(['a', 'c']);
    expect(await until(run)).toMatchObject({ reason: 'sessions_paused' });
  });

  test('is skipped all the same, by a violated dependency or a stop; a retry finds it free', async () => {
    const { group, until, status } = await bench([
      scripted('a', [failing()]),
      working('b', { dependsOn: needs('a') }),
      working('c'),
    ]);
    await group.pauseSession('b');
    await group.pauseSession('c');
    expect((await until(group.run())).reason).toBe('sessions_paused');
    expect(status('b')).toBe('skipped');
    expect((await until(group.stop())).status).toBe('stopped');
    expect(status('c')).toBe('skipped');
    await until(group.retry({ sessions: ['c'] }));
    expect(status('c')).toBe('completed');
  });

  test('is refused once it has settled or is held already, and let go only if it is held', async () => {
    const { group, until } = await bench([scripted('a'), working('b')]);
    await group.pauseSession('b');
    await expect(group.pauseSession('b')).rejects.toMatchObject({
      code: 'session_not_pausable',
      message: 'b is already held',
    });
    await expect(group.resumeSession('a')).rejects.toMatchObject({
      code: 'session_not_paused',
      message: 'a is not held',
    });
    await until(group.run());
    await expect(group.pauseSession('a')).rejects.toMatchObject({
      code: 'session_not_pausable',
      message: 'a is already completed',
    });
    const by = 5 as never;
    await expect(group.pauseSession('b', { by })).rejects.toMatchObject({ code: 'invalid_argument' });
  });

  test('stays held while the definition changes', async () => {
    const { group, until, status } = await bench([working('a'), working('b')]);
    await group.pauseSession('b');
    const { sessions, ...definition } = definitionOf([
      working('a'),
      working('b', { priority: 3 }),
      working('c'),
    ]);
    await group.update({ ...definition, sessions });
    expect(await until(group.run())).toMatchObject({ reason: 'sessions_paused' });
    expect([status('a'), status('b'), status('c')]).toEqual(['completed', 'pending', 'completed']);
  });

  test('may be paused with its group instead, and does not go on with it', async () => {
    const { group, until, pass, status } = await bench([working('a'), working('b')]);
    void group.run();
    await pass(1_000);
    await until(group.pause());
    await group.pauseSession('a');
    expect(group.why('a')).toEqual(HELD);
    expect(await until(group.resume())).toMatchObject({ reason: 'sessions_paused' });
    expect([status('a'), status('b')]).toEqual(['paused', 'completed']);
    await group.resumeSession('a');
    expect((await until(group.resume())).status).toBe('completed');
  });
});

describe('a hold before the start survives', () => {
  test('the death of the engine, and is taken in an interrupted group, which stays that', async () => {
    const { create, reopen } = stage(() => {});
    const one = await create([working('a'), working('b'), working('c', { dependsOn: needs('a') })]);
    await one.group.pauseSession('b');
    one.group.run().catch(() => {});
    await one.pass(1_000);
    const next = await reopen(one);
    expect(next.group.why('b')).toEqual(HELD);
    await next.group.pauseSession('c');
    expect(next.group.why('a')).toBeUndefined();
    await next.group.pauseSession('a');
    expect(next.group.why('a')).toEqual(HELD);
    expect(next.agent.order).toEqual([]);
    const last = await reopen(next);
    const { elapsedMs } = last.group.getProgress();
    expect(elapsedMs).toBeLessThanOrEqual(1_000);
    expect(await last.until(last.group.resume())).toMatchObject({ reason: 'sessions_paused' });
    expect([last.status('a'), last.status('b'), last.status('c')]).toEqual(['paused', 'pending', 'pending']);
    for (const id of ['a', 'b', 'c']) await last.group.resumeSession(id);
    expect((await last.until(last.group.resume())).status).toBe('completed');
  });

  test('the end of its process, where only the journal says so', async () => {
    const store = createMemoryStore();
    const { group } = await bench([working('a')], { store });
    await group.pauseSession('a');
    const { records } = await store.read(group.id);
    expect(records.at(-1)).toEqual({ type: '_held', sessionId: 'a', held: true, by: 'api' });
  });
});
