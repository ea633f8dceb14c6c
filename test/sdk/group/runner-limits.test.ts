import { describe, expect, test } from 'vitest';
import type { Agent } from '../../../src/sdk/session/agent.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { bench, delay, failing, projectPath, type Step, scripted } from '../../support/bench.ts';

const MINUTE = 60_000;
/** Spends a dollar every ten seconds. */
const spender = (dollars: number): Step[] =>
  Array.from({ length: dollars }, () => [{ cost: 1 }, delay(10_000)]).flat();

describe("an account's limit", () => {
  test('with a reset time parks the session until then; the group stays running and says so', async () => {
    const { group, agent, until, pass, of } = await bench([
      scripted('a', [{ limit: '2h' }]),
      scripted('b', [], { dependsOn: ['a'] }),
    ]);
    const done = group.run();
    await pass(MINUTE);
    expect(group.getProgress().status).toBe('running');
    const until2h = Date.UTC(2026, 0, 1, 2);
    expect(group.why()).toEqual({ kind: 'quota', account: 'scripted', until: until2h });
    expect(group.why('a')).toEqual({ kind: 'quota', account: 'scripted', until: until2h });
    expect((await until(done)).status).toBe('completed');
    expect(agent.of('a').map(log => log.startedAt)).toEqual([0, 120 * MINUTE]);
    expect(of('quota_limited')).toMatchObject([{ account: 'scripted', until: '2026-01-01T02:00:00.000Z' }]);
  });

  test('stops admission of every session that uses the account', async () => {
    const { group, agent, until, pass } = await bench(
      [scripted('a', [{ limit: '1h' }], { priority: 1 }), scripted('b', []), scripted('c', [])],
      { config: { concurrency: { maxConcurrent: 1 } } },
    );
    const done = group.run();
    await pass(MINUTE);
    expect(group.why('b')).toMatchObject({ kind: 'quota' });
    expect((await until(done)).status).toBe('completed');
    expect(agent.order).toEqual(['a', 'a', 'b', 'c']); // sessions in play go first
    expect(agent.attempts[1]?.startedAt).toBe(60 * MINUTE);
  });

  test('without a reset time is retried after 1, 2, 4, 8, then every 15 minutes', async () => {
    const { group, agent, until } = await bench([scripted('a', [{ limit: 'unknown', attempts: 6 }])]);
    expect((await until(group.run())).status).toBe('completed');
    const starts = agent.attempts.map(log => log.startedAt / MINUTE);
    expect(starts).toEqual([0, 1, 3, 7, 15, 30, 45]);
  });

  test('hit by several sessions at once counts once: the wait does not double for each', async () => {
    const limited = (id: string) => scripted(id, [{ limit: 'unknown', attempts: 1 }]);
    const { group, agent, until } = await bench([limited('a'), limited('b'), limited('c')]);
    expect((await until(group.run())).status).toBe('completed');
    expect(agent.attempts.map(log => log.startedAt / MINUTE)).toEqual([0, 0, 0, 1, 1, 1]);
  });

  test('that resets too late pauses the group, and again if it is resumed too early', async () => {
    const { group, agent, until, clock, pass } = await bench([scripted('a', [{ limit: '10h' }])]);
    expect(await until(group.run())).toMatchObject({ status: 'paused', reason: 'quota' });
    expect(clock.pending).toBe(0);
    await pass(MINUTE);
    expect(await until(group.resume())).toMatchObject({ status: 'paused', reason: 'quota' });
    expect(agent.attempts).toHaveLength(1);
    await pass(600 * MINUTE);
    expect(await until(group.resume())).toMatchObject({ status: 'completed' });
  });

  test('that resets too late pauses the group, also while another account is closed for a moment', async () => {
    const clock = new SimulatedClock();
    const other: Agent = {
      kind: 'command',
      capabilities: { usage: 'stream', spends: true, approvals: false, changesFiles: false, resume: false },
      start(_, sink) {
        clock.setTimeout(() => {
          const until = clock.now() + 600 * MINUTE;
          sink({ type: 'ended', end: { outcome: 'limited', message: 'usage limit', until } });
        }, 1_000);
        return { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
      },
    };
    const { group, until, of } = await bench(
      [
        scripted('a', [{ limit: '1m' }]),
        { id: 'b', prompt: 'go', agent: { kind: 'command', command: ['x'] } },
      ],
      { clock, agents: { command: other } },
    );
    expect(await until(group.run())).toMatchObject({ status: 'paused', reason: 'quota' });
    expect(of('quota_limited').map(event => event.account)).toEqual(['scripted', 'command']);
  });

  test('that resets while the group is paused delays nothing afterwards', async () => {
    const { group, agent, until, pass } = await bench(
      [scripted('a', [{ limit: '1h' }], { priority: 1 }), scripted('b', [])],
      { config: { concurrency: { maxConcurrent: 1 } } },
    );
    void group.run();
    await pass(MINUTE);
    await until(group.pause());
    await pass(120 * MINUTE);
    expect((await until(group.resume())).status).toBe('completed');
    expect(agent.of('b')[0]?.startedAt).toBe(121 * MINUTE);
  });

  test('never counts as a failed attempt', async () => {
    const { group, until } = await bench([scripted('a', [{ limit: '1m', attempts: 5 }])], {
      config: { retry: { maximumAttempts: 1 } },
    });
    expect((await until(group.run())).sessions.a).toMatchObject({ status: 'completed', attempts: 6 });
  });
});

describe('a budget', () => {
  const config = (onBudgetExceeded: 'pause' | 'stop' | 'warn', maxBudgetUsd = 5) => ({
    budget: { maxBudgetUsd, onBudgetExceeded, warningThreshold: 0.6 },
  });

  test('pauses live sessions at its limit; the same conversations continue under a new one', async () => {
    const { group, agent, until, of, events } = await bench(
      [scripted('a', spender(4)), scripted('b', spender(4))],
      { config: config('pause') },
    );
    const paused = await until(group.run());
    expect(paused).toMatchObject({ status: 'paused', reason: 'budget_exceeded', totalCostUsd: 5 });
    expect(agent.live.size).toBe(0);
    expect(group.why()).toEqual({ kind: 'budget', usageUsd: 5, limitUsd: 5 });
    await expect(group.resume()).rejects.toMatchObject({ code: 'budget_exhausted' });
    const result = await until(group.resume({ maxBudgetUsd: 20 }));
    expect(result).toMatchObject({ status: 'completed', totalCostUsd: 8 });
    for (const id of ['a', 'b']) {
      expect(new Set(agent.of(id).map(log => log.spec.conversation.id)).size).toBe(1); // I14
    }
    const money = events.map(event => event.type).filter(type => type.startsWith('budget'));
    expect(money).toEqual(['budget_warning', 'budget_exceeded', 'budget_changed']);
    expect(of('budget_exceeded')).toMatchObject([{ usageUsd: 5, limitUsd: 5, action: 'pause' }]);
  });

  test('is journalled before what starts under it', async () => {
    const { group, until, events } = await bench([scripted('a', spender(8))], { config: config('pause') });
    expect(await until(group.run())).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
    await group.addSession({ ...scripted('b'), projectPath: projectPath(1) });
    expect((await until(group.resume({ maxBudgetUsd: 20 }))).status).toBe('completed');
    const types = events.map(event => event.type);
    const resumed = types.indexOf('group_resumed');
    expect(types.indexOf('budget_changed')).toBe(resumed + 1);
    expect(types.indexOf('session_started', resumed)).toBeGreaterThan(resumed + 1);
  });

  test('caps each attempt at the remaining amount', async () => {
    const { group, agent, until } = await bench(
      [scripted('a', [{ cost: 2 }]), scripted('b', [], { dependsOn: ['a'], maxBudgetUsd: 1 }), scripted('c')],
      { config: { ...config('pause'), concurrency: { maxConcurrent: 1 } } },
    );
    await until(group.run());
    const caps = Object.fromEntries(agent.attempts.map(log => [log.session, log.spec.maxBudgetUsd]));
    expect(caps).toEqual({ a: 5, b: 1, c: 3 });
  });

  test('stops the group if configured to', async () => {
    const { group, until } = await bench(
      [scripted('a', spender(9)), scripted('b', [], { dependsOn: ['a'] })],
      { config: config('stop') },
    );
    const result = await until(group.run());
    expect(result).toMatchObject({ status: 'stopped', reason: 'budget_exceeded', totalCostUsd: 5 });
    expect(result.sessions).toMatchObject({
      a: { status: 'stopped' },
      b: { status: 'skipped', reason: 'group_stopped' },
    });
  });

  test('only warns if configured to: the group continues, admits, and sets no cap', async () => {
    const { group, agent, until, of } = await bench(
      [scripted('a', spender(9)), scripted('b', [{ cost: 1 }], { dependsOn: ['a'] })],
      { config: config('warn') },
    );
    expect(await until(group.run())).toMatchObject({ status: 'completed', totalCostUsd: 10 });
    expect(of('budget_exceeded')).toHaveLength(1);
    expect(agent.attempts.map(log => log.spec.maxBudgetUsd)).toEqual([undefined, undefined]);
  });

  test('is lifted by none, and pauses at once if lowered below the amount spent', async () => {
    const { group, until, pass, of } = await bench([scripted('a', spender(8))], { config: config('pause') });
    const done = group.run();
    await pass(25_000);
    await group.setMaxBudget('none');
    await pass(30_000);
    expect(group.getProgress().totalCostUsd).toBe(6);
    await group.setMaxBudget(3);
    expect(await until(done)).toMatchObject({ status: 'paused', reason: 'budget_exceeded' });
    expect(of('budget_changed').map(event => event.limitUsd)).toEqual(['none', 3]);
    expect(of('budget_exceeded')).toHaveLength(1);
  });

  test('of a session ends that session for good, and no other', async () => {
    const { group, until } = await bench([
      scripted('a', spender(9), { maxBudgetUsd: 2 }),
      scripted('b', spender(3)),
    ]);
    const result = await until(group.run());
    expect(result.sessions).toMatchObject({
      a: { status: 'failed', error: { code: 'session_budget' }, costUsd: 2 },
      b: { status: 'completed', costUsd: 3 },
    });
  });
});

describe('a permission', () => {
  test('that was denied fails the session, whatever its agent says, and is not retried', async () => {
    const { group, agent, until } = await bench([
      scripted('a', [{ denied: 'Write' }, { result: 'all done' }]),
    ]);
    const result = await until(group.run());
    expect(result.sessions.a).toMatchObject({ status: 'failed', error: { code: 'permission_denied' } });
    expect(agent.attempts).toHaveLength(1);
  });

  test('requested in an unattended group fails the session', async () => {
    const { group, until } = await bench([scripted('a', [{ approval: 'Bash' }])]);
    const result = await until(group.run());
    expect(result.sessions.a?.error).toMatchObject({ code: 'permission_denied' });
    expect(result.sessions.a?.error?.message).toContain('Bash');
  });

  test.each(['deny', 'fail'] as const)(
    'is answered by onRequest: %s without asking anybody',
    async onRequest => {
      const { group, until, of } = await bench(
        [scripted('a', [{ approval: 'Bash' }, { result: 'without it' }])],
        {
          attended: true,
          config: { permissions: { onRequest } },
        },
      );
      const { sessions } = await until(group.run());
      expect(of('approval_requested')).toEqual([]);
      if (onRequest === 'deny') expect(sessions.a).toMatchObject({ status: 'completed' });
      else expect(sessions.a).toMatchObject({ status: 'failed', error: { code: 'permission_denied' } });
    },
  );

  test.each(['allow', 'deny'] as const)(
    'is given or not by a person, for whom the idle clock stands still: %s',
    async decision => {
      const { group, until, pass, of, status } = await bench(
        [
          scripted('a', [
            { approval: 'Bash', input: { command: 'ls' } },
            delay(1_000),
            { result: 'went on' },
          ]),
        ],
        { attended: true },
      );
      const done = group.run();
      await pass(20 * MINUTE);
      expect(status('a')).toBe('awaiting_approval');
      const [asked] = of('approval_requested');
      expect(group.why('a')).toEqual({
        ...{ kind: 'approval', requestId: asked?.requestId, tool: 'Bash', input: { command: 'ls' } },
      });
      await expect(group.answer('another', 'allow')).rejects.toMatchObject({ code: 'no_such_request' });
      await group.answer(asked?.requestId ?? '', decision, 'me');
      expect(status('a')).toBe('running');
      await expect(group.answer(asked?.requestId ?? '', 'allow')).rejects.toMatchObject({
        code: 'no_such_request',
      });
      expect((await until(done)).status).toBe('completed');
      expect(of('approval_answered')).toMatchObject([{ decision, by: 'me' }]);
    },
  );
});

describe('failures', () => {
  const four = ['a', 'b', 'c', 'd'].map((id, i) => scripted(id, [delay(1_000 * (i + 1)), failing()]));
  const config = (pauseOnError: boolean) => ({
    concurrency: { maxConcurrent: 4, errorThreshold: 2, pauseOnError },
  });

  test('that reach the threshold pause the group; resume resets the count', async () => {
    const { group, agent, until } = await bench(four, { config: config(true) });
    const first = await until(group.run());
    expect(first).toMatchObject({ status: 'paused', reason: 'error_threshold' });
    expect(Object.values(first.sessions).map(end => end.status)).toEqual([
      'failed',
      'failed',
      'paused',
      'paused',
    ]);
    expect(await until(group.resume())).toMatchObject({ status: 'failed' });
    expect(agent.of('d').map(log => log.spec.attempt)).toEqual([1, 2]);
  });

  test('that reach the threshold stop the group if configured to', async () => {
    const { group, until } = await bench(four, { config: config(false) });
    const result = await until(group.run());
    expect(result).toMatchObject({ status: 'stopped', reason: 'error_threshold' });
    expect(result.sessions).toMatchObject({ c: { status: 'stopped' }, d: { status: 'stopped' } });
  });

  test('that reach it with nothing left to run fail the group instead of pausing it', async () => {
    const { group, until } = await bench(four.slice(0, 2), { config: config(true) });
    expect(await until(group.run())).toMatchObject({ status: 'failed' });
  });

  test('that are allowed do not count', async () => {
    const { group, until } = await bench(
      four.map(session => ({ ...session, allowFailure: true })),
      { config: config(true) },
    );
    expect(await until(group.run())).toMatchObject({ status: 'completed' });
  });

  test.each(['authentication_failed', 'billing_error'])(
    'with %s pause the group at the first, and no session fails',
    async code => {
      const { group, agent, events, until } = await bench([
        scripted('a', [{ text: 'half' }, failing(code, 1), { result: 'done' }]),
        scripted('b', [delay(5_000)]),
        scripted('c', [], { dependsOn: ['a', 'b'] }),
      ]);
      expect(await until(group.run())).toMatchObject({
        ...{ status: 'paused', reason: 'agent_unavailable' },
        sessions: { a: { status: 'paused' }, b: { status: 'paused' }, c: { status: 'pending' } },
      });
      expect(group.why('a')).toEqual({ kind: 'paused', reason: 'agent_unavailable' });
      expect(agent.order.sort()).toEqual(['a', 'b']);
      expect(events.filter(({ type }) => type === 'session_warning')).toMatchObject([{ sessionId: 'a' }]);
      const done = { status: 'completed', attempts: 2 };
      expect(await until(group.resume())).toMatchObject({
        status: 'completed',
        sessions: { a: done, b: done },
      });
      const [before, after] = events.flatMap(event =>
        'agentSessionId' in event && event.sessionId === 'a' ? [event.agentSessionId] : [],
      );
      expect(after).toBe(before);
    },
  );

  test('with a login that all live sessions lose at once pause the group, and it goes on with all of them', async () => {
    const ids = ['a', 'b', 'c'];
    const { group, until } = await bench(
      [
        ...ids.map((id, projectNumber) =>
          scripted(id, [delay(1_000), failing('authentication_failed', 1)], { projectNumber }),
        ),
        scripted('last', [], { dependsOn: ids }),
      ],
      { config: { concurrency: { maxConcurrent: 3, errorThreshold: 1 } } },
    );
    const result = await until(group.run());
    expect(result).toMatchObject({ status: 'paused', reason: 'agent_unavailable' });
    expect(ids.map(id => result.sessions[id]?.status)).toEqual(['paused', 'paused', 'paused']);
    // Interrupted before they met it, the others meet it one after the other.
    for (const _ of ids.slice(1)) expect(await until(group.resume())).toMatchObject({ status: 'paused' });
    expect(await until(group.resume())).toMatchObject({ status: 'completed' });
  });

  test('with a login of its own fail a session by itself', async () => {
    const own = { env: { ANTHROPIC_API_KEY: 'its own' } };
    const { group, until } = await bench([
      scripted('a', [failing('authentication_failed')], own),
      scripted('b', [delay(5_000)], { projectNumber: 1 }),
    ]);
    expect(await until(group.run())).toMatchObject({
      status: 'failed',
      sessions: { a: { error: { code: 'authentication_failed' } }, b: { status: 'completed' } },
    });
  });
});
