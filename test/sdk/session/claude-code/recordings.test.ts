import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ProcessExit } from '../../../../src/sdk/process/process.ts';
import type { AgentEvent, AttemptEnd } from '../../../../src/sdk/session/agent.ts';
import { mapLine } from '../../../../src/sdk/session/claude-code/mapping.ts';
import { readLine } from '../../../../src/sdk/session/claude-code/messages.ts';
import { attemptEnd, otherFlag } from '../../../../src/sdk/session/claude-code/outcome.ts';
import { newStreamState, type StreamState } from '../../../../src/sdk/session/claude-code/stream-state.ts';

/** Output of the real client, replayed through mapping and outcome (test/fixtures/claude-stream/README.md). */
const FOLDER = new URL('../../../fixtures/claude-stream/', import.meta.url);
const names = readdirSync(FOLDER)
  .filter(file => file.endsWith('.jsonl'))
  .map(file => file.replace('.jsonl', ''));

const linesOf = (name: string): string[] =>
  readFileSync(new URL(`${name}.jsonl`, FOLDER), 'utf8')
    .split('\n')
    .filter(line => line !== '');

interface Expectation {
  /** How the process exited; default: code 0. */
  readonly exit?: Partial<ProcessExit>;
  /** Whether we had requested its end. */
  readonly asked?: true;
  readonly end: string;
  /** The client's own last total, USD. */
  readonly cost?: number;
  readonly events?: Partial<Record<AgentEvent['type'], number>>;
}

/** Before the reset times in the recordings. */
const NOW = Date.UTC(2026, 10, 22);
const DONE = { end: 'done' };
const killed = (signal: NodeJS.Signals): Partial<ProcessExit> => ({ code: null, signal });

const EXPECTED: Readonly<Record<string, Expectation>> = {
  auth_401: { exit: { code: 1 }, end: 'failed authentication_failed', cost: 0 },
  auth_none: { exit: { code: 1 }, end: 'failed authentication_failed', cost: 0 },
  auth_oauth_ratelimit: { exit: { code: 1 }, end: 'limited until 1795389875000', cost: 0 },
  auth_oauth_warn: { ...DONE, cost: 0.00045 },
  autoresume_kill: { exit: killed('SIGKILL'), end: 'failed process_lost', events: { cost: 0, usage: 1 } },
  autoresume_kill_r: { ...DONE, cost: 0.00045 },
  bash_allowed: { ...DONE, cost: 0.0009, events: { tool_started: 1, tool_finished: 1, usage: 3 } },
  bash_background20: { ...DONE, cost: 0.00135, events: { started: 1, cost: 2 } },
  can_use_tool: { ...DONE, events: { approval: 1, tool_started: 1, tool_finished: 1, usage: 4 } },
  can_use_tool_deny: { end: 'done, denied Write', events: { approval: 1, tool_finished: 1 } },
  // The last prompt is `/compact`: the model has not been asked.
  compact: { end: 'failed turn_prevented', cost: 0.00135, events: { started: 1 } },
  credit_400: { exit: { code: 1 }, end: 'failed billing_error' },
  ctl_end_session: { exit: { code: 1 }, asked: true, end: 'interrupted', cost: 0.00026000000000000003 },
  ctl_interrupt_bash: { ...DONE, cost: 0.0009, events: { started: 1, cost: 2, tool_finished: 1 } },
  ctl_interrupt_slow: { ...DONE, cost: 0.00073, events: { started: 1, cost: 2 } },
  cut_stream_then_ok: { ...DONE, cost: 0.0007, events: { agent_retry: 1, usage: 3 } },
  fallback_model: { ...DONE, cost: 2.25e-5, events: { agent_retry: 2 } },
  json_schema: { end: 'done, output {"name":"x","n":7}' },
  json_schema_nocall: DONE,
  malformed_stream_then_ok: DONE,
  max_budget: { exit: { code: 1 }, end: 'failed session_budget', cost: 1 },
  max_turns: { exit: { code: 1 }, end: 'failed max_turns', events: { tool_started: 3, tool_finished: 3 } },
  mcp_broken: DONE,
  mcp_everything: { ...DONE, events: { tool_started: 2, tool_finished: 2 } },
  model_404: { exit: { code: 1 }, end: 'failed model_not_found' },
  overloaded_529_forever: { exit: { code: 1 }, end: 'failed overloaded', events: { agent_retry: 2 } },
  overloaded_529_then_ok: { ...DONE, events: { agent_retry: 2 } },
  parallel_tools: { ...DONE, events: { tool_started: 2, tool_finished: 2 } },
  pause_ctl: { exit: { code: 1 }, asked: true, end: 'interrupted', cost: 0.00030000000000000003 },
  pause_ctl_resumed: { ...DONE, cost: 0.00075 },
  resume_11_nosuch: { exit: { code: 1 }, end: 'again as new', events: { cost: 0, started: 0 } },
  resume_1_first: { ...DONE, cost: 0.30000000000000004 },
  resume_2_resumed: { ...DONE, cost: 0.6000000000000001 },
  resume_8_samesid: {
    exit: {
      code: 1,
      stderrTail: 'Error: Session ID ef6bf9d4-713f-4d84-a4d7-faff28de347a is already in use.\n',
    },
    end: 'again as resume',
  },
  sig_bash_sigterm: { exit: { code: 143 }, asked: true, end: 'interrupted', events: { cost: 0 } },
  sig_bash_sigterm_resume: { ...DONE, cost: 0.0009 },
  sig_slow_sigkill: { exit: killed('SIGKILL'), asked: true, end: 'interrupted', events: { cost: 0 } },
  sig_slow_sigkill_resume: { ...DONE, cost: 0.00045 },
};

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
    const kinds = linesOf(name).map(line => readLine(line));
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

function summary(end: AttemptEnd): string {
  if (end.outcome === 'failed') return `failed ${end.code}`;
  if (end.outcome === 'limited') return `limited until ${end.until}`;
  if (end.outcome === 'interrupted') return 'interrupted';
  const denied = end.denials.map(({ tool }) => `, denied ${tool}`).join('');
  const output = end.output === undefined ? '' : `, output ${JSON.stringify(end.output)}`;
  return `done${denied}${output}`;
}
