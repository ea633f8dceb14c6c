import { readdirSync, readFileSync } from 'node:fs';
import type { ProcessExit } from '../../src/sdk/process/process.ts';
import type { AgentEvent, AttemptEnd } from '../../src/sdk/session/agent.ts';

/** Output of the real client (test/fixtures/claude-stream/README.md), and how the attempts end that it belongs to. */
const FOLDER = new URL('../fixtures/claude-stream/', import.meta.url);
export const names = readdirSync(FOLDER)
  .filter(file => file.endsWith('.jsonl'))
  .map(file => file.replace('.jsonl', ''));

export const linesOf = (name: string): string[] =>
  readFileSync(new URL(`${name}.jsonl`, FOLDER), 'utf8')
    .split('\n')
    .filter(line => line !== '');

export interface Expectation {
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
export const NOW = Date.UTC(2026, 10, 22);
const DONE = { end: 'done' };
const killed = (signal: NodeJS.Signals): Partial<ProcessExit> => ({ code: null, signal });

export const EXPECTED: Readonly<Record<string, Expectation>> = {
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

export function summary(end: AttemptEnd): string {
  if (end.outcome === 'failed') return `failed ${end.code}`;
  if (end.outcome === 'limited') return `limited until ${end.until}`;
  if (end.outcome === 'interrupted') return 'interrupted';
  const denied = end.denials.map(({ tool }) => `, denied ${tool}`).join('');
  const output = end.output === undefined ? '' : `, output ${JSON.stringify(end.output)}`;
  return `done${denied}${output}`;
}
