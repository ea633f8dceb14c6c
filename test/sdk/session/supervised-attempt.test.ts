import { describe, expect, it } from 'vitest';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from '../../../src/sdk/session/agent.ts';
import { superviseAttempt } from '../../../src/sdk/session/supervised-attempt.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { attemptSpec } from './attempt-fixture.ts';

const DONE: AgentEvent = { type: 'ended', end: { outcome: 'done', result: '', denials: [] } };
const text = (word: string): AgentEvent => ({ type: 'message', role: 'assistant', text: word });
const IDLE: Attempt = { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
type Emit = (event: unknown) => void;

/** An agent written without types: it may emit and return anything. */
function supervising(start: (emit: Emit, spec: AttemptSpec) => unknown) {
  const clock = new SimulatedClock();
  const seen: unknown[] = [];
  const warnings: string[] = [];
  const agent = {
    kind: 'mine',
    capabilities: { resume: false, usage: 'stream', spends: true, approvals: false },
    start: (spec: AttemptSpec, sink: Emit) => start(sink, spec),
  };
  const attempt = superviseAttempt(agent as unknown as Agent, attemptSpec(), clock, event => {
    if (event.type === 'warning') warnings.push(event.message);
    else seen.push(event.type === 'ended' && 'code' in event.end ? event.end.code : event);
  });
  return { clock, seen, warnings, attempt };
}

describe('an attempt of any agent', () => {
  it('hears nothing before start has returned, and then everything in order', () => {
    const { clock, seen } = supervising(emit => {
      emit(text('first'));
      emit(text('second'));
      emit(DONE);
      emit(text('late'));
      return IDLE;
    });
    expect(seen).toEqual([]);
    clock.advance(0);
    expect(seen).toEqual([text('first'), text('second'), DONE]);
  });

  it('ends once, and hears nothing afterwards', () => {
    let emit: Emit = () => {};
    const { clock, seen } = supervising(sink => {
      emit = sink;
      return IDLE;
    });
    for (const event of [text('a'), DONE, DONE, text('b'), { type: 'usage' }]) emit(event);
    clock.advance(1_000);
    expect(seen).toEqual([text('a'), DONE]);
    expect(clock.pending).toBe(0);
  });

  it.each<[string, (emit: Emit) => unknown]>([
    [
      'throws in start',
      () => {
        throw new Error('no');
      },
    ],
    [
      'throws in start after an end',
      emit => {
        emit(DONE);
        throw 'text';
      },
    ],
    ['returns nothing', () => undefined],
    ['returns a promise', async () => IDLE],
    ['returns half an attempt', () => ({ kill() {} })],
    [
      'ends without an end',
      emit => {
        emit({ type: 'ended' });
        return IDLE;
      },
    ],
    [
      'ends with an unknown code',
      emit => {
        emit({ type: 'ended', end: { outcome: 'failed', code: 'x', message: '' } });
        return IDLE;
      },
    ],
    [
      'ends as done without a result',
      emit => {
        emit({ type: 'ended', end: { outcome: 'done' } });
        return IDLE;
      },
    ],
    [
      'is limited until no time',
      emit => {
        emit({ type: 'ended', end: { outcome: 'limited', until: 1e300, message: '' } });
        return IDLE;
      },
    ],
  ])('has failed if its agent %s', (_, start) => {
    const { clock, seen } = supervising(start);
    clock.advance(0);
    expect(seen).toEqual(['agent_misbehaved']);
  });

  it('has failed a minute after a kill that it does not heed, however often it is killed', () => {
    const { clock, seen, warnings, attempt } = supervising(() => IDLE);
    attempt.interrupt();
    clock.advance(3_600_000);
    attempt.kill();
    clock.advance(59_999);
    attempt.kill();
    expect(seen).toEqual([]);
    clock.advance(1);
    expect(seen).toEqual(['agent_misbehaved']);
    expect(warnings).toHaveLength(1);
    expect(clock.pending).toBe(0);
  });

  it('is killed when it comes, if its agent returned a promise of it', async () => {
    let kills = 0;
    const { clock, seen } = supervising(async () => ({ ...IDLE, kill: () => kills++ }));
    clock.advance(0);
    await new Promise(resolve => setImmediate(resolve));
    expect([seen, kills]).toEqual([['agent_misbehaved'], 1]);
  });

  it('survives what its agent throws later, and a promise that is rejected is no start', async () => {
    const later = async () => {
      throw new Error('later');
    };
    const verbs = { interrupt: later, terminate: later, kill: later, answerPermission: later };
    const { warnings, attempt } = supervising(() => verbs);
    attempt.interrupt();
    attempt.answerPermission('r', 'allow');
    const unstarted = supervising(later);
    unstarted.clock.advance(0);
    await new Promise(resolve => setImmediate(resolve));
    expect(warnings).toEqual(['the agent threw: later', 'the agent threw: later']);
    expect(unstarted.seen).toEqual(['agent_misbehaved']);
  });

  it('has failed if its agent asks for what cannot be read, and then throws in start', () => {
    const { clock, seen } = supervising(emit => {
      emit({ type: 'approval', requestId: 'r', tool: 'Bash', input: { size: 1n } });
      throw new Error('no');
    });
    clock.advance(0);
    expect(seen).toEqual(['agent_misbehaved']);
  });

  it('survives a report that throws when it is read', () => {
    const thrown = (): never => {
      throw new Error('no');
    };
    const { clock, seen, warnings } = supervising(emit => {
      emit(Object.defineProperty({}, 'type', { get: thrown }));
      emit(Object.defineProperty({ type: 'ended' }, 'end', { get: thrown }));
      return Object.defineProperty({ ...IDLE }, 'pid', { get: thrown });
    });
    clock.advance(0);
    expect(warnings).toEqual(['an invalid report of the agent is ignored: unknown (it cannot be read: no)']);
    expect(seen).toEqual(['agent_misbehaved']);
  });

  it('survives what its agent throws when it is ended', () => {
    const throws = () => {
      throw new Error('no');
    };
    const { warnings, attempt } = supervising(() => ({
      interrupt: throws,
      terminate: throws,
      kill: throws,
      answerPermission: throws,
    }));
    attempt.interrupt();
    attempt.answerPermission('r', 'allow');
    expect(warnings.length).toBeGreaterThan(0);
  });
});

describe('amounts that an agent reports', () => {
  const tokens = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
  const usage = { type: 'usage', messageId: 'm', model: 'x', tokens, final: true };
  const cost = { type: 'cost', scope: 'process', costUsd: 1, tokens };
  const subagent = { type: 'subagent_usage', taskId: 't', totalTokens: 5 };
  const odd = [-1, -0.5, 0.5, Number.NaN, Infinity, -Infinity, 2 ** 53, 1e308, '5', null, {}, true];

  it.each([usage, cost, subagent, { ...usage, costUsd: 0.25, cacheWrite1h: 4 }])('are taken: %j', event => {
    const { clock, seen, warnings } = supervising(emit => {
      emit(event);
      return IDLE;
    });
    clock.advance(0);
    expect([seen, warnings]).toEqual([[event], []]);
  });

  it('are refused if they are none, with one warning for each kind of report', () => {
    const reports = odd.flatMap(amount => [
      ...Object.keys(tokens).map(kind => ({ ...usage, tokens: { ...tokens, [kind]: amount } })),
      { ...usage, cacheWrite1h: amount },
      { ...cost, tokens: { ...tokens, output: amount } },
      { ...subagent, totalTokens: amount },
      ...(amount === 0.5
        ? []
        : [
            { ...usage, costUsd: amount },
            { ...cost, costUsd: amount },
          ]),
    ]);
    const { clock, seen, warnings } = supervising(emit => {
      for (const report of [...reports, usage, { type: 'no such' }, null, 7]) emit(report);
      return IDLE;
    });
    clock.advance(0);
    expect(seen).toEqual([usage]);
    expect(warnings.map(warning => /: (\w+) /.exec(warning)?.[1])).toEqual([
      'usage',
      'cost',
      'subagent_usage',
      'unknown',
    ]);
  });
});
