import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Clock, LONGEST_TIMEOUT_MS } from '../../../../src/sdk/clock.ts';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from '../../../../src/sdk/session/agent.ts';
import { AgentConfig } from '../../../../src/sdk/session/agent-config.ts';
import { createScriptedAgent } from '../../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { attemptSpec, type Recording, recording } from '../attempt-fixture.ts';

interface Play extends Recording {
  readonly attempt: Attempt;
}

/** One conversation with its own agent; each `play` is the next attempt of it. */
function conversation(steps?: unknown[], options: { ignoreInterrupt?: boolean } = {}) {
  const clock = new SimulatedClock();
  const agent: Agent = createScriptedAgent(clock);
  const id = randomUUID();
  let attempts = 0;
  const play = (
    changes: Partial<AttemptSpec> = {},
    onEvent: (event: AgentEvent) => void = () => {},
  ): Play => {
    attempts += 1;
    const seen = recording();
    const spec = attemptSpec({
      attempt: attempts,
      agent: AgentConfig.parse({ kind: 'scripted', ...(steps && { steps }), ...options }),
      conversation: { id, exists: attempts > 1, resume: attempts > 1 },
      ...changes,
    });
    const attempt = agent.start(spec, event => {
      seen.sink(event);
      onEvent(event);
    });
    return { ...seen, attempt };
  };
  return { clock, id, play };
}

const endOf = (run: Recording) => run.all('ended')[0]?.end;
const types = (run: Recording) => run.events.map(event => event.type);

describe('a scripted session', () => {
  test('without steps works for a second, spends a cent and says Done.', () => {
    const { clock, play } = conversation();
    const run = play();
    clock.advance(999);
    expect(endOf(run)).toBeUndefined();
    clock.advance(1);
    expect(types(run)).toEqual([
      'started',
      'message',
      'tool_started',
      'tool_finished',
      'usage',
      'cost',
      'message',
      'ended',
    ]);
    expect(run.all('message')[0]?.text).toBe('Working on: Do the work.');
    expect(run.all('cost')[0]).toEqual({ type: 'cost', scope: 'conversation', costUsd: 0.01 });
    expect(endOf(run)).toEqual({ outcome: 'done', result: 'Done.', denials: [] });
    expect(clock.pending).toBe(0);
  });

  test('is the same in every run', () => {
    const runs = [1, 2].map(() => {
      const clock = new SimulatedClock();
      const seen = recording();
      createScriptedAgent(clock).start(
        attemptSpec({ conversation: { id: 'same', exists: false, resume: false } }),
        seen.sink,
      );
      clock.advance(2_000);
      return seen.events;
    });
    expect(runs[0]).toEqual(runs[1]);
  });

  test('plays steps that take no time in one turn of the clock', () => {
    const steps = Array.from({ length: 1_000 }, (_, n) => ({ text: `step ${n}` }));
    const { clock, play } = conversation(steps);
    const run = play();
    expect(clock.pending).toBe(1);
    clock.step();
    expect(run.all('message')).toHaveLength(1_000);
    expect(endOf(run)?.outcome).toBe('done');
  });

  test('gives each reply its own key and counts only the money of cost steps', () => {
    const tokens = { tokens: { input: 10, cacheWrite: 3 } };
    const { clock, play } = conversation([tokens, { cost: 0.1 }, tokens, { cost: 0.2 }]);
    const run = play();
    clock.advance(0);
    const usage = run.all('usage');
    expect(new Set(usage.map(event => event.messageId)).size).toBe(2);
    expect(usage[0]).toMatchObject({
      tokens: { input: 10, output: 0, cacheRead: 0, cacheWrite: 3 },
      model: 'scripted',
      costUsd: 0,
      final: true,
    });
    expect(run.all('cost').map(event => event.costUsd)).toEqual([0.1, 0.3]);
  });

  test("ends when its own spend exceeds the attempt's cap, and continues in the next attempt", () => {
    const { clock, play } = conversation([{ cost: 0.3 }, { cost: 0.3 }, { text: 'on' }]);
    const first = play({ maxBudgetUsd: 0.5 });
    clock.advance(0);
    expect(endOf(first)).toMatchObject({ outcome: 'failed', code: 'session_budget' });
    expect(first.all('cost').map(event => event.costUsd)).toEqual([0.3, 0.6]);
    const second = play({ maxBudgetUsd: 0.5 });
    clock.advance(0);
    expect(endOf(second)).toMatchObject({ outcome: 'done', result: 'on' });
  });

  test('writes files only inside its project', () => {
    const cwd = mkdtempSync(join(tmpdir(), 'sg-scripted-'));
    const inside = conversation([{ write: 'a/b.txt', content: 'hello' }]);
    const good = inside.play({ cwd });
    inside.clock.advance(0);
    expect(endOf(good)?.outcome).toBe('done');
    expect(readFileSync(join(cwd, 'a/b.txt'), 'utf8')).toBe('hello');
    const outside = conversation([{ write: '../escaped.txt', content: '' }]);
    const bad = outside.play({ cwd });
    outside.clock.advance(0);
    expect(endOf(bad)).toMatchObject({ outcome: 'failed', code: 'invalid_request' });
  });

  test('returns its result, or else its last text, and the denials', () => {
    const { clock, play } = conversation([{ result: 'R' }, { denied: 'Bash' }, { text: 'T' }]);
    const run = play();
    clock.advance(0);
    expect(endOf(run)).toEqual({ outcome: 'done', result: 'R', denials: [{ tool: 'Bash' }] });
  });
});

describe('an interrupted scripted session (AGENT-5)', () => {
  test('continues at the interrupted step, with the rest of its time', () => {
    const { clock, play } = conversation([
      { text: 'a' },
      { delay: '10m' },
      { tool: 'Bash', duration: '1m' },
      { text: 'b' },
    ]);
    const first = play();
    clock.advance(4 * 60_000);
    first.attempt.interrupt();
    expect(endOf(first)).toBeUndefined();
    clock.advance(0);
    expect(endOf(first)).toEqual({ outcome: 'interrupted' });

    const second = play();
    clock.advance(6 * 60_000 - 1);
    expect(types(second)).toEqual(['started']);
    clock.advance(1);
    expect(types(second)).toEqual(['started', 'tool_started']);
    clock.advance(15_000);
    second.attempt.terminate();
    clock.advance(0);
    expect(types(second)).toEqual(['started', 'tool_started', 'ended']);

    const third = play();
    clock.advance(44_999);
    expect(endOf(third)).toBeUndefined();
    clock.advance(1);
    expect(types(third)).toEqual(['started', 'tool_started', 'tool_finished', 'message', 'ended']);
    expect(clock.pending).toBe(0);
  });

  test('stops there if interrupted from within an event, and does not repeat it', () => {
    const { clock, play } = conversation([{ cost: 1 }, { cost: 1 }, { text: 'end' }]);
    const first = play({}, event => {
      if (event.type === 'cost') first.attempt.interrupt();
    });
    clock.advance(0);
    expect(types(first)).toEqual(['started', 'cost', 'ended']);
    const second = play();
    clock.advance(0);
    expect(second.all('cost').map(event => event.costUsd)).toEqual([2]);
    expect(endOf(second)?.outcome).toBe('done');
  });

  test('has not started before its first turn', () => {
    const { clock, play } = conversation([{ text: 'a' }]);
    const run = play();
    run.attempt.interrupt();
    clock.advance(0);
    expect(types(run)).toEqual(['ended']);
  });

  test('with ignoreInterrupt reacts to terminate only', () => {
    const { clock, play } = conversation([{ hang: true }], { ignoreInterrupt: true });
    const run = play();
    clock.advance(0);
    run.attempt.interrupt();
    clock.advance(60_000);
    expect(endOf(run)).toBeUndefined();
    run.attempt.terminate();
    clock.advance(0);
    expect(endOf(run)).toEqual({ outcome: 'interrupted' });
  });

  test('plays its script again if it is resumed after its end, and keeps its cost', () => {
    const { clock, play } = conversation([{ cost: 1 }, { text: 'end' }]);
    play();
    clock.advance(0);
    const again = play();
    clock.advance(0);
    expect(again.all('cost').map(event => event.costUsd)).toEqual([2]);
  });

  test('does not wait while its process stands still, also across an interrupt', () => {
    const { clock, play } = conversation([{ delay: '20s' }]);
    const first = play();
    clock.advance(10_000);
    clock.freeze(600_000);
    clock.advance(0);
    expect(endOf(first)).toBeUndefined();
    clock.advance(2_000);
    first.attempt.interrupt();
    clock.freeze(600_000);
    clock.advance(0);
    const second = play();
    clock.advance(7_999);
    expect(endOf(second)).toBeUndefined();
    clock.advance(1);
    expect(endOf(second)?.outcome).toBe('done');
  });

  test('can wait longer than the longest timeout of the system', () => {
    const clock = new SimulatedClock();
    const cutting: Clock = {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      setTimeout: (fn, delayMs) => clock.setTimeout(fn, Math.min(delayMs, LONGEST_TIMEOUT_MS)),
      clearTimeout: handle => clock.clearTimeout(handle),
    };
    const run = recording();
    const agent = AgentConfig.parse({ kind: 'scripted', steps: [{ delay: '30d' }] });
    createScriptedAgent(cutting).start(attemptSpec({ agent }), run.sink);
    clock.advance(30 * 86_400_000 - 1);
    expect(endOf(run)).toBeUndefined();
    clock.advance(1);
    expect(endOf(run)?.outcome).toBe('done');
  });
});

describe('failures, limits and approvals', () => {
  test('a failure with attempts fails that many times, then passes', () => {
    const { clock, play } = conversation([
      { failure: 'overloaded', attempts: 2, message: 'busy' },
      { text: 'on' },
    ]);
    const ends = [1, 2, 3].map(() => {
      const run = play();
      clock.advance(0);
      return endOf(run);
    });
    expect(ends).toEqual([
      { outcome: 'failed', code: 'overloaded', message: 'busy' },
      { outcome: 'failed', code: 'overloaded', message: 'busy' },
      { outcome: 'done', result: 'on', denials: [] },
    ]);
  });

  test('a limit holds until its reset, however often it is tried', () => {
    const { clock, play } = conversation([{ limit: '1h' }, { text: 'on' }]);
    const until = clock.now() + 3_600_000;
    const tryOnce = () => {
      const run = play();
      clock.advance(0);
      return endOf(run);
    };
    expect(tryOnce()).toMatchObject({ outcome: 'limited', until });
    clock.advance(1_800_000);
    expect(tryOnce()).toMatchObject({ outcome: 'limited', until });
    clock.advance(1_800_000);
    expect(tryOnce()).toMatchObject({ outcome: 'done' });
  });

  test('a limit of unknown length has no reset time, and ends with attempts', () => {
    const { clock, play } = conversation([{ limit: 'unknown', attempts: 1 }]);
    const first = play();
    clock.advance(0);
    expect(endOf(first)).toEqual({ outcome: 'limited', message: 'scripted usage limit' });
    const second = play();
    clock.advance(0);
    expect(endOf(second)?.outcome).toBe('done');
  });

  test('an approval waits; both answers continue, and deny is recorded', () => {
    const { clock, play } = conversation([
      { approval: 'Bash', input: { command: 'ls' } },
      { approval: 'Write' },
      { text: 'end' },
    ]);
    const run = play();
    clock.advance(3_600_000);
    const [first] = run.all('approval');
    expect(first).toMatchObject({ tool: 'Bash', input: { command: 'ls' } });
    run.attempt.answerPermission('another', 'allow');
    run.attempt.answerPermission(first?.requestId ?? '', 'allow');
    expect(run.all('approval')).toHaveLength(1);
    clock.advance(0);
    const second = run.all('approval')[1];
    run.attempt.answerPermission(first?.requestId ?? '', 'deny');
    run.attempt.answerPermission(second?.requestId ?? '', 'deny');
    clock.advance(0);
    expect(endOf(run)).toEqual({
      outcome: 'done',
      result: 'end',
      denials: [{ tool: 'Write', toolUseId: second?.requestId }],
    });
  });

  test('an interrupted approval is requested again', () => {
    const { clock, play } = conversation([{ approval: 'Bash' }]);
    const first = play();
    clock.advance(0);
    first.attempt.kill();
    clock.advance(0);
    const second = play();
    clock.advance(0);
    expect(second.all('approval')[0]?.requestId).not.toBe(first.all('approval')[0]?.requestId);
  });
});
