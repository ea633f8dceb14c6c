import { describe, expect, it } from 'vitest';
import type { ProcessExit } from '../../../../src/sdk/process/process.ts';
import type { AgentEvent } from '../../../../src/sdk/session/agent.ts';
import { attemptEnd, otherFlag } from '../../../../src/sdk/session/claude-code/outcome.ts';
import { mapLine } from '../../../../src/sdk/session/claude-code/stream/mapping.ts';
import { readLine } from '../../../../src/sdk/session/claude-code/stream/messages.ts';
import {
  newStreamState,
  type StreamState,
} from '../../../../src/sdk/session/claude-code/stream/stream-state.ts';
import { EXPECTED, linesOf, NOW, names, summary } from '../../../support/recordings.ts';

/** Replayed through mapping and outcome. */

function replay(name: string): { state: StreamState; events: AgentEvent[] } {
  const state = newStreamState();
  const events = linesOf(name).flatMap(line => mapLine(state, line).events);
  return { state, events };
}

describe('recorded output of the client', () => {
  it('has an expectation for each recording, and vice versa', () => {
    expect(Object.keys(EXPECTED).sort()).toEqual([...names].sort());
  });

  it.each(names)('%s: every line is read, or deliberately ignored', name => {
    const kinds = linesOf(name).flatMap(line => readLine(line));
    expect(kinds.filter(({ kind }) => kind !== 'message' && kind !== 'ignored')).toEqual([]);
    expect(replay(name).state.unreadable).toBe(0);
  });

  it.each(Object.entries(EXPECTED))('%s ends as expected', (name, expected) => {
    const { state, events } = replay(name);
    const exit: ProcessExit = { code: 0, signal: null, stderrTail: '', ...expected.exit };
    const used = name === 'resume_8_samesid' ? 'new' : 'resume';
    const again = otherFlag(state, exit, used);
    const end = again
      ? `again as ${again}`
      : summary(attemptEnd(state, exit, { asked: expected.asked ?? false, resumed: false, now: NOW }));
    expect(end).toBe(expected.end);
    if (expected.cost !== undefined) {
      expect(events.filter(event => event.type === 'cost').at(-1)?.costUsd).toBe(expected.cost);
    }
    for (const [type, count] of Object.entries(expected.events ?? {})) {
      expect([type, events.filter(event => event.type === type).length]).toEqual([type, count]);
    }
  });

  it('counts the cost of 2.1.330 over the whole conversation', () => {
    const costs = ['resume_1_first', 'resume_2_resumed'].flatMap(name =>
      replay(name).events.filter(event => event.type === 'cost'),
    );
    expect(costs.map(({ scope, costUsd }) => [scope, costUsd])).toEqual([
      ['conversation', 0.30000000000000004],
      ['conversation', 0.6000000000000001],
    ]);
  });

  it('reports what failed at the start', () => {
    const [started] = replay('mcp_broken').events.filter(event => event.type === 'started');
    expect(started?.warnings?.join('\n')).toMatch(/MCP/);
  });

  it('reports the final usage of a streamed reply under its message id', () => {
    const usage = replay('can_use_tool').events.filter(event => event.type === 'usage');
    expect(usage.map(({ final, tokens }) => [final, tokens.input, tokens.output])).toEqual([
      [false, 100, 1],
      [true, 100, 25],
      [false, 100, 1],
      [true, 100, 25],
    ]);
    expect(new Set(usage.map(({ messageId }) => messageId)).size).toBe(2);
  });
});
