import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import {
  compileOutputSchema,
  LARGEST_SCHEMA_BYTES,
  portable,
} from '../../../../src/sdk/group/config/output-schema.ts';
import { parseDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import { DefinitionError } from '../../../../src/sdk/group/document/diagnostics.ts';

const COUNTED = {
  type: 'object',
  properties: { count: { type: 'integer', minimum: 1 }, kind: { enum: ['a', 'b'] } },
  required: ['count'],
  additionalProperties: false,
};

describe('an output', () => {
  it('is valid, or has all its problems reported at once', async () => {
    const check = await compileOutputSchema(COUNTED);
    expect(check({ count: 3 })).toBeUndefined();
    expect(check(undefined)).toBe('The required structured output is missing.');
    expect(check({ count: 'no', kind: 'c', more: 1 })).toBe(
      [
        'The structured output does not match its schema:',
        '- the output: must not have "more"',
        '- /count: must be integer',
        '- /kind: must be one of ["a","b"]',
      ].join('\n'),
    );
    expect(check({})).toContain("- the output: must have required property 'count'");
    expect(check([])).toContain('- the output: must be object');
  });

  it('has a bounded error text, however wrong it is', async () => {
    const check = await compileOutputSchema({ type: 'object', additionalProperties: { type: 'integer' } });
    const wrong = Object.fromEntries(
      Array.from({ length: 500 }, (_, number) => ['k'.repeat(5_000) + number, 'x']),
    );
    const said = check(wrong) ?? '';
    expect(said.length).toBeLessThan(10_000);
    expect(said).toContain('- and 480 more');
  });

  it('is not changed: neither coerced nor filled in', async () => {
    const properties = { a: { type: 'integer' }, b: { type: 'integer', default: 1 } };
    const check = await compileOutputSchema({ type: 'object', properties });
    expect(check({ a: '1' })).toContain('/a: must be integer');
    const output = {};
    expect(check(output)).toBeUndefined();
    expect(output).toEqual({});
  });

  it('may have any string where a format is named, as in the client', async () => {
    const check = await compileOutputSchema({ type: 'object', properties: { at: { format: 'date-time' } } });
    expect(check({ at: 'nonsense' })).toBeUndefined();
  });

  it("is validated by zod's JSON Schema, in any dialect", async () => {
    const schema = z.object({ files: z.array(z.string()), done: z.boolean() });
    for (const target of ['draft-7', 'draft-2020-12'] as const) {
      const { '~standard': _, ...json } = z.toJSONSchema(schema, { target });
      const check = await compileOutputSchema(json);
      expect(check({ files: ['a'], done: true })).toBeUndefined();
      expect(check({ files: [1], done: true })).toContain('/files/0: must be string');
      expect(portable(json)).not.toHaveProperty('$schema');
    }
  });
});

describe('a schema', () => {
  const problemsOf = async (outputSchema: Record<string, unknown>) => {
    const session = { id: 'a', projectPath: '.', prompt: 'x', outputSchema };
    try {
      await parseDefinition({ version: 1, name: 'g', sessions: [session] });
      return [];
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      return error.diagnostics.map(({ code, path, message }) => ({ code, path, message }));
    }
  };

  it.each<[string, Record<string, unknown>]>([
    ['an object', COUNTED],
    ['one with definitions', { type: 'object', properties: { a: { $ref: '#/$defs/a' } }, $defs: { a: {} } }],
    ['draft-07', { ...COUNTED, $schema: 'http://json-schema.org/draft-07/schema#' }],
    ['2020-12 in what both have', { ...COUNTED, $schema: 'https://json-schema.org/draft/2020-12/schema' }],
  ])('may be %s', async (_, schema) => {
    expect(await problemsOf(schema)).toEqual([]);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a list', { type: 'array' }, 'the schema of a structured output must describe an object'],
    ['without a type', { properties: {} }, 'the schema of a structured output must describe an object'],
    [
      'with an unknown type',
      { type: 'object', properties: { a: { type: 'nope' } } },
      'must be equal to one of',
    ],
    [
      'with a broken pattern',
      { type: 'object', properties: { a: { pattern: '(' } } },
      'Invalid regular expression',
    ],
    ['with a misspelled keyword', { type: 'object', requierd: ['a'] }, 'unknown keyword: "requierd"'],
    [
      'with a keyword that only 2020-12 has',
      { type: 'object', dependentRequired: { a: ['b'] } },
      'dependentRequired',
    ],
    [
      'that refers to the network',
      { type: 'object', properties: { a: { $ref: 'https://x.test/a' } } },
      'resolve',
    ],
    ['of an unknown dialect', { type: 'object', $schema: 'https://x.test/' }, 'unknown JSON Schema dialect'],
    ['that is asynchronous', { type: 'object', $async: true }, '"$async" is not part of JSON Schema'],
    [
      'that is too large',
      { type: 'object', description: 'x'.repeat(LARGEST_SCHEMA_BYTES) },
      'may have at most 65536 bytes',
    ],
    [
      "with values that JSON can't represent",
      { type: 'object', maxProperties: 1n },
      "values that JSON can't represent",
    ],
  ])('is rejected %s, with its place', async (_, schema, message) => {
    expect(await problemsOf(schema)).toEqual([
      {
        code: 'invalid_output_schema',
        path: ['sessions', 0, 'outputSchema'],
        message: expect.stringContaining(message),
      },
    ]);
  });
});
