import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test, vi } from 'vitest';
import { plainAssistant } from '../../../../src/sdk/session/stream-json/plain-message.ts';

const PLAIN = '../../../../src/sdk/session/stream-json/plain-message.ts';

/** Both ways to read: with what reads plain messages, and by the schemas alone. */
const ways = async () => {
  vi.resetModules();
  const { readLine } = await import('../../../../src/sdk/session/claude-code/stream/messages.ts');
  const { streamJsonReader } = await import('../../../../src/sdk/session/stream-json-usage.ts');
  return { readLine, streamJsonReader };
};
type Ways = Awaited<ReturnType<typeof ways>>;
let both: readonly [Ways, Ways];
beforeAll(async () => {
  const plain = await ways();
  vi.doMock(PLAIN, async original => ({ ...(await original<object>()), plainAssistant: () => undefined }));
  both = [plain, await ways()];
  vi.doUnmock(PLAIN);
});

const FOLDER = fileURLToPath(new URL('../../../fixtures/claude-stream/', import.meta.url));
const RECORDED = readdirSync(FOLDER)
  .filter(name => name.endsWith('.jsonl'))
  .flatMap(name => readFileSync(`${FOLDER}${name}`, 'utf8').split('\n'))
  .filter(line => line.includes('"type":"assistant"'));
const deep = (levels: number): unknown => (levels === 0 ? 1 : { in: deep(levels - 1) });
const MADE = [
  { type: 'text', text: 'words', thinking: null },
  { type: 'thinking', thinking: 'hm', signature: 'x' },
  { type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'ls', list: [1, { a: null }] } },
  { type: 'tool_result', tool_use_id: 't1', is_error: false, content: [{ type: 'text', text: 'x' }] },
].map(block =>
  JSON.stringify({
    type: 'assistant',
    session_id: 'c',
    uuid: 'u',
    parent_tool_use_id: null,
    message: {
      ...{ id: 'm', model: 'opus', stop_reason: null, content: [{ type: 'text', text: 'first' }, block] },
      usage: { input_tokens: 1, output_tokens: 2, cache_creation: { ephemeral_1h_input_tokens: 3 } },
    },
  }),
);

const ODD = [null, 1, -1, 'x', '', true, false, [], {}, [1], [null], { type: 'text' }, deep(300)];
const NAMES = [
  'error',
  'is_meta',
  'result',
  'is_error',
  'structured_output',
  'total_cost_usd',
  'usage',
  'event',
];

/** Each field in turn is something else, or missing; and fields that other messages have. */
function* mutations(line: string): Generator<string> {
  const paths: (readonly (string | number)[])[] = [];
  const walk = (value: unknown, path: readonly (string | number)[]): void => {
    if (path.length > 0) paths.push(path);
    if (typeof value !== 'object' || value === null) return;
    for (const key of Object.keys(value)) {
      walk(Reflect.get(value, key), [...path, Array.isArray(value) ? Number(key) : key]);
    }
  };
  walk(JSON.parse(line), []);
  for (const name of [...NAMES, 'permission_denials', 'tool_use_result']) paths.push([name]);
  for (const path of paths) {
    const changed = (change: (parent: object, key: string | number) => void): string => {
      const json = JSON.parse(line);
      const parent = path.slice(0, -1).reduce((value, key) => Reflect.get(value, key), json);
      change(parent, path.at(-1) ?? '');
      return JSON.stringify(json);
    };
    yield changed((parent, key) => void Reflect.deleteProperty(parent, key));
    for (const odd of ODD) yield changed((parent, key) => void Reflect.set(parent, key, odd));
  }
}

const readBy = ({ readLine, streamJsonReader }: Ways, line: string) => {
  const reader = streamJsonReader();
  return { client: readLine(line), command: reader.read(line), again: reader.read(line) };
};

test('a plain message is read as the schema reads it, whatever has been recorded', () => {
  expect(RECORDED.length).toBeGreaterThan(50);
  for (const line of RECORDED) expect(readBy(both[0], line)).toEqual(readBy(both[1], line));
});

test('and so is one of which any field is something else', () => {
  let count = 0;
  for (const line of [...MADE, ...RECORDED.filter(({ length }) => length < 3_000).slice(0, 2)]) {
    for (const mutated of mutations(line)) {
      count += 1;
      const [plain, schema] = both.map(way => readBy(way, mutated));
      expect(plain, mutated.slice(0, 2_000)).toEqual(schema);
    }
  }
  expect(count).toBeGreaterThan(1_000);
});

test('nearly all that has been recorded is plain', () => {
  const plain = RECORDED.filter(line => plainAssistant(JSON.parse(line), []) !== undefined);
  expect(plain.length / RECORDED.length).toBeGreaterThan(0.9);
});
