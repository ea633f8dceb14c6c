import { describe, expect, test } from 'vitest';
import { RefusedError } from '../../../src/sdk/errors.ts';
import { bench, delay, failing, scripted } from '../../support/bench.ts';

const long = (id: string) => scripted(id, [delay(10_000), { text: 'half' }, delay(10_000), { result: id }]);

describe('a pause', () => {
  test('ends every attempt; resume continues the same conversation at the interrupted step (I7, I14)', async () => {
    const { group, agent, until, pass, clock, types } = await bench([long('a'), long('b')]);
    const done = group.run();
    await pass(15_000);
    expect(await until(group.pause())).toMatchObject({ status: 'paused', reason: 'manual' });
    expect((await done).status).toBe('paused');
    expect([agent.live.size, clock.pending]).toEqual([0, 0]);
    expect(group.why()).toEqual({ kind: 'paused', reason: 'manual' });
    await pass(3_600_000);
    expect(await until(group.resume())).toMatchObject({ status: 'completed' });
    for (const id of ['a', 'b']) {
      const [first, second] = agent.of(id);
      expect(second?.spec.conversation).toEqual({ ...first?.spec.conversation, exists: true, resume: true });
      expect((second?.endedAt ?? 0) - (second?.startedAt ?? 0)).toBe(5_000);
    }
    expect(types().filter(type => type === 'session_message')).toHaveLength(2);
  });

  test('keeps the turn of those that were in play: nobody who has never started is resumed before them', async () => {
    const { group, agent, until, pass } = await bench([long('a'), long('b')], {
      config: { concurrency: { maxConcurrent: 1 } },
    });
    void group.run();
    await pass(1_000);
    await until(group.pause());
    expect((await until(group.resume())).status).toBe('completed');
    expect(agent.attempts.map(({ spec }) => spec.sessionId)).toEqual(['a', 'a', 'b']);
  });

  test('lets nothing start, not even a waiting retry (I6)', async () => {
    const { group, agent, until, pass } = await bench([
      scripted('a', [failing('server_error', 1)]),
      long('b'),
      scripted('c', [], { dependsOn: ['b'] }),
    ]);
    void group.run();
    await pass(1_000);
    await until(group.pause());
    const before = agent.attempts.length;
    await pass(3_600_000);
    expect(agent.attempts).toHaveLength(before);
    expect((await until(group.resume())).status).toBe('completed');
  });

  test('is refused if everything has settled', async () => {
    const { group, agent, until, pass } = await bench([scripted('a', [delay(5_000)])]);
    const done = group.run();
    await pass(5_000);
    expect(agent.live.size).toBe(0);
    await expect(until(group.pause())).rejects.toMatchObject({ code: 'not_in_this_state' });
    expect((await done).status).toBe('completed');
  });

  test('requested twice is joined; once paused, another is refused (I15)', async () => {
    const { group, until, pass } = await bench([long('a')]);
    void group.run();
    await pass(1_000);
    const both = Promise.all([group.pause(), group.pause()]);
    await expect(group.resume()).rejects.toMatchObject({ code: 'still_pausing' });
    expect((await until(both)).map(result => result.status)).toEqual(['paused', 'paused']);
    await expect(group.pause()).rejects.toBeInstanceOf(RefusedError);
    await expect(group.pause()).rejects.toMatchObject({ code: 'already_paused' });
  });

  test('of one session holds it while its group continues, and survives a resume of the group', async () => {
    const { group, agent, until, pass, status } = await bench([
      long('a'),
      long('b'),
      scripted('c', [], { dependsOn: ['a'] }),
    ]);
    const done = group.run();
    await pass(1_000);
    await group.pauseSession('a');
    expect(await until(done)).toMatchObject({ status: 'paused', reason: 'sessions_paused' });
    expect([status('a'), status('b'), status('c')]).toEqual(['paused', 'completed', 'pending']);
    expect(group.why('a')).toEqual({ kind: 'paused', reason: 'held', by: 'api' });
    expect(await until(group.resume())).toMatchObject({ status: 'paused', reason: 'sessions_paused' });
    await group.resumeSession('a');
    expect(await until(group.resume())).toMatchObject({ status: 'completed' });
    expect(agent.of('a')).toHaveLength(2);
  });

  test('of one session is refused with the status of the session (I15)', async () => {
    const { group, until, pass } = await bench([
      scripted('done', [delay(1_000)]),
      long('busy'),
      long('held'),
    ]);
    const done = group.run();
    await pass(1_000);
    await group.pauseSession('held');
    await pass(1);
    for (const [id, message] of [
      ['done', 'done is already completed'],
      ['held', 'held is already held'],
    ] as const) {
      await expect(group.pauseSession(id)).rejects.toMatchObject({ code: 'session_not_pausable', message });
    }
    await expect(group.resumeSession('busy')).rejects.toMatchObject({
      code: 'session_not_paused',
      message: 'busy is not held',
    });
    await until(group.pause());
    await expect(group.resumeSession('busy')).rejects.toMatchObject({
      message: 'busy is paused with its group, not on its own',
    });
    await done;
  });
});

describe('a stop', () => {
  test('ends live sessions as stopped and skips the rest (I7)', async () => {
    const { group, agent, until, pass, clock } = await bench([
      long('a'),
      scripted('b', [], { dependsOn: ['a'] }),
      scripted('c', [failing('server_error')]),
    ]);
    const done = group.run();
    await pass(1_000);
    const result = await until(group.stop());
    expect(await done).toEqual(result);
    expect(result).toMatchObject({
      status: 'stopped',
      sessions: {
        a: { status: 'stopped' },
        b: { status: 'skipped', reason: 'group_stopped' },
        c: { status: 'stopped' },
      },
    });
    expect([agent.live.size, clock.pending]).toEqual([0, 0]);
    await expect(group.stop()).rejects.toMatchObject({ code: 'already_stopped' });
  });

  test('overrides a pause in progress', async () => {
    const { group, until, pass } = await bench([
      { id: 'a', prompt: 'go', agent: { kind: 'scripted', steps: [{ hang: true }], ignoreInterrupt: true } },
    ]);
    const done = group.run();
    await pass(1_000);
    const paused = group.pause();
    expect((await until(group.stop())).status).toBe('stopped');
    expect([(await done).status, (await paused).status]).toEqual(['stopped', 'stopped']);
  });

  test('can be followed by a retry that completes everything in the same conversations', async () => {
    const { group, agent, until, pass, of } = await bench([
      long('a'),
      scripted('b', [], { dependsOn: ['a'] }),
    ]);
    void group.run();
    await pass(5_000);
    await until(group.stop());
    expect(group.retryPlan()).toEqual(['a', 'b']);
    const retried = group.retry();
    expect((await until(retried)).status).toBe('completed');
    expect(new Set(agent.of('a').map(log => log.spec.conversation.id)).size).toBe(1);
    expect(agent.attempts.map(log => log.spec.attempt)).toEqual([1, 2, 1]);
    expect(of('group_retried')).toHaveLength(1); // who subscribed before goes on
  });
});

describe('a retry', () => {
  test('of a failed group with two violated edges in one cascade completes it (I5)', async () => {
    const { group, until } = await bench([
      scripted('a', [failing('max_turns', 1)]),
      scripted('b', [], { dependsOn: ['a'] }),
      scripted('c', [], { dependsOn: ['b', 'a'] }),
    ]);
    expect((await until(group.run())).status).toBe('failed');
    expect((await until(group.retry())).status).toBe('completed');
  });

  test('starts a new conversation if it is fresh', async () => {
    const { group, agent, until } = await bench([scripted('a', [failing('max_turns', 1)])]);
    await until(group.run());
    await until(group.retry({ fresh: true }));
    const [first, second] = agent.attempts.map(log => log.spec.conversation);
    expect(second?.id).not.toBe(first?.id);
    expect(second?.resume).toBe(false);
  });

  test('in a paused group waits for resume, and so do its dependents (I2, I6)', async () => {
    const { group, agent, until } = await bench(
      [
        scripted('a', [failing('max_turns', 1)], { priority: 1 }),
        scripted('rescue', [], { dependsOn: [{ session: 'a', when: 'failed' }] }),
        scripted('b', [delay(5_000)]),
      ],
      { config: { concurrency: { maxConcurrent: 1, errorThreshold: 1 } } },
    );
    expect((await until(group.run())).reason).toBe('error_threshold');
    await group.retry({ sessions: ['a'] });
    expect(agent.order).toEqual(['a']);
    expect(group.why('rescue')).toEqual({ kind: 'dependency', sessions: ['a'], toFail: ['a'] });
    const result = await until(group.resume());
    expect(result.sessions).toMatchObject({
      a: { status: 'completed' },
      rescue: { status: 'skipped', reason: 'not_needed' },
    });
    expect(result.status).toBe('completed');
  });
});

describe('dispose', () => {
  test.each([0, 500, 5_000, 15_000])('after %i ms leaves no timer and no attempt (I7)', async ms => {
    const { group, agent, until, pass, clock } = await bench([
      long('a'),
      scripted('b', [failing('server_error')]),
      scripted('c', [{ limit: '1h' }]),
      scripted('d', [{ hang: true }]),
    ]);
    const done = group.run();
    await pass(ms);
    await until(group.dispose());
    expect([agent.live.size, clock.pending]).toEqual([0, 0]);
    expect((await done).status).toBe('stopped');
    await group.dispose();
  });

  test.each(['created', 'paused', 'completed', 'being disposed of'])(
    'every verb after it says so, whatever state the group was in: %s',
    async state => {
      const { group, until, pass } = await bench([long('a')]);
      if (state !== 'created') void group.run();
      await pass(state === 'completed' ? 100_000 : 500);
      if (state === 'paused') await until(group.pause());
      const disposing = group.dispose();
      if (state !== 'being disposed of') await until(disposing);
      const session = { id: 'b', projectPath: '/', prompt: 'x' };
      const verbs = [
        () => group.run(),
        () => group.pause(),
        () => group.resume({ wait: false }),
        () => group.resume({ maxBudgetUsd: 1 }),
        () => group.stop(),
        () => group.retry({ fresh: true }),
        () => group.setMaxBudget('none'),
        () => group.pauseSession('a'),
        () => group.resumeSession('a'),
        () => group.update('/no/such/file.yaml'),
        () => group.addSession(session, { dryRun: true }),
        () => group.removeSession('a'),
        () => group.updateSession('a', { prompt: 'y' }),
        () => group.answer('r', 'allow'),
      ];
      for (const verb of verbs) await expect(verb()).rejects.toMatchObject({ code: 'disposed' });
      expect(group.getProgress().sessions).toHaveLength(1);
      await until(disposing);
    },
  );

  test('does nothing for a group that was never started', async () => {
    const { group, clock } = await bench([long('a')]);
    await group.dispose();
    expect(clock.pending).toBe(0);
  });
});

describe('the unexpected', () => {
  test('an agent that throws fails its session; the others continue (I1, I13)', async () => {
    const { group, agent, until, clock } = await bench([
      scripted('a', [delay(1_000)]),
      scripted('b', [delay(1_000)]),
      scripted('c', [], { dependsOn: ['a'] }),
      scripted('d', [], { dependsOn: ['b'] }),
    ]);
    agent.onStart = spec => {
      if (spec.sessionId === 'a') throw new Error('broken agent');
    };
    const result = await until(group.run());
    expect(result.status).toBe('failed');
    expect(result.sessions).toMatchObject({
      a: { status: 'failed', error: { code: 'agent_misbehaved' } },
      b: { status: 'completed' },
      c: { status: 'skipped' },
      d: { status: 'completed' },
    });
    expect(result.sessions.a?.error?.message).toContain('broken agent');
    expect(clock.pending).toBe(0);
  });

  test('an attempt that ignores interrupts is killed, and holds its slot until it has ended (I3, I7)', async () => {
    const { group, agent, until, pass, clock } = await bench([long('a'), long('b'), scripted('c')], {
      config: { concurrency: { maxConcurrent: 2 } },
    });
    agent.onInterrupt = spec => {
      if (spec.sessionId === 'a') throw new Error('cannot be interrupted');
    };
    void group.run();
    await pass(1_000);
    const paused = await until(group.pause());
    expect([agent.live.size, clock.pending]).toEqual([0, 0]);
    expect(paused).toMatchObject({
      status: 'paused',
      sessions: { a: { status: 'paused' }, b: { status: 'paused' } },
    });
    expect((await until(group.resume())).status).toBe('completed');
  });

  test('a crashed session can be stopped before its agent has ended', async () => {
    const { group, agent, until, pass } = await bench([long('a'), long('b')]);
    agent.onInterrupt = () => {
      throw new Error('cannot be interrupted');
    };
    const done = group.run();
    await pass(1_000);
    const paused = group.pause();
    expect((await until(group.stop())).status).toBe('stopped');
    expect(agent.live.size).toBe(0);
    await Promise.all([done, paused]);
  });

  test('inspection events reach the inspect option', async () => {
    const seen: string[] = [];
    const { group, until } = await bench([scripted('a')], { inspect: event => seen.push(event.type) });
    await until(group.run());
    expect(new Set(seen)).toEqual(
      new Set(['@xstate.actor', '@xstate.event', '@xstate.snapshot', '@xstate.microstep', '@xstate.action']),
    );
  });
});
