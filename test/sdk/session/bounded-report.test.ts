import { describe, expect, it } from 'vitest';
import type { AgentEvent, AttemptSpec } from '../../../src/sdk/session/agent.ts';
import { superviseAttempt } from '../../../src/sdk/session/supervised-attempt.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { attemptSpec } from './attempt-fixture.ts';

/** What of an agent's reports, which may have been written without types, reaches the engine. */
function reporting(...reports: readonly unknown[]) {
  return reportingOf({}, ...reports);
}

function reportingOf(changes: Partial<AttemptSpec>, ...reports: readonly unknown[]) {
  const clock = new SimulatedClock();
  const seen: AgentEvent[] = [];
  const answers: unknown[] = [];
  const capabilities = { resume: 'none', usage: 'stream', spends: true, approvals: true } as const;
  const start = (_: unknown, sink: (event: AgentEvent) => void) => {
    for (const report of reports) clock.setTimeout(() => sink(report as AgentEvent), 0);
    return {
      interrupt() {},
      terminate() {},
      kill() {},
      answerPermission: (...answer: unknown[]) => answers.push(answer),
    };
  };
  const agent = { kind: 'mine', capabilities, start };
  superviseAttempt(agent as never, { ...attemptSpec(), ...changes }, clock, event => seen.push(event));
  clock.advance(0);
  return { seen, answers, length: JSON.stringify(seen).length };
}

const LONG = 'x'.repeat(8_000_000);
const NAME = LONG.slice(0, 20_000);
const TOKENS = { input: 1, output: 1, cacheRead: 0, cacheWrite: 0 };
const ended = (end: object) => ({ type: 'ended', end });

describe('what an agent reports is bounded', () => {
  it.each<readonly [string, object]>([
    ['a message', { type: 'message', role: 'assistant', text: LONG }],
    ['a warning', { type: 'warning', message: LONG }],
    ['a start', { type: 'started', conversationId: 'c', model: LONG, version: LONG, warnings: [LONG] }],
    ['a tool', { type: 'tool_started', tool: LONG, toolUseId: LONG }],
    ['the end of a tool', { type: 'tool_finished', toolUseId: LONG, isError: false }],
    ['usage', { type: 'usage', messageId: LONG, model: LONG, tokens: TOKENS, final: true }],
    ['a subagent', { type: 'subagent_usage', taskId: LONG, model: LONG, totalTokens: 1 }],
    ['a side request', { type: 'side_usage', requestId: LONG, model: LONG }],
    [
      'a cost',
      { type: 'cost', scope: 'process', costUsd: 1, models: { [LONG]: { costUsd: 1, tokens: TOKENS } } },
    ],
    [
      'a request',
      { type: 'approval', requestId: 'r', tool: LONG, input: { content: LONG, more: [LONG, { [LONG]: 1 }] } },
    ],
    [
      'a long list',
      { type: 'approval', requestId: 'r', tool: 'X', input: { list: Array(1_000_000).fill(1) } },
    ],
    ['a failure', ended({ outcome: 'failed', code: 'agent_error', message: LONG })],
    ['a limit', ended({ outcome: 'limited', message: LONG })],
    [
      'denials',
      ended({
        outcome: 'done',
        result: '',
        denials: Array(20_000).fill({ tool: NAME, input: LONG, toolUseId: NAME }),
      }),
    ],
  ])('%s', (_, report) => {
    const { seen, length } = reporting(report);
    expect(seen).toHaveLength(1);
    expect(seen[0]?.type).toBe((report as AgentEvent).type);
    expect(length).toBeLessThan(2_000_000);
  });

  it('a text keeps its beginning and its end, and says how much was left out', () => {
    const { seen } = reporting({ type: 'warning', message: `cause ${LONG}\uD83D\uDE00 way out` });
    expect(seen[0]).toMatchObject({
      message: expect.stringMatching(/^cause x+ \[…\d+ characters left out…\] x+😀 way out$/u),
    });
  });

  it('no part of a secret stays where a text is cut in the middle of it', () => {
    const secret = `begin-${'0123456789'.repeat(30)}-end`;
    const secrets = { DEPLOY: secret };
    for (let before = 14_200; before < 14_400; before += 20) {
      const text = `${'x'.repeat(before)}${secret}${'y'.repeat(30_000)}`;
      const { seen } = reportingOf(
        { secrets },
        { type: 'warning', message: text },
        {
          type: 'approval',
          requestId: 'r',
          tool: 'Write',
          input: { content: `${'x'.repeat(before + 14_000)}${secret}${LONG}` },
        },
        ended({ outcome: 'failed', code: 'agent_error', message: text }),
      );
      expect(seen).toHaveLength(3);
      expect(JSON.stringify(seen)).not.toMatch(/begin-|012345|-end/);
    }
  });

  it('the path of a file is shown, however long its content is', () => {
    const { seen } = reporting({
      type: 'approval',
      requestId: 'r',
      tool: 'Write',
      input: { content: LONG, path: '/a' },
    });
    expect(seen[0]).toMatchObject({ input: { path: '/a' } });
  });

  it('long ids and names that differ stay different', () => {
    const usage = (end: string) => ({
      type: 'usage',
      messageId: NAME + end,
      model: 'm',
      tokens: TOKENS,
      final: true,
    });
    const { seen } = reporting(usage('a'), usage('b'), usage('a'));
    const ids = seen.map(event => (event.type === 'usage' ? event.messageId : ''));
    expect(new Set(ids).size).toBe(2);
    expect(ids[0]).toBe(ids[2]);
  });

  it('of too many denials, the ones that nobody answered stay', () => {
    const denials = [
      ...Array(2_000).fill({ tool: 'A', refusedBy: 'rule' }),
      { tool: 'B', refusedBy: 'nobody' },
    ];
    const { seen } = reporting(ended({ outcome: 'done', result: '', denials }));
    expect(seen[0]).toMatchObject({
      end: { denials: expect.arrayContaining([{ tool: 'B', refusedBy: 'nobody' }]) },
    });
  });

  it('what is short is passed on as it is', () => {
    const reports = [
      {
        type: 'approval',
        requestId: 'r',
        tool: 'Bash',
        input: { command: 'ls', n: [1, null, { deep: true }] },
      },
      ended({ outcome: 'done', result: LONG, output: { a: LONG }, denials: [{ tool: 'X', input: 'y' }] }),
    ];
    expect(reporting(...reports).seen).toEqual(reports);
  });
});

describe('a request whose input cannot be kept', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  let deep: Record<string, unknown> = {};
  for (let level = 0; level < 20_000; level += 1) deep = { deep };
  const throwing = {
    get command() {
      throw new Error('no');
    },
  };

  it.each<readonly [string, unknown]>([
    ['a cycle', cycle],
    ['a big integer', { n: 1n }],
    ['too many levels', deep],
    ['a getter that throws', throwing],
    ['no object', 'ls'],
  ])('is denied at once, with a warning: %s', (_, input) => {
    const { seen, answers } = reporting(
      { type: 'approval', requestId: 'r', tool: 'X', input },
      { type: 'activity' },
    );
    expect(seen.map(({ type }) => type)).toEqual(['warning', 'activity']);
    expect(answers).toEqual([['r', 'deny', expect.any(String)]]);
  });

  it('is denied once the agent has started, if it came before', () => {
    const answers: unknown[] = [];
    const start = (_: unknown, sink: (event: unknown) => void) => {
      sink({ type: 'approval', requestId: 'r', tool: 'X', input: cycle });
      return {
        interrupt() {},
        terminate() {},
        kill() {},
        answerPermission: (id: string) => answers.push(id),
      };
    };
    superviseAttempt(
      { kind: 'mine', capabilities: {}, start } as never,
      attemptSpec(),
      new SimulatedClock(),
      () => {},
    );
    expect(answers).toEqual(['r']);
  });
});
