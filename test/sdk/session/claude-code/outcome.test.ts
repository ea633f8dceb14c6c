import { describe, expect, it } from 'vitest';
import { attemptEnd, otherFlag } from '../../../../src/sdk/session/claude-code/outcome.ts';
import { mapLine } from '../../../../src/sdk/session/claude-code/stream/mapping.ts';
import { newStreamState } from '../../../../src/sdk/session/claude-code/stream/stream-state.ts';
import { apiError, FREE, failure, having, ID, init, LEFT, success } from '../../../support/claude-ends.ts';

const ASKED = { ...FREE, asked: true };

describe('the end of an attempt', () => {
  it.each([
    ['authentication_failed', 401, 'authentication_failed'],
    ['oauth_org_not_allowed', 403, 'authentication_failed'],
    ['cloud_credential_error', null, 'authentication_failed'],
    ['account_on_hold', null, 'billing_error'],
    ['verification_required', null, 'billing_error'],
    ['billing_error', 400, 'billing_error'],
    ['model_not_found', 404, 'model_not_found'],
    ['invalid_request', 400, 'invalid_request'],
    ['server_error', 500, 'server_error'],
    ['server_error', 529, 'overloaded'],
    ['overloaded', null, 'overloaded'],
    ['max_output_tokens', null, 'agent_error'],
    ['unknown', 402, 'billing_error'],
    ['unknown', 503, 'server_error'],
    ['unknown', 418, 'invalid_request'],
    ['unknown', null, 'agent_error'],
    ['a word of a later client', null, 'agent_error'],
  ])('%s with status %s is %s', (kind, status, code) => {
    const state = having(init, apiError(kind), failure({ api_error_status: status }));
    expect(attemptEnd(state, { ...LEFT, code: 1 }, FREE)).toEqual({
      outcome: 'failed',
      code,
      message: 'It went wrong',
    });
  });

  it.each([
    ['budget_exhausted', 'session_budget'],
    ['max_turns', 'max_turns'],
    ['prompt_too_long', 'prompt_too_long'],
    ['image_error', 'invalid_request'],
    ['structured_output_retry_exhausted', 'output_invalid'],
  ])('terminal reason %s is %s', (terminal_reason, code) => {
    const state = having(init, failure({ terminal_reason, result: undefined, errors: ['Why'] }));
    expect(attemptEnd(state, LEFT, FREE)).toEqual({ outcome: 'failed', code, message: 'Why' });
  });

  it.each([
    ['error_max_budget_usd', 'session_budget'],
    ['error_max_turns', 'max_turns'],
    ['error_max_structured_output_retries', 'output_invalid'],
  ])('subtype %s of an older client is %s', (subtype, code) => {
    const state = having(init, failure({ subtype, terminal_reason: undefined }));
    expect(attemptEnd(state, { ...LEFT, code: 1 }, FREE)).toMatchObject({ outcome: 'failed', code });
    expect(attemptEnd(state, { ...LEFT, code: 1 }, ASKED)).toMatchObject({ outcome: 'failed', code });
  });

  it('is a limit, with its reset time if the client reported one', () => {
    const limited = [apiError('rate_limit'), failure({ api_error_status: 429 })];
    const rejected = {
      type: 'rate_limit_event',
      rate_limit_info: { status: 'rejected', resetsAt: 1_795_389_875 },
    };
    const message = 'It went wrong';
    expect(attemptEnd(having(init, ...limited), LEFT, FREE)).toEqual({ outcome: 'limited', message });
    expect(attemptEnd(having(init, rejected, ...limited), LEFT, FREE)).toEqual({
      outcome: 'limited',
      until: 1_795_389_875_000,
      message,
    });
    const allowed = { type: 'rate_limit_event', rate_limit_info: { status: 'allowed' } };
    expect(attemptEnd(having(init, rejected, allowed, ...limited), LEFT, FREE)).toEqual({
      outcome: 'limited',
      message,
    });
  });

  it('is a success by is_error only, whatever the exit code', () => {
    const state = having(init, success);
    const end = { outcome: 'done', result: 'Well done', denials: [] };
    expect(attemptEnd(state, LEFT, FREE)).toEqual(end);
    expect(attemptEnd(state, { ...LEFT, code: null, signal: 'SIGKILL' }, ASKED)).toEqual(end);
  });

  it('uses the last result, unaffected by an error of an earlier turn', () => {
    const earlier = [apiError('server_error'), failure({ api_error_status: 500 })];
    expect(attemptEnd(having(init, ...earlier, init, success), LEFT, FREE)).toMatchObject({
      outcome: 'done',
    });
    const later = failure({ api_error_status: null, result: 'Other' });
    expect(attemptEnd(having(init, ...earlier, init, later), LEFT, FREE)).toMatchObject({
      code: 'agent_error',
    });
  });

  it('includes denials and structured output', () => {
    const result = {
      ...success,
      structured_output: { n: 1 },
      permission_denials: [
        { tool_name: 'Write', tool_use_id: 't1', tool_input: { file_path: '/etc/hosts' } },
        { tool_name: 'Bash' },
      ],
    };
    expect(attemptEnd(having(init, result), LEFT, FREE)).toEqual({
      outcome: 'done',
      result: 'Well done',
      output: { n: 1 },
      denials: [{ tool: 'Write', toolUseId: 't1', input: '/etc/hosts' }, { tool: 'Bash' }],
    });
  });

  it('is an interruption if we requested it and there is no result', () => {
    const aborted = failure({ terminal_reason: 'aborted_tools' });
    expect(attemptEnd(having(init, aborted), { ...LEFT, code: 1 }, ASKED)).toEqual({
      outcome: 'interrupted',
    });
    expect(attemptEnd(having(init), { ...LEFT, code: 143 }, ASKED)).toEqual({ outcome: 'interrupted' });
    expect(attemptEnd(having(), { ...LEFT, code: 143 }, ASKED)).toEqual({ outcome: 'interrupted' });
  });

  it('is what really happened if that came before our request took effect', () => {
    const state = having(init, apiError('billing_error'), failure({ api_error_status: 400 }));
    expect(attemptEnd(state, LEFT, ASKED)).toMatchObject({ outcome: 'failed', code: 'billing_error' });
  });

  it('is a lost process if nobody requested it and there is no result', () => {
    expect(attemptEnd(having(init), { ...LEFT, code: null, signal: 'SIGSEGV' }, FREE)).toMatchObject({
      outcome: 'failed',
      code: 'process_lost',
      message: expect.stringContaining('SIGSEGV'),
    });
    const exit = { code: 3, signal: null, stderrTail: 'one\ntwo\n' };
    expect(attemptEnd(having(init), exit, FREE)).toMatchObject({
      code: 'process_lost',
      message: 'claude exited with code 3 without a result: one\ntwo',
    });
    const aborted = failure({ terminal_reason: 'aborted_streaming' });
    expect(attemptEnd(having(init, aborted), LEFT, FREE)).toMatchObject({ code: 'turn_ended_early' });
  });

  it('is the rejected login that the client would have retried', () => {
    const retry = { type: 'system', subtype: 'api_retry', error: 'authentication_failed', error_status: 401 };
    expect(attemptEnd(having(init, retry), { ...LEFT, code: 143 }, FREE)).toMatchObject({
      outcome: 'failed',
      code: 'authentication_failed',
      message: expect.stringContaining('401'),
    });
  });

  it('is an invalid request if the options were rejected', () => {
    const exit = { code: 1, signal: null, stderrTail: "error: unknown option '--what'\n" };
    expect(attemptEnd(having(), exit, FREE)).toMatchObject({ code: 'invalid_request' });
    const root = failure({
      terminal_reason: null,
      startup_failure_reason: 'bypass_root',
      errors: ['not as root'],
    });
    expect(attemptEnd(having(root), LEFT, FREE)).toMatchObject({
      code: 'invalid_request',
      message: 'not as root',
    });
  });

  it.each([
    'Error: getaddrinfo ENOTFOUND api.anthropic.com',
    'Error: connect ENETUNREACH 160.79.104.10:443',
    'Error: connect EHOSTUNREACH 160.79.104.10:443',
    'Error: read ECONNABORTED',
    'Error: write EPIPE',
    'Error: EIO: i/o error, read',
    "Error: EDQUOT: disk quota exceeded, open '/root/.claude.json'",
    'Error: listen EADDRINUSE: address already in use 127.0.0.1:4000',
    'Error: EAGAIN: posix_spawn',
    'Error: EINVAL: invalid argument, read',
    'Error: Lock file is already being held',
    'TypeError: fetch failed',
    'Error: fetch failed',
    'Error: network timeout at: https://api.anthropic.com',
    'Error: Timed out waiting for settings',
    'Error: database is locked',
    'Error: Failed to acquire lock',
    'Configuration error: unexpected end of JSON',
    'Error: Invalid JSON in configuration: unexpected end of input',
    'Error: a word of a later client',
    'Something else',
  ])('may start the next time after %j', text => {
    const exit = { code: 1, signal: null, stderrTail: `${text}\n    at main (cli.js:1:1)\n` };
    expect(attemptEnd(having(), exit, FREE)).toMatchObject({ code: 'start_failed' });
    expect(attemptEnd(having(init), exit, FREE)).toMatchObject({ code: 'process_lost' });
  });

  it.each([
    "error: unknown option '--what'",
    "error: unknown command 'what'",
    "error: missing required argument 'prompt'",
    'error: too many arguments. Expected 1 argument but got 2.',
    "error: option '--model <model>' argument missing",
    "error: option '--effort <level>' argument 'huge' is invalid. Allowed choices are low, medium, high.",
    "error: required option '--print' not specified",
    "error: command-argument value 'x' is invalid for argument 'y'.",
    'Error: Invalid session ID. Must be a valid UUID.',
    'Error: Invalid JSON provided to --settings',
    'Error: Invalid MCP configuration: mcpServers: Does not adhere to schema',
    'Error: --json-schema must be a JSON object',
    'Error: --json-schema is not a valid JSON Schema: data/type must be string',
    'Error: --input-format=stream-json requires --print.',
    'Error: --await-initialize cannot be used with --sdk-url.',
    'Error: Cannot use both --system-prompt and --system-prompt-file. Please use only one.',
    'Error: When using --print, --output-format=stream-json requires --verbose',
    'Error: Settings file not found: /tmp/none.json',
    '--dangerously-skip-permissions cannot be used with root/sudo privileges for security reasons',
    'Error: Claude Code requires Node.js version 22 or higher.',
  ])('never starts after %j', text => {
    const exit = { code: 1, signal: null, stderrTail: `(node:1) Warning: old\n${text}\n` };
    expect(attemptEnd(having(), exit, FREE)).toMatchObject({ code: 'invalid_request' });
  });

  it.each([
    ['ENOENT', 'agent_not_found'],
    ['EACCES', 'agent_not_found'],
    ['EAGAIN', 'start_failed'],
  ])('is %s → %s if the program could not be started', (code, expected) => {
    const spawnError = Object.assign(new Error(`spawn ${code}`), { code });
    const exit = { ...LEFT, code: null, spawnError };
    expect(attemptEnd(having(), exit, FREE)).toMatchObject({ outcome: 'failed', code: expected });
  });
});

describe('the other flag', () => {
  const noSuch = { type: 'result', is_error: true, errors: [`No conversation found with session ID: ${ID}`] };
  const inUse = { ...LEFT, code: 1, stderrTail: `Error: Session ID ${ID} is already in use.\n` };

  it("is chosen by the client's message, in its result or on standard error", () => {
    expect(otherFlag(having(noSuch), LEFT, 'resume')).toBe('new');
    const onStderr = { ...LEFT, stderrTail: `No conversation found with session ID: ${ID}\n` };
    expect(otherFlag(having(), onStderr, 'resume')).toBe('new');
    expect(otherFlag(having(), inUse, 'new')).toBe('resume');
  });

  it('is not chosen if it was already used, or the conversation had started', () => {
    expect(otherFlag(having(noSuch), LEFT, 'new')).toBeUndefined();
    expect(otherFlag(having(), inUse, 'resume')).toBeUndefined();
    expect(otherFlag(having(init), inUse, 'new')).toBeUndefined();
    expect(otherFlag(having(init, success), LEFT, 'resume')).toBeUndefined();
  });
});

describe('what a session leaves', () => {
  const tool = (name: string) => ({
    type: 'assistant',
    message: { id: 'a', model: 'm', content: [{ type: 'tool_use', id: 't1', name }] },
  });
  const says = (text: string, more = {}) => ({
    type: 'assistant',
    message: { id: 'a', model: 'm', content: [{ type: 'text', text }], ...more },
  });
  const silent = { ...success, result: '' };
  const endOf = (...messages: unknown[]) => attemptEnd(having(init, ...messages), LEFT, FREE);

  it('is its last text since its last tool where the result is empty', () => {
    expect(endOf(says('4'), silent)).toMatchObject({ outcome: 'done', result: '4' });
    expect(endOf(says('I look.'), tool('Bash'), says('4'), silent)).toMatchObject({ result: '4' });
  });

  it('is nothing without such a text', () => {
    const nothing = { outcome: 'failed', code: 'empty_result' };
    expect(endOf(says('I look.'), tool('Bash'), silent)).toMatchObject(nothing);
    expect(endOf(silent)).toMatchObject(nothing);
    const subagent = { ...says('Mine'), parent_tool_use_id: 't1' };
    expect(endOf(tool('Task'), subagent, silent)).toMatchObject(nothing);
    const byClient = (text: string) => says(text, { model: '<synthetic>' });
    expect(endOf(byClient('(no content)'), silent)).toMatchObject(nothing);
    expect(endOf(says('4'), tool('Bash'), byClient('No response requested.'), silent)).toMatchObject(nothing);
  });

  it('is its structured output, also without a text', () => {
    expect(endOf(tool('StructuredOutput'), { ...silent, structured_output: { n: 1 } })).toMatchObject({
      outcome: 'done',
      output: { n: 1 },
    });
  });

  it('is nothing to build on if a tool is pending that waits', () => {
    const failed = { outcome: 'failed', code: 'turn_ended_early' };
    expect(endOf(tool('ScheduleWakeup'), says('I look later.'), success)).toMatchObject(failed);
  });

  it('says how to begin anew where the conversation itself is refused', () => {
    const refused = [apiError('invalid_request'), failure({ api_error_status: 400, num_turns: 1 })];
    const end = (resumed: boolean) => attemptEnd(having(init, ...refused), LEFT, { ...FREE, resumed });
    expect(end(true)).toMatchObject({ message: expect.stringContaining('--fresh') });
    expect(end(false)).toMatchObject({ message: 'It went wrong' });
    const torn = { code: 1, signal: null, stderrTail: 'Error: Unexpected end of JSON input\n' };
    expect(attemptEnd(having(), torn, { ...FREE, resumed: true })).toMatchObject({
      message: expect.stringContaining('--fresh'),
    });
  });
});

describe('who refused a tool call', () => {
  const listed = { ...success, permission_denials: [{ tool_name: 'Bash', tool_use_id: 't1' }] };
  const result = (text: string, meta?: object) => ({
    type: 'user',
    message: {
      role: 'user',
      content: [{ type: 'tool_result', tool_use_id: 't1', is_error: true, content: text }],
    },
    ...(meta && { tool_result_meta: [{ id: 't1', ...meta }] }),
  });
  const refusedBy = (asks: boolean, message: unknown) => {
    const state = newStreamState(asks);
    for (const one of [init, message, listed]) mapLine(state, JSON.stringify(one));
    const end = attemptEnd(state, LEFT, FREE);
    return end.outcome === 'done' ? end.denials[0]?.refusedBy : end;
  };
  const decision = (source: string, kind: string, reason_type?: string) => ({
    non_execution_kind: kind,
    permission_decision: { decision: 'reject', source, reason_type },
  });

  it.each([
    ['rule', decision('config', 'permission-rule', 'subcommandResults')],
    ['rule', decision('config', 'permission-rule', 'rule')],
    ['hook', decision('hook', 'permission-rule', 'hook')],
    ['person', decision('user_reject', 'permission-rule')],
    ['nobody', decision('config', 'user-rejected')],
    ['nobody', decision('config', 'permission-rule', 'mode')],
    ['nobody', decision('a later source', 'a later kind')],
  ])('is %s by %j', (by, meta) => expect(refusedBy(true, result('No', meta))).toBe(by));

  it.each([
    ['rule', false, 'Permission to use Bash with command true has been denied.'],
    ['rule', true, 'Permission to use Bash with command true has been denied.'],
    ['rule', false, 'File is in a directory that is denied by your permission settings.'],
    ['hook', false, 'PreToolUse:Bash hook error: [exit 2]: not that'],
    ['hook', true, 'guarded'],
    ['nobody', false, 'guarded'],
    ['nobody', false, 'This command requires approval'],
    [
      'nobody',
      true,
      "Permission to use Bash has been denied because Claude Code is running in don't ask mode.",
    ],
  ])('is %s in an older client, which asks: %s, and says %j', (by, asks, text) => {
    expect(refusedBy(asks, result(text))).toBe(by);
  });

  it('is not known without a word', () => expect(refusedBy(false, init)).toBeUndefined());
});
