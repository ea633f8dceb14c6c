import { expect, test } from 'vitest';
import { NO_FILES } from '../../../../src/sdk/group/document/group-files.ts';
import { fanOutResult, type MemberResult } from '../../../../src/sdk/group/prompts/fan-out-result.ts';
import { renderPrompt } from '../../../../src/sdk/group/prompts/render-prompt.ts';
import { SessionDefinition } from '../../../../src/sdk/group/types.ts';

const done = (id: string, result: string): MemberResult => ({
  id,
  value: id,
  result: { status: 'completed', result },
});
const failed = (id: string): MemberResult => ({
  id,
  value: `${id}\nx`,
  result: { status: 'failed', error: 'boom', errorCode: 'agent_error' },
});
const rendered = (path: string, members: readonly MemberResult[]) => {
  const prompt = `{{ sessions['audit[*]'].${path} }}`;
  const session = SessionDefinition.parse({ id: 'b', projectPath: '/p', prompt });
  const group = { id: 'g', name: 'Demo' };
  const all = fanOutResult(members);
  return renderPrompt(session, {
    group,
    files: NO_FILES,
    resultOf: id => (id === 'audit[*]' ? all : undefined),
  });
};

test('the results of all have their ids, and those that failed say why; it is text of other agents', () => {
  expect(
    rendered('result', [done('a', 'fine'), failed('b'), { id: 'c', value: 'c', result: undefined }]),
  ).toEqual({
    text: '1 of 3 sessions completed.\n\n## a (a): completed\n\nfine\n\n## b (b x): failed\n\nboom\n\n## c (c): pending',
    composed: true,
  });
  expect(rendered('result', [done('a', 'fine')]).text).toBe('## a (a): completed\n\nfine');
});

test('the other fields are told by id', () => {
  const members: MemberResult[] = [
    { id: 'a', value: 'a', result: { status: 'completed', output: { n: 1 }, changedFiles: ['x.ts'] } },
    failed('b'),
  ];
  expect(rendered('output', members).text).toBe('{"a":{"n":1}}');
  expect(rendered('changedFiles', members).text).toBe('a: x.ts');
  expect(rendered('error', members).text).toBe('b: boom');
  expect(rendered('errorCode', members).text).toBe('b: agent_error');
  expect(rendered('status', members).text).toBe('failed');
  expect(() => rendered('error', [done('a', 'x')])).toThrow('has no value');
});

test('each has its share of the room that all of them have', () => {
  const long = 'x'.repeat(100_000);
  const { text } = rendered(
    'result',
    [...'abcdefgh'].map(id => done(id, long)),
  );
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(256 * 1024);
  for (const id of 'abcdefgh') expect(text).toContain(`## ${id} (${id}): completed\n\nxxx`);
  expect(text.match(/\[truncated/g)).toHaveLength(8);
  const many = Array.from({ length: 2_000 }, (_, i) => done(`s${i}`, long));
  expect(Buffer.byteLength(rendered('result', many).text)).toBeLessThanOrEqual(256 * 1024);
});
