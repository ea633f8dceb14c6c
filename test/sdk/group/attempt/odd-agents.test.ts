import { describe, expect, it } from 'vitest';
import type { AgentEvent, Attempt, AttemptSpec } from '../../../../src/sdk/session/agent.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { bench, scripted } from '../../../support/bench.ts';

/** Agents of a host that break the rules of the port, in groups that run. */
const DONE: AgentEvent = { type: 'ended', end: { outcome: 'done', result: 'well', denials: [] } };
const LOST: AgentEvent = { type: 'ended', end: { outcome: 'failed', code: 'server_error', message: 'lost' } };
const IDLE: Attempt = { interrupt() {}, terminate() {}, kill() {}, answerPermission() {} };
type Sink = (event: AgentEvent) => void;

async function running(
  start: (sink: Sink, spec: AttemptSpec, clock: SimulatedClock) => Attempt,
  config: Parameters<typeof bench>[1] = {},
  ids: readonly string[] = ['a'],
) {
  const clock = new SimulatedClock();
  const capabilities = { resume: true, usage: 'stream', spends: true, approvals: false } as const;
  const agent = {
    kind: 'scripted',
    capabilities,
    start: (spec: AttemptSpec, sink: Sink) => start(sink, spec, clock),
  };
  return bench(
    ids.map(id => scripted(id)),
    { ...config, clock, agents: { scripted: agent } },
  );
}
const usage = (output: number, messageId = 'm'): AgentEvent => ({
  type: 'usage',
  messageId,
  model: 'claude-sonnet-5-5',
  tokens: { input: 0, output, cacheRead: 0, cacheWrite: 0 },
  final: true,
});

describe('a group with an agent that', () => {
  it('ends inside start completes', async () => {
    const { group, until } = await running(sink => {
      sink({ type: 'started', conversationId: 'c' });
      sink(DONE);
      return IDLE;
    });
    expect(await until(group.run())).toMatchObject({
      status: 'completed',
      sessions: { a: { result: 'well' } },
    });
  });

  it('changes what it has reported, or answers differently when it is read again, is taken at its word', async () => {
    const { group, until, events } = await running((sink, _, clock) => {
      const report = { type: 'message' as const, role: 'assistant' as const, text: '' };
      for (const text of ['one', 'two']) sink(Object.assign(report, { text }));
      let reads = 0;
      const end = {
        outcome: 'done' as const,
        denials: [],
        get result() {
          return reads++ === 0 ? 'well' : (7 as unknown as string);
        },
      };
      clock.setTimeout(() => sink({ type: 'ended', end }), 1_000);
      return IDLE;
    });
    expect(await until(group.run())).toMatchObject({
      status: 'completed',
      sessions: { a: { result: 'well' } },
    });
    const texts = events.flatMap(event => (event.type === 'session_message' ? [event.text] : []));
    expect(texts).toEqual(['one', 'two']);
  });

  it('ends an attempt twice does not end the next one with it', async () => {
    const sinks: Sink[] = [];
    const { group, until, clock } = await running((sink, _, time) => {
      sinks.push(sink);
      const attempt = sinks.length;
      time.setTimeout(() => {
        sink(attempt === 1 ? LOST : DONE);
        sink(DONE);
      }, 1_000);
      // The first attempt reports again in the middle of the second one.
      if (attempt === 2) time.setTimeout(() => sinks[0]?.(LOST), 500);
      return IDLE;
    });
    const result = await until(group.run());
    expect(result).toMatchObject({ status: 'completed', sessions: { a: { attempts: 2 } } });
    expect(clock.pending).toBe(0);
  });

  it('does not end when it is killed is paused without it, and not started again', async () => {
    const { group, until, pass, of } = await running(() => IDLE);
    void group.run();
    await pass(1_000);
    const paused = await until(group.pause());
    expect(paused.sessions).toMatchObject({ a: { status: 'failed', error: { code: 'agent_misbehaved' } } });
    expect(
      of('session_warning')
        .map(({ message }) => message)
        .join(),
    ).toContain('did not end');
  });

  it('cannot be ended after a timeout is not started a second time (I1)', async () => {
    let starts = 0;
    const { group, until } = await running(() => {
      starts += 1;
      return IDLE;
    });
    expect((await until(group.run())).status).toBe('failed');
    expect(starts).toBe(1);
  });

  it('only does its bookkeeping is idle', async () => {
    const { group, until } = await running(
      (sink, _, time) => {
        const beat = (): void => {
          sink({ type: 'heartbeat' } as never);
          time.setTimeout(beat, 250);
        };
        let timer = time.setTimeout(beat, 250);
        const end = (): void => {
          time.clearTimeout(timer);
          timer = undefined;
          sink({ type: 'ended', end: { outcome: 'interrupted' } });
        };
        return { ...IDLE, interrupt: end, terminate: end, kill: end };
      },
      { config: { timeouts: { idle: '3s' }, retry: { maximumAttempts: 1 } } },
    );
    expect((await until(group.run())).sessions).toMatchObject({ a: { error: { code: 'idle_timeout' } } });
  });

  it('asks under an id that another session waits under fails, and the other is answered', async () => {
    const answers: string[] = [];
    const { group, until, pass, of } = await running(
      (sink, spec) => {
        sink({ type: 'approval', requestId: 'r', tool: 'Bash', input: { command: spec.sessionId } });
        const end = () => sink({ type: 'ended', end: { outcome: 'interrupted' } });
        const answerPermission = (id: string, decision: string) => {
          answers.push(`${spec.sessionId} ${id} ${decision}`);
          sink(DONE);
        };
        return { interrupt: end, terminate: end, kill: end, answerPermission };
      },
      { attended: true, config: { permissions: { onRequest: 'ask' }, retry: { maximumAttempts: 1 } } },
      ['a', 'b'],
    );
    const run = group.run();
    await pass(1_000);
    expect(of('approval_requested')).toMatchObject([{ sessionId: 'a', input: { command: 'a' } }]);
    await until(group.answer('r', 'allow'));
    const { sessions } = await until(run);
    expect(answers).toEqual(['a r allow']);
    expect(sessions).toMatchObject({
      a: { status: 'completed' },
      b: { status: 'failed', error: { code: 'agent_misbehaved', message: expect.stringContaining('"a"') } },
    });
  });

  it('reports less than nothing does not get its money back', async () => {
    const { group, until, of } = await running((sink, _, time) => {
      time.setTimeout(() => {
        sink(usage(1_000_000));
        for (const amount of [-1e9, -1, Number.NaN, 1e308, 2 ** 53]) sink(usage(amount, `${amount}`));
        sink({ type: 'cost', scope: 'process', costUsd: -12_000 });
        sink({ type: 'cost', scope: 'process', costUsd: 1e308 });
        sink(DONE);
      }, 1);
      return IDLE;
    });
    const result = await until(group.run());
    expect(result.totalCostUsd).toBe(10);
    expect(result.totalTokens.output).toBe(1_000_000);
    expect(of('session_warning')).toHaveLength(2);
  });
});
