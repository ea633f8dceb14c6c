import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readToolOutputs } from '../../../../src/sdk/session/stream-json/tool-outputs.ts';

const folder = mkdtempSync(join(tmpdir(), 'session-groups-outputs-'));
afterAll(() => rmSync(folder, { recursive: true }));

const resultOf = (id: string, content: unknown, more = {}) =>
  `${JSON.stringify({ type: 'user', ...more, message: { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content }] } })}\n`;
const same = (text: string): string => text;

test('what tools returned is read from the transcript, of the calls that are wanted, and not of subagents', async () => {
  const path = join(folder, 'a.ndjson');
  writeFileSync(
    path,
    [
      '{"type":"system"}\nnot JSON "tool_result"\n',
      resultOf('t1', 'plain'),
      resultOf('t2', [{ type: 'text', text: 'one' }, { type: 'image', source: {} }, null]),
      resultOf('t3', 'not wanted'),
      resultOf('t4', 'of a subagent', { parent_tool_use_id: 't1' }),
      resultOf('t5', undefined),
    ].join(''),
  );
  const { outputs } = await readToolOutputs(path, new Set(['t1', 't2', 't4', 't5']), same);
  expect([...outputs]).toEqual([
    ['t1', 'plain'],
    ['t2', 'one\n[image]\n'],
    ['t5', ''],
  ]);
});

test('a file that has grown is read on from its last whole line', async () => {
  const path = join(folder, 'b.ndjson');
  const [first, second] = [resultOf('t1', 'one'), resultOf('t2', 'two')];
  writeFileSync(path, first + second.slice(0, 40));
  const all = { has: () => true };
  const { outputs, end } = await readToolOutputs(path, all, same);
  expect([[...outputs.keys()], end]).toEqual([['t1'], Buffer.byteLength(first)]);
  appendFileSync(path, second.slice(40));
  const next = await readToolOutputs(path, all, same, { start: end });
  expect([[...next.outputs], next.end]).toEqual([[['t2', 'two']], Buffer.byteLength(first + second)]);
});

test('of many, the latest are kept', async () => {
  const path = join(folder, 'c.ndjson');
  const ids = Array.from({ length: 9 }, (_, index) => `t${index}`);
  writeFileSync(path, ids.map(id => resultOf(id, id)).join(''));
  const { outputs } = await readToolOutputs(path, { has: () => true }, same, { most: 2 });
  expect([...outputs.keys()]).toEqual(['t7', 't8']);
});

test('of a file that is not there, nothing is read', async () => {
  const { outputs, end } = await readToolOutputs(join(folder, 'none'), new Set(['t1']), same);
  expect([outputs.size, end]).toEqual([0, 0]);
});
