import { describe, expect, test } from 'vitest';
import { bench, delay, failing, scripted } from '../../support/bench.ts';

describe('a group runs its sessions', () => {
  test('in dependency order, and completes when all have (I2, I5)', async () => {
    const { group, agent, until, types } = await bench([
      scripted('c', [], { dependsOn: ['b'] }),
      scripted('b', [], { dependsOn: ['a'] }),
      scripted('a', [{ result: 'done' }]),
    ]);
    const result = await until(group.run());
    expect(result.status).toBe('completed');
    expect(result.sessions.a).toEqual({ status: 'completed', costUsd: 0, attempts: 1, result: 'done' });
    expect(agent.order).toEqual(['a', 'b', 'c']);
    expect(types().at(-1)).toBe('group_completed');
  });

  test('at the first satisfied edge if the trigger is any', async () => {
    const { group, agent, until, clock } = await bench([
      scripted('slow', [delay(60_000)]),
      scripted('quick', [delay(1_000)]),
      scripted('first', [], { dependsOn: ['slow', 'quick'], trigger: 'any' }),
      scripted('last', [], { dependsOn: ['slow', 'quick'] }),
    ]);
    expect((await until(group.run())).status).toBe('completed');
    expect(agent.of('first')[0]?.startedAt).toBe(1_000);
    expect(agent.of('last')[0]?.startedAt).toBe(60_000);
    expect(clock.pending).toBe(0);
  });

  test('and skips sessions that a failure makes impossible or unneeded, naming the cause', async () => {
    const { group, until, of } = await bench([
      scripted('a', [failing()]),
      scripted('b', [], { dependsOn: ['a'] }),
      scripted('c', [], { dependsOn: ['b'] }),
      scripted('d', []),
      scripted('never', [], { dependsOn: [{ session: 'd', when: 'failed' }] }),
      scripted('rescue', [], { dependsOn: [{ session: 'a', when: 'failed' }] }),
    ]);
    const result = await until(group.run());
    expect([result.status, result.reason]).toEqual(['failed', 'sessions_failed']);
    expect(Object.fromEntries(Object.entries(result.sessions).map(([id, end]) => [id, end.status]))).toEqual({
      a: 'failed',
      b: 'skipped',
      c: 'skipped',
      d: 'completed',
      never: 'skipped',
      rescue: 'completed',
    });
    expect(
      of('session_skipped').map(({ sessionId, reason, because }) => [sessionId, reason, because]),
    ).toEqual([
      ['b', 'upstream_failed', ['a']],
      ['c', 'upstream_failed', ['b']],
      ['never', 'not_needed', ['d']],
    ]);
  });

  test('and completes if every failure was allowed (I5)', async () => {
    const { group, until, agent } = await bench([
      scripted('a', [failing()], { allowFailure: true }),
      scripted('b', [], { dependsOn: ['a'] }),
    ]);
    expect((await until(group.run())).status).toBe('completed');
    expect(agent.order).toEqual(['a', 'b']);
  });

  test('and passes earlier results to later prompts', async () => {
    const { group, agent, until } = await bench([
      scripted('a', [{ result: 'a {{ template }} of its own' }]),
      scripted('b', [{ failure: 'max_turns', message: 'too long' }], { allowFailure: true }),
      scripted('c', [], {
        dependsOn: ['a', { session: 'b', when: 'settled' }],
        prompt: "{{ sessions['a'].result }}; {{ sessions['b'].errorCode }}: {{ sessions['b'].error }}",
      }),
    ]);
    await until(group.run());
    expect(agent.of('c')[0]?.spec.prompt).toBe('a {{ template }} of its own; max_turns: too long');
    expect(agent.of('c')[0]?.spec.composed).toBe(true);
  });

  test('but fails one with a prompt that cannot be rendered, before its agent starts', async () => {
    const { group, agent, until } = await bench([
      scripted('a', []),
      scripted('b', [], {
        dependsOn: ['a'],
        prompt: "{{ sessions['a'].output }}",
      }),
    ]);
    const result = await until(group.run());
    expect(result.status).toBe('failed');
    expect(result.sessions.b?.error?.code).toBe('prepare_failed');
    expect(result.sessions.b?.error?.message).toContain('output');
    expect(agent.order).toEqual(['a']);
  });

  test('with at most maxConcurrent at once, and maxPerProject in a project (I3)', async () => {
    const { group, agent, until } = await bench(
      ['a', 'b', 'c', 'd', 'e', 'f'].map((id, i) => scripted(id, [delay(1_000)], { projectNumber: i % 2 })),
      { config: { concurrency: { maxConcurrent: 3, maxPerProject: 1 } } },
    );
    agent.onStart = spec => {
      expect(agent.live.size).toBeLessThan(3);
      expect([...agent.live.values()].map(log => log.spec.cwd)).not.toContain(spec.cwd);
    };
    expect((await until(group.run())).elapsedMs).toBe(3_000);
    expect(agent.order).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
  });

  test('with the longest remaining path first; the median of settled durations replaces missing estimates', async () => {
    const { group, agent, until } = await bench(
      [
        scripted('first', [delay(1_000)], { priority: 1 }),
        scripted('estimated', [], { estimate: '1m' }),
        scripted('guessed', []),
      ],
      { config: { concurrency: { maxConcurrent: 1 } } },
    );
    await until(group.run());
    expect(agent.order).toEqual(['first', 'estimated', 'guessed']);
  });

  test('and delivers its events to every subscriber in order, without a gap (I11)', async () => {
    const { group, until, events } = await bench([
      scripted('a', [{ text: 'hello' }, { tool: 'Bash', duration: 5 }, { cost: 0.5 }]),
      scripted('b', [], { dependsOn: ['a'] }),
    ]);
    await until(group.run());
    expect(events.map(event => event.seq)).toEqual(events.map((_, index) => index));
    expect(events.every(event => event.groupId === group.id)).toBe(true);
  });
});

describe('a failed attempt', () => {
  test('is retried after exactly its backoff, in the same conversation (I14)', async () => {
    const { group, agent, until, of } = await bench([scripted('a', [failing('server_error', 3)])], {
      config: {
        retry: { maximumAttempts: 4, initialInterval: '5s', backoffCoefficient: 3, maximumInterval: '20s' },
      },
    });
    expect((await until(group.run())).status).toBe('completed');
    expect(agent.attempts.map(log => log.startedAt)).toEqual([0, 5_000, 20_000, 40_000]);
    expect(of('session_retrying').map(({ attempt, delayMs }) => [attempt, delayMs])).toEqual([
      [2, 5_000],
      [3, 15_000],
      [4, 20_000],
    ]);
    expect(new Set(agent.attempts.map(log => log.spec.conversation.id)).size).toBe(1);
    expect(agent.attempts.map(log => log.spec.conversation.resume)).toEqual([false, true, true, true]);
  });

  test('is final after maximumAttempts', async () => {
    const { group, agent, until } = await bench([scripted('a', [failing('agent_error')])], {
      config: { retry: { maximumAttempts: 2 } },
    });
    const result = await until(group.run());
    expect(result.sessions.a).toMatchObject({
      status: 'failed',
      attempts: 2,
      error: { code: 'agent_error' },
    });
    expect(agent.attempts).toHaveLength(2);
  });

  test.each([
    ['a code that is never retried', 'invalid_request'],
    ['a code that the policy excludes', 'overloaded'],
  ])('is final with %s', async (_, code) => {
    const { group, agent, until } = await bench([scripted('a', [failing(code)])], {
      config: { retry: { nonRetryableErrorTypes: ['overloaded'] } },
    });
    expect((await until(group.run())).status).toBe('failed');
    expect(agent.attempts).toHaveLength(1);
  });

  test('frees its slot while it waits, and has a wait reason', async () => {
    const { group, agent, until, pass } = await bench(
      [scripted('a', [failing('server_error', 1)], { priority: 1 }), scripted('b', [delay(7_000)])],
      { config: { concurrency: { maxConcurrent: 1 } } },
    );
    const done = group.run();
    await pass(1_000);
    expect(group.why('a')).toMatchObject({ kind: 'retry', attempt: 2, code: 'server_error' });
    await pass(5_000);
    expect(group.why('a')).toEqual({ kind: 'slot', live: 1, maxConcurrent: 1 });
    expect((await until(done)).status).toBe('completed');
    expect(agent.attempts.map(log => [log.session, log.startedAt])).toEqual([
      ['a', 0],
      ['b', 0],
      ['a', 7_000],
    ]);
  });
});

describe('an attempt that takes too long', () => {
  test('without output is interrupted and retried', async () => {
    const { group, agent, until } = await bench([scripted('a', [{ text: 'hi' }, { hang: true }])], {
      config: {
        timeouts: { idle: '30s', attempt: '1h' },
        retry: { maximumAttempts: 2, initialInterval: '1s' },
      },
    });
    const result = await until(group.run());
    expect(result.sessions.a?.error?.code).toBe('idle_timeout');
    expect(agent.attempts.map(log => [log.startedAt, log.endedAt])).toEqual([
      [0, 30_000],
      [31_000, 61_000],
    ]);
  });

  test('and ignores the interrupt is terminated after its grace period', async () => {
    const { group, agent, until } = await bench(
      [
        {
          id: 'a',
          prompt: 'go',
          agent: { kind: 'scripted', steps: [{ hang: true }] as never, ignoreInterrupt: true },
        },
      ],
      { config: { timeouts: { idle: '30s' }, retry: { maximumAttempts: 1 } } },
    );
    expect((await until(group.run())).status).toBe('failed');
    expect(agent.attempts[0]?.endedAt).toBe(35_000);
  });

  test('despite output fails for good after its attempt timeout', async () => {
    const steps = Array.from({ length: 100 }, () => ({ tool: 'Work', duration: 1_000 }));
    const { group, agent, until } = await bench([scripted('a', steps)], {
      config: { timeouts: { idle: '30s', attempt: '10s' } },
    });
    const result = await until(group.run());
    expect(result.sessions.a?.error?.code).toBe('attempt_timeout');
    expect(agent.attempts.map(log => log.endedAt)).toEqual([10_000]);
  });
});
