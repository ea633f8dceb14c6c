import { fc, test as prop } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { piecesOf } from '../../../../src/sdk/session/stream-json/pieces.ts';
import { runs } from '../../../support/runs.ts';

/** Messages by their type, other text as it is. */
const seen = (line: string): string[] => piecesOf(line).map(({ type, text }) => (type ? `<${type}>` : text));

describe('a line of output', () => {
  it.each([
    ['one message', '{"type":"a"}', ['<a>']],
    ['a message whose type is not first', '{"x":[1,{"y":null}],"type":"a"}', ['<a>']],
    ['two messages', '{"type":"a"}{"type":"b"}', ['<a>', '<b>']],
    ['messages with white space around them', '  {"type":"a"} \t{"type":"b"}\r', ['<a>', '<b>']],
    ['a byte order mark', '\uFEFF{"type":"a"}', ['<a>']],
    ['NUL characters', '\0\0{"type"\0:"a"}\0', ['<a>']],
    ['text before and after', 'Warning: {x} "{" {"type":"a"} done', ['Warning: {x} "{" ', '<a>', ' done']],
    ['a separator of lines in JavaScript', '{"type":"a","x":"\u2028"}', ['<a>']],
    ['half a surrogate pair', '{"type":"a","x":"\\ud800\ud800"}', ['<a>']],
    ['an object that is no message', '{"type":1}{"type":"b"}', ['{"type":1}', '<b>']],
    ['no object', '[{"type":"a"}', ['[', '<a>']],
    ['nothing', ' \r', []],
    ['a list of messages', '[{"type":"a"}]', ['[{"type":"a"}]']],
    ['a message cut off in a string', '{"type":"a","x":"hel{"type":"b"}', ['{"type":"a","x":"hel', '<b>']],
    ['cut off in an escape', '{"type":"a","x":"\\u00{"type":"b"}', ['{"type":"a","x":"\\u00', '<b>']],
    ['cut off in a name', '{"type":"a","x{ "type":"b"}', ['{"type":"a","x', '<b>']],
    ['cut off after a name', '{"type":"a","x"{"type":"b"}', ['{"type":"a","x"', '<b>']],
    ['cut off before a name', '{"type":"a",{"type":"b"}', ['{"type":"a",', '<b>']],
    ['cut off in a literal', '{"type":"a","x":tr{"type":"b"}', ['{"type":"a","x":tr', '<b>']],
  ])('%s', (_, line, expected) => {
    expect(seen(line)).toEqual(expected);
  });

  it('never takes a part of a message for a message, not even of one that was cut off or damaged', () => {
    const inner = '{"type":"result","is_error":false}';
    const outer = `{"type":"user","input":[${inner}],"x":{"y":${inner}}}`;
    expect(seen(outer)).toEqual(['<user>']);
    for (let end = 1; end < outer.length; end += 1) {
      const cut = outer.slice(0, end);
      expect(seen(cut)).toEqual([cut]);
      const damaged = `${cut}\uFFFD${outer.slice(end + 1)}`;
      expect(seen(damaged)).not.toContain('<result>');
    }
  });
});

prop.prop(
  [
    fc.array(
      fc.record({ type: fc.string(), x: fc.jsonValue() }).map(message => JSON.stringify(message)),
      { maxLength: 4 },
    ),
    fc.array(
      fc
        .string({ unit: fc.constantFrom('a', ' ', '"', '\\', ':', ',', ']', '}', '1') })
        .filter(text => !/^ *[,\]}]/.test(text)),
      {
        minLength: 5,
        maxLength: 5,
      },
    ),
  ],
  { numRuns: runs(500) },
)('messages are found in any text that neither opens a brace nor goes on like JSON', (messages, texts) => {
  const line = messages.map((message, index) => `${texts[index]}${message}`).join('') + texts[4];
  const found = piecesOf(line).flatMap(piece => (piece.type === undefined ? [] : [piece.text.trim()]));
  expect(found).toEqual(messages);
});

it('costs no more for nested beginnings than for text', () => {
  // With a second look at each brace this would take hours.
  for (const part of ['{"a":', '{"a":"', '{', '{"', '{"a":1,{', '"{"', '[{']) {
    const line = part.repeat(200_000);
    expect(piecesOf(line)).toEqual([{ text: line }]);
  }
});
