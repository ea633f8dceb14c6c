// @module-tag processes
import { tmpdir } from 'node:os';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../../src/sdk/clock.ts';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import type { Agent, AgentCheck } from '../../../../src/sdk/session/agent.ts';
import { createCommandAgent } from '../../../../src/sdk/session/command.ts';
import { createScriptedAgent } from '../../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { flush } from '../../../../src/sdk/testing/flush.ts';

const command = (id: string, ...words: [string, ...string[]]) => ({
  id,
  projectPath: tmpdir(),
  prompt: 'go',
  agent: { kind: 'command' as const, command: words },
});
const group = (agent: Agent, ...sessions: ReturnType<typeof command>[]) =>
  createSessionGroup({ version: 1, name: 'checked', sessions }, { agents: { command: agent } });

test('a group starts nothing if the program of any of its sessions is missing', async () => {
  const agent = createCommandAgent(systemClock);
  const made = await group(agent, command('a', 'true'), command('b', 'no-such-program-on-any-path'));
  await expect(made.run()).rejects.toMatchObject({
    code: 'agent_not_found',
    message: expect.stringContaining('no-such-program-on-any-path'),
  });
  expect(made.getProgress().status).toBe('created');
  await made.dispose();
});

test('each program is asked about once', async () => {
  const asked: string[] = [];
  const refusal: AgentCheck = { ok: false, code: 'agent_not_found', message: 'no', hint: 'none' };
  const agent: Agent = {
    ...createCommandAgent(systemClock),
    check: async options => {
      const program = options?.agent && 'command' in options.agent ? options.agent.command[0] : '';
      asked.push(program);
      return program === 'last' ? refusal : { ok: true, warnings: [] };
    },
  };
  const made = await group(
    agent,
    command('a', 'one'),
    command('b', 'one'),
    command('c', 'two'),
    command('d', 'last'),
  );
  await expect(made.run()).rejects.toMatchObject({ code: 'agent_not_found' });
  expect(asked).toEqual(['one', 'two', 'last']);
  await made.dispose();
});

describe('an agent whose check does not answer', () => {
  /** A group of one session for an hour; the agent answers its first `answers` checks. */
  async function asked(answers: number) {
    const clock = new SimulatedClock();
    const signals: AbortSignal[] = [];
    let checks = 0;
    const scripted: Agent = {
      ...createScriptedAgent(clock),
      check: options => {
        if (options?.signal) signals.push(options.signal);
        return ++checks <= answers ? Promise.resolve({ ok: true, warnings: [] }) : new Promise(() => {});
      },
    };
    const steps = [{ cost: 0.5 }, { delay: '1h' }, { result: 'ok' }];
    const made = await createSessionGroup(
      {
        version: 1,
        name: 'checked',
        config: { budget: { maxBudgetUsd: 10 } },
        sessions: [{ id: 'a', projectPath: tmpdir(), prompt: 'go', agent: { kind: 'scripted', steps } }],
      },
      { clock, agents: { scripted }, projects: memoryProjectGate(), env: {} },
    );
    onTestFinished(() => made.dispose());
    return { group: made, clock, signals };
  }
  /** Lets a minute pass at most, and no time for what needs none. */
  async function inAMinute<T>(clock: SimulatedClock, promise: Promise<T>, ms = 60_000): Promise<T | 'waits'> {
    let over = false;
    const done = promise.finally(() => {
      over = true;
    });
    done.catch(() => {});
    for (let turn = 0; !over && turn < 20; turn++) await flush();
    for (let passed = 0; !over && passed < ms; passed += 1_000) {
      clock.advance(1_000);
      await flush();
    }
    return over ? done : 'waits';
  }
  const atOnce = <T>(clock: SimulatedClock, promise: Promise<T>) => inAMinute(clock, promise, 0);
  /** It has started, and is paused. */
  async function paused(answers: number) {
    const world = await asked(answers);
    const run = world.group.run();
    await inAMinute(world.clock, run, 1_000);
    expect(world.group.getProgress().status).toBe('running');
    await inAMinute(world.clock, world.group.pause());
    return world;
  }

  test('cannot start, says when, and is told so; nothing has changed', async () => {
    const { group, clock, signals } = await asked(0);
    await expect(inAMinute(clock, group.run())).rejects.toMatchObject({
      code: 'agent_misbehaved',
      message: 'the check of the agent (scripted) failed: it did not answer within 30 s',
    });
    expect(group.getProgress().status).toBe('created');
    expect(signals.map(signal => signal.aborted)).toEqual([true]);
    await group.dispose();
    expect(clock.pending).toBe(0);
  });

  test.each(['stop', 'pause'] as const)(
    'keeps no %s waiting: what was called before is applied, and ended with it',
    async verb => {
      const { group, clock, signals } = await asked(0);
      const run = group.run();
      const end = await inAMinute(clock, group[verb](), 1_000);
      const status = verb === 'stop' ? 'stopped' : 'paused';
      expect(end).toMatchObject({ status });
      expect(await run).toMatchObject({ status });
      expect(group.getProgress().sessions.map(({ attempts }) => attempts)).toEqual([0]);
      expect(signals.map(signal => signal.aborted)).toEqual([true]);
    },
  );

  test('keeps neither a limit nor `dispose` waiting; a limit that was called before is not set after it', async () => {
    const { group, clock } = await paused(1);
    const resumed = group.resume({ maxBudgetUsd: 7 });
    expect(await atOnce(clock, group.setMaxBudget(5))).toBeUndefined();
    const over = group.dispose();
    expect(await inAMinute(clock, over, 1_000)).toBeUndefined();
    expect(await resumed).toMatchObject({ status: 'stopped' });
    expect(group.getProgress().limitUsd).toBe(5);
  });

  test('holds up requests behind it no longer than its time', async () => {
    const { group, clock } = await paused(1);
    const resumed = group.resume();
    const added = group.addSession({ id: 'b', projectPath: tmpdir(), prompt: 'go' });
    added.catch(() => {});
    await expect(inAMinute(clock, resumed)).rejects.toMatchObject({ code: 'agent_misbehaved' });
    expect(await added).toMatchObject({ added: ['b'] });
    expect(group.getProgress().status).toBe('paused');
  });

  test('a start, a change and a stop: the start is applied with the stop, after the change', async () => {
    const { group, clock } = await paused(1);
    const resumed = group.resume();
    const added = group.addSession({ id: 'b', projectPath: tmpdir(), prompt: 'go' });
    const stopped = group.stop();
    expect(await added).toMatchObject({ added: ['b'] });
    expect(await inAMinute(clock, stopped, 1_000)).toMatchObject({ status: 'stopped' });
    expect(await resumed).toMatchObject({ status: 'stopped' });
  });
});
