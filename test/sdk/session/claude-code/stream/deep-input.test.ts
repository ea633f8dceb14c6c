import { describe, expect, it } from 'vitest';
import { attemptEnd } from '../../../../../src/sdk/session/claude-code/outcome.ts';
import { mapLine } from '../../../../../src/sdk/session/claude-code/stream/mapping.ts';
import { newStreamState } from '../../../../../src/sdk/session/claude-code/stream/stream-state.ts';
import { streamJsonReader } from '../../../../../src/sdk/session/stream-json-usage.ts';

/** Values that are nested too deep to be written as JSON: whoever tries has no stack left. */
const DEEP = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`;
const LIST = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
const ODD = '{"toString":1,"valueOf":1,"toJSON":1}';

const EXIT = { code: 0, signal: null, stderrTail: '' };
const CIRCUMSTANCES = { asked: false, resumed: false, now: 0 };
const result = (fields: string): string =>
  `{"type":"result","subtype":"success","is_error":false,"terminal_reason":"completed","num_turns":1,"result":"ok",${fields}}`;

function read(...lines: readonly string[]) {
  const state = newStreamState(true);
  const mapped = lines.map(line => mapLine(state, line));
  const events = mapped.flatMap(one => one.events);
  const warnings = events.flatMap(event => (event.type === 'warning' ? [event.message] : []));
  return { state, events, warnings, refused: mapped.flatMap(({ refuse }) => refuse) };
}

describe.each([DEEP, `{"a":${LIST}}`, `{"command":${DEEP}}`])(
  'an input that is nested too deep (%#)',
  input => {
    it('of a call that was denied takes no result with it', () => {
      const { state, warnings } = read(
        result(`"permission_denials":[{"tool_name":"X","tool_use_id":"t","tool_input":${input}}]`),
      );
      expect(attemptEnd(state, EXIT, CIRCUMSTANCES)).toMatchObject({
        outcome: 'done',
        result: 'ok',
        denials: [{ tool: 'X' }],
      });
      expect(warnings.join()).toContain('permission_denials.0.tool_input');
    });

    it('of a subagent is left out', () => {
      const usage = '{"input_tokens":1,"output_tokens":1}';
      const content = `[{"type":"tool_use","id":"x","name":"Bash","input":${input}}]`;
      const line = `{"type":"assistant","parent_tool_use_id":"t","message":{"id":"m","model":"x","usage":${usage},"content":${content}}}`;
      expect(read(line).events).toContainEqual(expect.objectContaining({ type: 'subagent_usage' }));
    });

    it('of a request for a permission is answered with a refusal, because it could not be sent back', () => {
      const request = `{"subtype":"can_use_tool","tool_name":"X","input":${input}}`;
      const line = `{"type":"control_request","request_id":"r","request":${request}}`;
      const { events, warnings, refused } = read(line);
      expect(refused).toEqual(['r']);
      expect(warnings.join()).toContain('request.input');
      expect(events.map(({ type }) => type)).not.toContain('approval');
    });

    it('of a command is left out', () => {
      const reader = streamJsonReader();
      reader.read(
        result(`"permission_denials":[{"tool_name":"X","tool_input":${input}}],"structured_output":${input}`),
      );
      expect(reader.end(CIRCUMSTANCES)).toMatchObject({ outcome: 'done', result: 'ok' });
      expect(reader.result()?.output).toBeUndefined();
    });
  },
);

it('an input of a permission request that is no object is refused, rather than allowed as an empty one', () => {
  const request = '{"subtype":"can_use_tool","tool_name":"X","input":["rm"]}';
  expect(read(`{"type":"control_request","request_id":"r","request":${request}}`).refused).toEqual(['r']);
});

it('an output that is nested too deep counts as unread', () => {
  const { state, warnings } = read(result(`"structured_output":${DEEP}`));
  const end = attemptEnd(state, EXIT, CIRCUMSTANCES);
  expect(end).toMatchObject({ outcome: 'done', result: 'ok' });
  expect(end).not.toHaveProperty('output');
  expect(warnings.join()).toContain('structured_output');
});

it.each([DEEP, LIST, ODD])('values that cannot become text are none (%#)', value => {
  const block = `{"type":"tool_result","tool_use_id":"t","is_error":true,"content":[{"type":"text","text":${value}}]}`;
  const denied = `{"type":"user","message":{"content":[${block}]}}`;
  const init = `{"type":"system","subtype":"init","mcp_server_errors":[${value}]}`;
  expect(() => read(init, denied)).not.toThrow();
});

it('a fault in reading a message is a warning, and takes neither the result nor other messages with it', () => {
  const broken = () => {
    throw new Error('broken');
  };
  const state = { ...newStreamState(), unreadFields: broken };
  const { events } = mapLine(
    state,
    `${result('"permission_denials":[]')}{"type":"assistant","message":{"content":"hi"}}`,
  );
  expect(state.result?.result).toBe('ok');
  expect(events.map(({ type }) => type)).toEqual(['warning', 'warning']);
});

it.each(['permission_denials', 'errors'])('a result with hundreds of thousands of %s is read', name => {
  const list = [...Array.from({ length: 130_000 }, () => '{"tool_name":"X"}'), '7'];
  const { state } = read(result(`"${name}":[${list.join()}]`));
  expect(state.result?.result).toBe('ok');
});

it('a message of hundreds of thousands of blocks is read', () => {
  const blocks = Array.from({ length: 130_000 }, () => '{"type":"text","text":"a"}').join();
  const line = `{"type":"assistant","message":{"id":"m","content":[${blocks}]}}`;
  expect(streamJsonReader().read(line).events).toHaveLength(130_000);
});
