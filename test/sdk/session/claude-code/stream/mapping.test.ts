import { fc, test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import type { AgentEvent } from '../../../../../src/sdk/session/agent.ts';
import { type Mapped, mapLine } from '../../../../../src/sdk/session/claude-code/stream/mapping.ts';
import { newStreamState } from '../../../../../src/sdk/session/claude-code/stream/stream-state.ts';
import { costScope } from '../../../../../src/sdk/session/claude-code/stream/usage.ts';

const init = { type: 'system', subtype: 'init', session_id: 's', model: 'm', claude_code_version: '2.1.330' };
const ACTIVITY = [{ type: 'activity' }];

function mapping(): (message: unknown) => Mapped {
  const state = newStreamState();
  return message => mapLine(state, typeof message === 'string' ? message : JSON.stringify(message));
}

function all(...messages: unknown[]): AgentEvent[] {
  const map = mapping();
  return messages.flatMap(message => map(message).events);
}

const streamEvent = (event: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  type: 'stream_event',
  event,
  parent_tool_use_id: null,
  ...more,
});
const messageStart = (id: string, usage: Record<string, unknown>) =>
  streamEvent({ type: 'message_start', message: { id, model: 'claude-x', usage } });
const messageDelta = (usage: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  streamEvent({ type: 'message_delta', usage }, more);

describe("a line of the client's output", () => {
  it('starts the conversation at the first init only', () => {
    expect(all(init, init)).toEqual([
      { type: 'started', conversationId: 's', model: 'm', version: '2.1.330' },
      ...ACTIVITY,
    ]);
  });

  it.each([
    '{"type":"assistant"}',
    '{"type":"result"}',
    '{"type":"control_request","request_id":3}',
    '{"type":"system","subtype":"task_started"}',
    '{"type":"stream_event","event":{"type":"message_delta","usage":{"output_tokens":1}}}',
  ])('is a sign of work: %s', line => {
    expect(mapping()(line)).toMatchObject({ events: ACTIVITY, showsWork: true });
  });

  it.each([
    'not json at all',
    '',
    '42',
    'null',
    '[]',
    '{"type":7}',
    '{"type":"a word of a later client","x":1}',
    '{"type":"system"}',
    '{"type":"keep_alive"}',
    '{"type":"control_response","response":{}}',
    '{"type":"system","subtype":"status","status":"requesting"}',
    '{"type":"stream_event","event":{"type":"ping"}}',
  ])('is bookkeeping, or nothing that is known: %s', line => {
    expect(mapping()(line)).toMatchObject({ events: [], showsWork: false });
  });

  test.prop([
    fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record(
          {
            type: fc.constantFrom('system', 'result', 'user', 'assistant', 'stream_event'),
            subtype: fc.constantFrom('init', 'api_retry'),
            message: fc.anything(),
            event: fc.anything(),
          },
          { requiredKeys: ['type'] },
        )
        .map(given => JSON.stringify(given) ?? ''),
    ),
  ])('never throws, and without events it is no sign of work', line => {
    const { events, showsWork } = mapping()(line);
    expect(showsWork && events.length === 0).toBe(false);
  });

  it('counts unreadable lines', () => {
    const state = newStreamState();
    for (const line of ['{"type":"assis', '{"type":"assistant"}', '{"type":"keep_alive"}'])
      mapLine(state, line);
    expect(state.unreadable).toBe(2);
  });

  it('omits partial messages from the transcript, and only them', () => {
    expect(mapping()(messageStart('a', {})).partial).toBe(true);
    expect(mapping()(init).partial).toBe(false);
  });

  it('passes on text and tools in order, but no thinking', () => {
    const message = {
      id: 'a',
      content: [
        { type: 'thinking', thinking: 'hm' },
        { type: 'text', text: 'I look.' },
        { type: 'tool_use', id: 't1', name: 'Read', input: { file_path: '/a' } },
      ],
    };
    const result = { type: 'tool_result', tool_use_id: 't1', is_error: true, content: 'no' };
    const user = { type: 'user', message: { content: [result] } };
    expect(all({ type: 'assistant', message }, user)).toEqual([
      { type: 'message', role: 'assistant', text: 'I look.' },
      { type: 'tool_started', toolUseId: 't1', tool: 'Read', input: { file_path: '/a' } },
      { type: 'tool_finished', toolUseId: 't1', isError: true },
    ]);
  });

  it('hides what subagents say and do, but reports their usage', () => {
    const parent_tool_use_id = 'task';
    const usage = { input_tokens: 9, cache_read_input_tokens: 800, output_tokens: 1 };
    const message = { id: 'a', model: 'claude-h', content: [{ type: 'text', text: 'a word more' }], usage };
    const tool = { type: 'tool_use', id: 't', name: 'Bash', input: { command: 'true' } };
    const progress = {
      type: 'system',
      subtype: 'task_progress',
      task_id: 'k',
      tool_use_id: 'task',
      usage: { total_tokens: 1_001, tool_uses: 2 },
    };
    const reply = (output: number) => ({
      type: 'subagent_usage',
      taskId: 'task',
      model: 'claude-h',
      totalTokens: 809 + output,
      reply: {
        messageId: 'a',
        model: 'claude-h',
        tokens: { input: 9, output, cacheRead: 800, cacheWrite: 0 },
      },
    });
    expect(
      all(
        { type: 'assistant', parent_tool_use_id, message },
        { type: 'assistant', parent_tool_use_id, message: { ...message, content: [tool] } },
        { type: 'user', parent_tool_use_id, message: { content: 'do it' } },
        streamEvent(
          { type: 'message_start', message: { id: 'b', model: 'x', usage: {} } },
          { parent_tool_use_id },
        ),
        progress,
      ),
    ).toEqual([
      reply(3), // the output is estimated from its length
      reply(8),
      ...ACTIVITY,
      ...ACTIVITY,
      { type: 'subagent_usage', taskId: 'task', model: 'claude-h', totalTokens: 1_001, toolUses: 2 },
    ]);
  });

  it('names a subagent by its task if no tool use is known', () => {
    const progress = { type: 'system', subtype: 'task_progress', task_id: 'k', usage: { total_tokens: 7 } };
    expect(all(progress)).toEqual([{ type: 'subagent_usage', taskId: 'k', totalTokens: 7 }]);
  });

  it('reports what it does not show: a compaction, and searches of its own', () => {
    const boundary = {
      type: 'system',
      subtype: 'compact_boundary',
      uuid: 'u',
      compact_metadata: { trigger: 'auto', pre_tokens: 190_514, post_tokens: 2_607 },
    };
    const tokens = { input: 190_514, output: 2_607, cacheRead: 0, cacheWrite: 0 };
    expect(all(boundary)).toEqual([{ type: 'side_usage', requestId: 'u', tokens }]);
    const user = {
      type: 'user',
      message: { content: [{ type: 'tool_result', tool_use_id: 't' }] },
      tool_use_result: { query: 'x', searchCount: 2 },
    };
    expect(all(user)).toEqual([
      { type: 'tool_finished', toolUseId: 't', isError: false },
      { type: 'side_usage', requestId: 't', webSearches: 2 },
    ]);
    expect(all({ ...user, tool_use_result: 'Error: no' })).toHaveLength(1);
  });

  it('tells what this process has spent, whatever the client remembers, and the figures of the models', () => {
    const usage = (costUSD: number, tokens: number) => ({
      inputTokens: tokens,
      outputTokens: 0,
      cacheReadInputTokens: 0,
      cacheCreationInputTokens: 0,
      cacheCreationEphemeral1hInputTokens: 0,
      webSearchRequests: 1,
      costUSD,
    });
    const result = (total: number, since: number) => ({
      type: 'result',
      is_error: false,
      total_cost_usd: total,
      modelUsage: { a: usage(total, total * 100) },
      model_usage_since_last_result: { a: usage(since, since * 100) },
    });
    const init = { type: 'system', subtype: 'init', session_id: 's', claude_code_version: '2.1.332' };
    const [, first, second] = all(init, result(0.75, 0.25), result(1.25, 0.5));
    const tokens = { input: 125, output: 0, cacheRead: 0, cacheWrite: 0 };
    expect(first).toMatchObject({ costUsd: 0.75, attempt: { costUsd: 0.25, tokens: { input: 25 } } });
    expect(second).toMatchObject({ costUsd: 1.25, attempt: { costUsd: 0.75, tokens: { input: 75 } } });
    expect(second).toMatchObject({
      models: { a: { costUsd: 1.25, tokens, cacheWrite1h: 0, webSearches: 1 } },
    });
  });

  it("counts the API's own searches with the reply", () => {
    const delta = messageDelta({ output_tokens: 5, server_tool_use: { web_search_requests: 3 } });
    expect(all(messageStart('a', { input_tokens: 1 }), delta).at(-1)).toMatchObject({ webSearches: 3 });
  });

  it('reports usage at the start of a reply and, replacing it, at its end', () => {
    const start = messageStart('a', {
      input_tokens: 10,
      output_tokens: 1,
      cache_read_input_tokens: 3,
      cache_creation_input_tokens: 7,
      cache_creation: { ephemeral_1h_input_tokens: 5 },
    });
    const [first, second] = all(start, messageDelta({ output_tokens: 40, input_tokens: null }));
    const common = { type: 'usage', messageId: 'a', model: 'claude-x', cacheWrite1h: 5 };
    const tokens = { input: 10, cacheRead: 3, cacheWrite: 7 };
    expect(first).toEqual({ ...common, final: false, tokens: { ...tokens, output: 1 } });
    expect(second).toEqual({ ...common, final: true, tokens: { ...tokens, output: 40 } });
  });

  it('identifies a reply by its id if two are interleaved', () => {
    const events = all(
      messageStart('a', { input_tokens: 1 }),
      messageStart('b', { input_tokens: 2 }),
      messageDelta({ output_tokens: 5 }, { api_message_id: 'a' }),
      messageDelta({ output_tokens: 6 }),
    );
    expect(events.slice(2)).toMatchObject([
      { messageId: 'a', tokens: { input: 1, output: 5 } },
      { messageId: 'b', tokens: { input: 2, output: 6 } },
    ]);
  });

  it('takes usage from the whole message only if no partial ones came', () => {
    const message = (id: string, stop_reason: string | null) => ({
      type: 'assistant',
      message: {
        id,
        model: 'claude-x',
        stop_reason,
        content: [],
        usage: { input_tokens: 9, output_tokens: 4 },
      },
    });
    const events = all(messageStart('a', {}), message('a', null), message('b', 'end_turn'));
    expect(events.map(event => event.type)).toEqual(['usage', 'activity', 'usage']);
    expect(events[2]).toMatchObject({ messageId: 'b', final: true, tokens: { input: 9, output: 4 } });
  });

  it("does not take the client's own error messages for text of the model", () => {
    const message = { id: 'e', content: [{ type: 'text', text: 'Invalid API key' }] };
    expect(all({ type: 'assistant', error: 'authentication_failed', message })).toEqual(ACTIVITY);
  });

  it("reports retries, except for a login that retrying can't fix", () => {
    const retry = { type: 'system', subtype: 'api_retry', retry_delay_ms: 500 };
    const state = newStreamState();
    const map = (message: unknown) => mapLine(state, JSON.stringify(message)).events;
    expect(map({ ...retry, error: 'overloaded', error_status: 529 })).toEqual([
      { type: 'agent_retry', code: 'overloaded', delayMs: 500 },
    ]);
    expect(map({ ...retry, error: 'unknown', error_status: null })).toMatchObject([{ code: 'agent_error' }]);
    expect(state.fatal).toBeUndefined();
    expect(map({ ...retry, error: 'authentication_failed', error_status: 401 })).toEqual(ACTIVITY);
    expect(state.fatal).toMatchObject({ code: 'authentication_failed' });
  });

  it('requests approval, and withdraws only what was requested', () => {
    const request = { subtype: 'can_use_tool', tool_name: 'Bash', input: { command: 'ls' } };
    const cancel = { type: 'control_cancel_request', request_id: 'r' };
    expect(all({ type: 'control_request', request_id: 'r', request }, cancel, cancel)).toEqual([
      { type: 'approval', requestId: 'r', tool: 'Bash', input: { command: 'ls' } },
      { type: 'approval_withdrawn', requestId: 'r' },
      ...ACTIVITY,
    ]);
  });

  it('has unsupported requests refused', () => {
    const request = { subtype: 'hook_callback' };
    expect(mapping()({ type: 'control_request', request_id: 'h', request })).toMatchObject({ refuse: ['h'] });
  });

  it('reports no cost for a failed start', () => {
    const result = { type: 'result', is_error: true, total_cost_usd: 0 };
    expect(all(result)).toEqual(ACTIVITY);
    expect(all(init, result)[1]).toMatchObject({ type: 'cost', costUsd: 0 });
  });

  it('sums the tokens of all models into the cost', () => {
    const usage = { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 3, cacheCreationInputTokens: 4 };
    const result = {
      type: 'result',
      is_error: false,
      total_cost_usd: 0.5,
      modelUsage: { a: usage, b: usage },
    };
    expect(all(init, result)[1]).toEqual({
      type: 'cost',
      scope: 'conversation',
      costUsd: 0.5,
      tokens: { input: 2, output: 4, cacheRead: 6, cacheWrite: 8 },
    });
  });
});

describe('what total_cost_usd counts', () => {
  it.each([
    ['2.1.197', 'process'],
    ['2.1.245', 'process'],
    ['2.1.260', 'conversation'],
    ['2.1.330', 'conversation'],
    ['2.2.0', 'conversation'],
    ['3.0.0', 'conversation'],
    ['1.99.999', 'process'],
    [undefined, 'process'],
  ])('%s: %s', (version, scope) => {
    expect(costScope(version)).toBe(scope);
  });
});
