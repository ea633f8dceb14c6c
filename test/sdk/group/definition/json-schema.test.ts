import { readFile } from 'node:fs/promises';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { definitionJsonSchema } from '../../../../src/sdk/group/definition/json-schema.ts';
import { SessionGroupDefinition } from '../../../../src/sdk/group/types.ts';
import { b, config, sessions } from './bad-definition.ts';
import { BAD_SHAPES } from './bad-shapes.ts';

const accepts = new Ajv({ strict: true, strictTuples: false, allErrors: true }).compile(
  definitionJsonSchema(),
);

test('schema.json matches the schemas of this version (npm run schema writes it)', async () => {
  const stored: unknown = JSON.parse(
    await readFile(new URL('../../../../schema.json', import.meta.url), 'utf8'),
  );
  expect(stored).toEqual(JSON.parse(JSON.stringify(definitionJsonSchema())));
});

test('it rejects keys that the format does not have, and allows $schema', () => {
  const definition = { version: 1, name: 'x', sessions: [{ id: 'a', projectPath: '.', prompt: 'x' }] };
  expect(accepts({ ...definition, $schema: './schema.json' })).toBe(true);
  expect(accepts({ ...definition, nope: 1 })).toBe(false);
});

const GOOD = [
  sessions(),
  config('agent: { kind: command, command: [npm, test] }', 'model: opus'),
  config('agent: { kind: scripted, steps: [{ text: hi }, { delay: 2s }, { hang: true }] }'),
  config('budget: { maxBudgetUsd: none }', 'timeouts: { idle: 1000 }', 'quota: { maxWait: 1d }'),
  config('retry: { initialInterval: 1.5s }', 'permissions: { allow: ["Bash(npm test)"], onRequest: fail }'),
  b('prompt: x', 'dependsOn: [a, { session: a, when: failed }]', 'trigger: any', 'priority: -1'),
  b('prompt: x', 'env: { A: x }', 'variables: { deep: { list: [1, null] } }', 'estimate: 5m'),
  b('template: t', 'mcpServers: { x: { command: y }, z: { type: http, url: "https://e.org" } }'),
  b('prompt: x', 'config: { commands: [a], settingsOverride: { x: 1 } }', 'outputSchema: { type: object }'),
];

test.each(GOOD)('the schema accepts what the engine accepts: case %#', text => {
  const value: unknown = parse(text);
  expect(SessionGroupDefinition.safeParse(value).error).toBeUndefined();
  expect(accepts(value), JSON.stringify(accepts.errors)).toBe(true);
});

test('the schema accepts what is filled in before the engine checks it', () => {
  const session = {
    id: 'audit-{{ each }}',
    projectPath: '{{ each }}',
    prompt: 'x',
    forEach: ['a'],
    'x-note': 1,
  };
  const last = { id: 'b', projectPath: '.', prompt: 'x', dependsOn: ['audit.{{ each }}', 'audit'] };
  const variables = { topic: 'security', depth: { default: 1, description: 'how deep' }, owner: null };
  const definition = { version: 1, name: 'x', variables, 'x-anchors': {}, sessions: [session, last] };
  expect(accepts(definition), JSON.stringify(accepts.errors)).toBe(true);
  for (const forEach of ['{{ vars.list }}', { projects: ['a'] }, { glob: 'packages/*', files: true }]) {
    expect(accepts({ ...definition, sessions: [{ ...session, forEach }] })).toBe(true);
  }
  for (const forEach of [[], 'a', { glob: 7 }, { folders: ['a'] }]) {
    expect(accepts({ ...definition, sessions: [{ ...session, forEach }] })).toBe(false);
  }
  expect(accepts({ ...definition, sessions: [{ ...session, id: 'a b' }] })).toBe(false);
});

test.each(BAD_SHAPES)('both reject $says', ({ text }) => {
  const value: unknown = parse(String(text));
  expect(SessionGroupDefinition.safeParse(value).success).toBe(false);
  expect(accepts(value)).toBe(false);
});
