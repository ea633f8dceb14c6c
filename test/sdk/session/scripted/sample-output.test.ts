import { describe, expect, it } from 'vitest';
import { compileOutputSchema } from '../../../../src/sdk/group/config/output-schema.ts';
import { sampleOutput } from '../../../../src/sdk/session/scripted/sample-output.ts';

const text = { type: 'string' };
const withProperties = (properties: object, more: object = {}) => ({
  type: 'object',
  properties,
  required: Object.keys(properties),
  ...more,
});

describe('a sample output', () => {
  it.each<[string, Record<string, unknown>, unknown]>([
    ['has all properties', { type: 'object', properties: { a: text } }, { a: 'sample' }],
    [
      'has a value of each type',
      withProperties({
        ...{ s: text, i: { type: 'integer' }, n: { type: 'number' }, b: { type: 'boolean' } },
        ...{ z: { type: 'null' }, l: { type: 'array', items: text }, any: {} },
      }),
      { s: 'sample', i: 1, n: 1, b: true, z: null, l: ['sample'], any: 'sample' },
    ],
    [
      'takes what the schema says',
      withProperties({
        ...{ c: { const: 0 }, e: { enum: ['low', 'high'] }, x: { type: 'string', examples: ['v1'] } },
        ...{ d: { type: 'string', pattern: '^v', default: 'v2' }, maybe: { type: ['null', 'string'] } },
      }),
      { c: 0, e: 'low', x: 'v1', d: 'v2', maybe: 'sample' },
    ],
    [
      'keeps within bounds',
      withProperties({
        ...{ short: { type: 'string', maxLength: 3 }, long: { type: 'string', minLength: 8 } },
        ...{ from: { type: 'integer', minimum: 7 }, to: { type: 'integer', exclusiveMaximum: 0 } },
        ...{ between: { type: 'number', exclusiveMinimum: 0, exclusiveMaximum: 0.5 } },
        ...{ fives: { type: 'integer', minimum: 12, multipleOf: 5 } },
        ...{ two: { type: 'array', minItems: 2, items: text }, none: { type: 'array', maxItems: 0 } },
      }),
      {
        ...{ short: 'sam', long: 'sample..', from: 7, to: -1, between: 0.25, fives: 15 },
        ...{ two: ['sample', 'sample'], none: [] },
      },
    ],
    [
      'follows references, and combines schemas',
      withProperties(
        { file: { $ref: '#/definitions/file' } },
        {
          definitions: {
            file: { allOf: [withProperties({ path: text }), withProperties({ line: { type: 'integer' } })] },
          },
        },
      ),
      { file: { path: 'sample', line: 1 } },
    ],
    [
      'takes the first choice that has one',
      withProperties({ v: { oneOf: [{ type: 'string', pattern: '^v' }, { type: 'integer' }] } }),
      { v: 1 },
    ],
    [
      'has different items where they have to be',
      withProperties({
        ...{ texts: { type: 'array', items: text, minItems: 3, uniqueItems: true } },
        ...{
          short: { type: 'array', items: { type: 'string', maxLength: 2 }, minItems: 2, uniqueItems: true },
        },
        ...{
          numbers: { type: 'array', items: { type: 'integer', maximum: 1 }, minItems: 2, uniqueItems: true },
        },
        ...{ both: { type: 'array', items: { type: 'boolean' }, minItems: 2, uniqueItems: true } },
        ...{ some: { type: 'array', items: { enum: ['low', 'high'] }, minItems: 2, uniqueItems: true } },
        parts: {
          ...{ type: 'array', minItems: 2, uniqueItems: true },
          items: { type: 'number', minimum: 0, maximum: 1 },
        },
        files: {
          ...{ type: 'array', minItems: 2, uniqueItems: true },
          items: withProperties({ path: text, kind: { const: 'file' } }),
        },
        lists: {
          ...{ type: 'array', minItems: 2, uniqueItems: true },
          items: { type: 'array', minItems: 2, uniqueItems: true, items: { type: 'integer' } },
        },
        one: { type: 'array', items: text, uniqueItems: true },
      }),
      {
        ...{ texts: ['sample', '2sample', '3sample'], short: ['sa', '2s'], numbers: [1, 0] },
        ...{ both: [true, false], some: ['low', 'high'], parts: [1, 0] },
        files: [
          { path: 'sample', kind: 'file' },
          { path: '2sample', kind: 'file' },
        ],
        ...{
          lists: [
            [1, 2],
            [2, 3],
          ],
          one: ['sample'],
        },
      },
    ],
    [
      'leaves out an option without one',
      {
        type: 'object',
        properties: { version: { type: 'string', pattern: '^v' }, a: text },
        required: ['a'],
      },
      { a: 'sample' },
    ],
  ])('%s', async (_, schema, expected) => {
    const sample = sampleOutput(schema);
    expect(sample).toEqual(expected);
    expect((await compileOutputSchema(schema))(sample)).toBeUndefined();
  });

  it('of a schema that contains itself has an end', async () => {
    const node = withProperties({
      name: text,
      inner: { type: 'array', items: { $ref: '#/definitions/node' } },
    });
    const schema = { ...withProperties({ root: { $ref: '#/definitions/node' } }), definitions: { node } };
    expect((await compileOutputSchema(schema))(sampleOutput(schema))).toBeUndefined();
    const options = Object.fromEntries(Array.from({ length: 100 }, (_, at) => [`p${at}`, { $ref: '#' }]));
    expect(JSON.stringify(sampleOutput({ type: 'object', properties: options })).length).toBeLessThan(50_000);
  });

  it.each<[string, Record<string, unknown>]>([
    ['a pattern', withProperties({ v: { type: 'string', pattern: '^v' } })],
    ['a value that needs itself', withProperties({ self: { $ref: '#' } })],
    ['bounds that exclude each other', withProperties({ n: { type: 'integer', minimum: 2, maximum: 1 } })],
    [
      'more different values than there are',
      withProperties({ l: { type: 'array', items: { type: 'boolean' }, minItems: 3, uniqueItems: true } }),
    ],
    ['a property that must not be', { type: 'object', required: ['a'], additionalProperties: false }],
  ])('is not made of %s', (_, schema) => {
    expect(sampleOutput(schema)).toBeUndefined();
  });
});
