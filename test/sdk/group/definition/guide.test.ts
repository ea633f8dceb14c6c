import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { GUIDE } from '../../../../src/sdk/group/definition/guide.ts';
import { definitionJsonSchema, guideOf } from '../../../../src/sdk/group/definition/json-schema.ts';

type Node = { readonly [key: string]: unknown };
interface Key {
  readonly path: string;
  readonly node: Node;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const nodes = (value: unknown): Node[] => [value].flat().filter(isNode);

/** All keys of the schema, wherever they may be. */
function* keysOf(node: Node, path = ''): Generator<Key> {
  for (const part of [node.anyOf, node.oneOf, node.allOf].flatMap(nodes)) yield* keysOf(part, path);
  for (const item of nodes(node.items)) yield* keysOf(item, `${path}[]`);
  for (const rest of nodes(node.additionalProperties)) yield* keysOf(rest, `${path}.*`);
  for (const [name, value] of Object.entries(isNode(node.properties) ? node.properties : {})) {
    if (!isNode(value)) continue;
    const key = path === '' ? name : `${path}.${name}`;
    yield { path: key, node: value };
    yield* keysOf(value, key);
  }
}

/** The values that a key is limited to, itself or in one of its forms. */
function valuesOf(node: Node): unknown[] {
  const own = [...(Array.isArray(node.enum) ? node.enum : []), ...('const' in node ? [node.const] : [])];
  return [...own, ...[node.anyOf, node.oneOf, node.items].flatMap(nodes).flatMap(valuesOf)];
}

const keys = [...keysOf(definitionJsonSchema())];

describe.each(keys.map(key => [key.path, key] as const))('%s', (path, { node }) => {
  test('is described, with each of its values, in words that are its own', () => {
    const guide = guideOf(path);
    expect(guide, 'an entry in guide.ts').toBeDefined();
    expect(String(node.description).split('\n')[0]).toBe(guide?.text);
    expect(guide?.text).not.toMatch(/\.$/);
    for (const value of valuesOf(node)) {
      expect(guide?.values).toHaveProperty([String(value)]);
      expect(node.description).toContain(`\n${value}: `);
    }
  });

  test('has examples that it accepts', () => {
    const { examples } = node;
    if (examples === undefined) return expect(guideOf(path)?.examples).toBeUndefined();
    const accepts = new Ajv({ strict: false, allErrors: true }).compile({ ...node });
    for (const example of examples as unknown[])
      expect(accepts(example), `${JSON.stringify(example)}: ${JSON.stringify(accepts.errors)}`).toBe(true);
  });
});

test('nothing is described that a definition does not have', () => {
  const used = new Set(keys.map(({ path }) => guideOf(path)));
  for (const [path, guide] of Object.entries(GUIDE)) expect(used.has(guide), path).toBe(true);
});
