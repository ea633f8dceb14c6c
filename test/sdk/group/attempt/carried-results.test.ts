import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { carryResults, unpackResults } from '../../../../src/sdk/group/attempt/order/carried-results.ts';
import { cutText } from '../../../../src/sdk/group/document/cut-text.ts';
import { attemptOrder } from '../../../fleet/attempt-order.ts';

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'results-'));
});
afterEach(() => rmSync(top, { recursive: true }));

const long = (letter: string) => letter.repeat(70_000);
const file = (id: string) => {
  const path = join(top, `${id}.result.md`);
  return { path, place: path, name: `${id}.result.md` };
};

test('what an order names by a path of this machine is named by a path of the other one, and is the same text', () => {
  const [lib, more] = [file('lib'), file('lib-more')];
  writeFileSync(lib.place, long('a'));
  writeFileSync(more.place, long('b'));
  const prompt = `${cutText(long('a'), lib.path)}\n${cutText(long('b'), more.path)}`;
  const config = {
    files: { 'CLAUDE.md': prompt },
    mcpServers: [],
    variables: {},
    isolated: false,
    changed: false,
  };
  const order = { ...attemptOrder('g', 'app', 1), prompt: 'Go on.', originalPrompt: prompt, config };
  const carried = carryResults(order, () => [lib, more, file('unnamed')]);
  expect(JSON.stringify(carried)).not.toContain(top);
  expect(carried.results).toEqual({ 'lib.result.md': long('a'), 'lib-more.result.md': long('b') });
  const there = join(top, 'there');
  const unpacked = unpackResults(JSON.parse(JSON.stringify(carried)), there);
  expect(unpacked).not.toHaveProperty('results');
  for (const text of [unpacked.originalPrompt, unpacked.config?.files['CLAUDE.md']]) {
    const paths = [...(text ?? '').matchAll(/full text is in (.*)\]/g)].map(([, path = '']) => path);
    expect(paths).toEqual([join(there, 'lib.result.md'), join(there, 'lib-more.result.md')]);
    expect(paths.map(path => readFileSync(path, 'utf8'))).toEqual([long('a'), long('b')]);
  }
});

test('an order that names none stays as it is, and nothing is looked for', () => {
  const order = attemptOrder('g', 'app', 1);
  const never = () => {
    throw new Error('it is not needed');
  };
  expect(carryResults(order, never)).toBe(order);
  expect(unpackResults(order, join(top, 'there'))).toBe(order);
});

test('a result that is gone fails the session, with its place', () => {
  const gone = file('gone');
  const order = { ...attemptOrder('g', 'app', 1), prompt: cutText(long('a'), gone.path) };
  expect(() => carryResults(order, () => [gone])).toThrow(/cannot be read: .*gone\.result\.md/);
});
