import { fc, test as prop } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { lineSplitter } from '../../../src/sdk/process/line-splitter.ts';

function split(chunks: readonly Buffer[], longest?: number): [string, boolean][] {
  const lines: [string, boolean][] = [];
  const splitter = lineSplitter((line, truncated) => lines.push([line, truncated]), longest);
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

prop.prop([fc.string({ unit: 'grapheme' }), fc.array(fc.nat({ max: 20 }))])(
  'lines are the same however the stream is split into chunks',
  (text, cuts) => {
    const bytes = Buffer.from(text.replaceAll('a', '\n'));
    const chunks: Buffer[] = [];
    let at = 0;
    for (const size of cuts) {
      chunks.push(bytes.subarray(at, at + size));
      at += size;
    }
    chunks.push(bytes.subarray(at));
    const expected = bytes.toString().split('\n');
    if (expected.at(-1) === '') expected.pop();
    expect(split(chunks)).toEqual(expected.map(line => [line, false]));
  },
);

test('an overlong line is cut and flagged, and the next one is complete', () => {
  const chunks = ['abc', 'def', 'ghi\nxy', 'z\n', 'abcdef\n'].map(text => Buffer.from(text));
  expect(split(chunks, 4)).toEqual([
    ['abcd', true],
    ['xyz', false],
    ['abcd', true],
  ]);
});

test('empty lines are lines', () => {
  expect(split([Buffer.from('\n\na\n')])).toEqual([
    ['', false],
    ['', false],
    ['a', false],
  ]);
});
