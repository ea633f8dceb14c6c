import { describe, expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { defineAgent, type OwnAgentConfig } from '../../../../src/index.ts';
import { readOptions } from '../../../../src/sdk/session/own/options.ts';
import { capabilitiesOf, checkAgents, problemOf } from '../../../../src/sdk/session/own/registered.ts';

const capabilities = { resume: false, usage: 'none', spends: false, approvals: false } as const;
const start = () => ({ interrupt() {}, terminate() {}, kill() {}, answerPermission() {} });

describe('the options of an own agent', () => {
  const read = (optionsSchema: z.ZodType, options: unknown) => readOptions({ optionsSchema }, options);

  test('without a schema are any JSON value, as it is', () => {
    for (const options of [{}, null, 'text', [1, { a: [] }]]) {
      expect(readOptions({}, options)).toEqual({ ok: true, stored: options, value: options });
    }
    for (const options of [undefined, () => {}, Symbol('x'), 1n]) {
      expect(readOptions({}, options)).toMatchObject({ ok: false, issues: [] });
    }
  });

  test('are stored with the defaults of the schema', () => {
    const schema = z.strictObject({ tone: z.string().default('plain'), depth: z.number().optional() });
    expect(read(schema, {})).toEqual({ ok: true, stored: { tone: 'plain' }, value: { tone: 'plain' } });
  });

  test('are stored as JSON, and parsed for the attempt', () => {
    const since = new Date(0);
    expect(read(z.object({ since: z.coerce.date() }), { since: 0 })).toEqual({
      ok: true,
      stored: { since: since.toISOString() },
      value: { since },
    });
  });

  test('name what is wrong with its place', () => {
    expect(read(z.object({ list: z.array(z.number()) }), { list: [1, 'x'] })).toMatchObject({
      ok: false,
      reason: expect.stringMatching(/^options\.list\.1: /),
      issues: [{ path: ['list', 1] }],
    });
  });

  test('cannot be read by a schema that refuses what it returns', () => {
    const oneWay = z.string().transform(Number);
    expect(read(oneWay, '7')).toMatchObject({
      ok: false,
      reason: expect.stringContaining('does not accept what it returns'),
    });
    const growing = z.string().transform(text => `${text}!`);
    expect(read(growing, 'x')).toMatchObject({ ok: false });
  });

  test('of a schema that throws, or answers later, are a problem and no crash', () => {
    const throwing = z.string().transform((): string => {
      throw new Error('boom');
    });
    expect(read(throwing, 'x')).toMatchObject({ ok: false, reason: expect.stringContaining('boom') });
    expect(
      read(
        z.string().refine(async () => true),
        'x',
      ),
    ).toMatchObject({ ok: false, issues: [] });
  });
});

test('what start and check get has the type of the schema', () => {
  const agent = defineAgent({
    kind: 'mine',
    capabilities,
    optionsSchema: z.object({ tone: z.string().default('plain') }),
    async check(options) {
      expectTypeOf(options?.agent).toEqualTypeOf<OwnAgentConfig<{ tone: string }> | undefined>();
      return { ok: true, warnings: [] };
    },
    start(spec) {
      expectTypeOf(spec.agent.options).toEqualTypeOf<{ tone: string }>();
      return start();
    },
  });
  expect(problemOf(agent)).toBeUndefined();
});

describe('registered agents', () => {
  test('are agents', () => {
    const of = (agent: unknown) => () => checkAgents({ mine: agent as never });
    expect(of({ kind: 'mine', capabilities, start })).not.toThrow();
    for (const [agent, message] of [
      [undefined, 'agents.mine: expected an agent, an object'],
      [{ capabilities }, 'agents.mine: the agent has no method start'],
      [{ start }, 'agents.mine: the agent has no capabilities'],
      [{ start, capabilities, optionsSchema: {} }, 'agents.mine: its optionsSchema is not a schema of zod 4'],
    ] as const) {
      expect(of(agent)).toThrow(expect.objectContaining({ code: 'invalid_argument', message }));
    }
  });

  test('can do what they say, and a built-in kind what it always can', () => {
    const can = capabilitiesOf({
      mine: { kind: 'mine', capabilities: { ...capabilities, mcp: true }, start },
      claude: { kind: 'claude', capabilities, start },
    });
    expect(can('mine')).toMatchObject({ mcp: true, instructions: false, structuredOutput: false, cap: true });
    expect(can('claude')).toMatchObject({ mcp: true, instructions: true, approvals: true });
    expect(can('constructor')).toMatchObject({ spends: false, mcp: false, standsIn: false });
  });
});
