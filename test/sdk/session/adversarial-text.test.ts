// @module-tag long
import { describe, expect, it } from 'vitest';
import { cutToWidth } from '../../../src/cli/width.ts';
import { cleanBlock, cleanLine } from '../../../src/sdk/clean-text.ts';
import { lastJson } from '../../../src/sdk/json.ts';
import {
  type Author,
  codeOfClientText,
  errorOfText,
} from '../../../src/sdk/session/claude-code/end/client-text.ts';
import { resetTimeIn } from '../../../src/sdk/session/claude-code/end/reset-time.ts';
import { codeOfStartText } from '../../../src/sdk/session/claude-code/end/start-failures.ts';
import { attemptEnd } from '../../../src/sdk/session/claude-code/outcome.ts';
import { mapLine } from '../../../src/sdk/session/claude-code/stream/mapping.ts';
import { newStreamState } from '../../../src/sdk/session/claude-code/stream/stream-state.ts';
import { streamJsonReader } from '../../../src/sdk/session/stream-json-usage.ts';

/**
 * Whatever meets the text of an agent takes time in proportion to its length. Nothing measures the time: what looks at
 * the rest of such a text again at each of its parts would take minutes, which the limit of a test does not allow.
 */
const LENGTH = 200_000;

const PARTS = [
  ...[
    '{',
    '{"',
    '{"a":',
    '{"a":"',
    '{"a":1},',
    '{} ',
    '{x ',
    '[',
    '[{',
    '"',
    '"type":',
    '"type" ',
    '\\',
    '\\"',
  ],
  ...[
    ' ',
    '\n',
    '\t',
    '\f',
    '\u00a0',
    '\0',
    '0',
    '1.1.1',
    '1.1.1 ',
    'x1.1.1',
    '-',
    '--a',
    'a',
    'é',
    '日',
    'e\u0301',
    '🇩',
    '👩‍',
  ],
  ...['\u001b', '\u001b[', '\u001b]', '\u001b;?', ';?', '\u0090', '\u009b1', '⚠', '\u202e', '\r'],
  ...[
    'API Error: ',
    'API Error: {',
    '}',
    '} ',
    'limit ',
    'limit reached ',
    '\n /a',
    '\n/',
    'a-',
    '·',
    'try again ',
    'model ',
    'git ',
    'at /',
    'a b at /c on branch d ',
  ],
  ...[
    'resets ',
    'resets at ',
    'resets 3pm (',
    'resets Jan 1 ',
    'resets in 1 ',
    '|1234567890',
    'resets 3:00 ',
  ],
  ...['error: ', '\nerror: --a', 'file ', 'file not found', 'Session ID ', 'Session ID a', 'a:', 'must be '],
  ...['Permission to use ', ' has been denied', ' hook error:', 'Stop hook feedback:'],
];

const AUTHORS: readonly (Author | undefined)[] = ['model', 'client', undefined];
const failedTool = (content: string): string =>
  JSON.stringify({
    type: 'user',
    message: { content: [{ type: 'tool_result', tool_use_id: 't', is_error: true, content }] },
  });
/** A worktree and a command, both of which have this text in all that is read of them. */
function callsWith(text: string): void {
  const state = newStreamState(true);
  for (const name of ['EnterWorktree', 'Bash']) {
    const call = { type: 'tool_use', id: name, name, input: { text } };
    const said = { type: 'tool_result', tool_use_id: name, content: text };
    mapLine(state, JSON.stringify({ type: 'assistant', message: { content: [call] } }));
    mapLine(state, JSON.stringify({ type: 'user', message: { content: [said] } }));
  }
}
const CIRCUMSTANCES = { asked: false, resumed: true, now: 0 };

function ending(line: string, stderrTail = '') {
  const state = newStreamState(true);
  mapLine(state, line);
  return attemptEnd(state, { code: 1, signal: null, stderrTail }, CIRCUMSTANCES);
}

/** Each with the beginnings after which it looks at the rest in earnest. */
const READERS: Readonly<Record<string, readonly [(text: string) => unknown, readonly string[]]>> = {
  'a line of the client': [text => ending(text), ['{', '{"type":"result","result":"', ' '.repeat(LENGTH)]],
  'a line of a command': [text => streamJsonReader().read(text), ['{"a":"']],
  'a result': [text => ending(JSON.stringify({ type: 'result', is_error: true, result: text })), []],
  'an answer': [
    text => ending(JSON.stringify({ type: 'result', subtype: 'success', num_turns: 1, result: text })),
    [],
  ],
  'a tool that failed': [
    text => mapLine(newStreamState(true), failedTool(text)),
    ['Hook:', 'Permission to use '],
  ],
  'what a tool is called with, and says': [text => callsWith(text), ['in a at /b', 'git ']],
  'an error message': [
    text => AUTHORS.map(author => errorOfText(text, author)),
    [
      'API Error: {',
      'API Error: 529 ',
      'You have hit your ',
      'Claude usage limit reached',
      'Please run /login',
    ],
  ],
  "an error in the client's own name": [text => codeOfClientText(text, 0), []],
  'a time of a limit': [
    text => resetTimeIn(text, 0),
    ['resets', 'resets 3pm', 'resets 3pm (', 'resets Jan 1'],
  ],
  'a start that failed': [text => codeOfStartText(text), ['error: --', 'error: --a ', 'Session ID ']],
  'standard error': [text => ending('', text), []],
  'an output': [text => lastJson(text), []],
  'what a terminal shows': [text => [cleanBlock(text), cleanLine(text)], ['\u001b', '\u001b]']],
  'what a terminal has room for': [text => cutToWidth(cleanLine(text), 200, '...'), []],
};

describe.each(Object.entries(READERS))('%s', (_, [read, starts]) => {
  it.each(['', ...starts])('is read in linear time after beginning %#, whatever is repeated in it', start => {
    for (const part of PARTS) {
      expect(() => read(`${start}${part.repeat(LENGTH / part.length)}!`)).not.toThrow();
    }
  });
});
