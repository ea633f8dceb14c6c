import { describe, expect, it } from 'vitest';
import { attemptEnd } from '../../../../../src/sdk/session/claude-code/outcome.ts';
import { mapLine } from '../../../../../src/sdk/session/claude-code/stream/mapping.ts';
import { newStreamState } from '../../../../../src/sdk/session/claude-code/stream/stream-state.ts';

const stream = (event: object, parent: string | null = null) => ({
  type: 'stream_event',
  parent_tool_use_id: parent,
  event,
});
const START = stream({ type: 'message_start', message: { id: 'm', model: 'claude-sonnet-5-5' } });
const block = (content: object) => stream({ type: 'content_block_start', index: 0, content_block: content });
const says = (text: string, parent?: string) =>
  stream({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } }, parent);
const TEXT = block({ type: 'text', text: '' });
const TOOL = block({ type: 'tool_use', id: 't', name: 'Bash' });
const assistant = (text: string) => ({ type: 'assistant', message: { id: 'm', model: 'x', content: text } });
const RESULT = {
  ...{ type: 'result', subtype: 'success', is_error: false, terminal_reason: 'completed' },
  ...{ num_turns: 1, result: '' },
};

function reading(...messages: readonly object[]) {
  const state = newStreamState();
  const events = messages.flatMap(message => mapLine(state, JSON.stringify(message)).events);
  const end = attemptEnd(
    state,
    { code: 0, signal: null, stderrTail: '' },
    { asked: false, resumed: false, now: 0 },
  );
  return { end, texts: events.flatMap(event => (event.type === 'message' ? [event.text] : [])) };
}

describe('text that is streamed, and neither in a message nor in the result', () => {
  it.each<[string, object[], string]>([
    ['in one part', [START, says('Hello there')], 'Hello there'],
    ['in parts', [START, TEXT, says('Hel'), says('lo')], 'Hello'],
    ['after another reply', [START, says('First.'), START, TEXT, says('Second.')], 'Second.'],
    ['after a tool', [START, says('I look.'), TOOL, START, says('Done.')], 'Done.'],
    ['after a message', [START, assistant('I look.'), START, says('Done.')], 'Done.'],
    ['next to that of a subagent', [START, says('Mine.'), says('Its own.', 'tool')], 'Mine.'],
  ])('is the result: %s', (_, messages, text) => {
    const { end, texts } = reading(...messages, RESULT);
    expect(end).toMatchObject({ outcome: 'done', result: text });
    expect(texts.at(-1)).toBe(text);
  });

  it.each<[string, object[]]>([
    ['nothing', [START]],
    ['white space', [START, says(' \n')]],
    ['only what came before a tool', [START, says('I look.'), TOOL]],
    ['only what a subagent said', [says('Its own.', 'tool')]],
  ])('is none if it is %s', (_, messages) => {
    expect(reading(...messages, RESULT).end).toMatchObject({ code: 'empty_result' });
  });

  it('is said once: a message that has all of it replaces it', () => {
    const { end, texts } = reading(START, TEXT, says('Hel'), assistant('Hello'), RESULT);
    expect([end, texts]).toEqual([expect.objectContaining({ result: 'Hello' }), ['Hello']]);
  });

  it('an error after it is the last word', () => {
    const error = { ...assistant('API Error: 500 no'), error: 'server_error' };
    expect(reading(START, says('Hel'), error, RESULT).end).toMatchObject({ code: 'server_error' });
  });

  it('is no answer where a Stop hook has refused it afterwards', () => {
    const hook = { type: 'user', message: { content: 'Stop hook feedback:\nno' } };
    expect(reading(START, says('Done.'), hook, RESULT).end).toMatchObject({ code: 'turn_prevented' });
    expect(reading(START, hook, says('Done.'), RESULT).end).toMatchObject({ outcome: 'done' });
  });
});
