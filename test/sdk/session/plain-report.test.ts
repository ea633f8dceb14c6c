import { expect, test } from 'vitest';
import type { AgentEvent } from '../../../src/sdk/session/agent.ts';
import { plainReport } from '../../../src/sdk/session/reports/plain-report.ts';
import { bySchema, readReport } from '../../../src/sdk/session/reports/read-report.ts';

const LONG = 'n'.repeat(1_001);
const tokens = { input: 1, output: 2, cacheRead: 0, cacheWrite: 0 };
const reply = { type: 'usage', messageId: 'm', model: 'opus', tokens, final: true };
const done = { outcome: 'done', result: 'ok', denials: [] };
/** What fields of reports may be, and what they may not be. */
const VALUES = [
  undefined,
  null,
  '',
  'text',
  LONG,
  'x'.repeat(65_537),
  0,
  -1,
  1.5,
  Number.NaN,
  2e12,
  true,
  [],
  ['a'],
  {},
  tokens,
];
const DENIAL = { tool: 'Bash', refusedBy: 'rule', more: 1 };

const PLAIN: Readonly<Record<string, unknown>>[] = [
  { type: 'activity' },
  { type: 'started', conversationId: 'c' },
  { type: 'started', conversationId: 'c', model: 'opus', version: '1' },
  { type: 'message', role: 'assistant', text: 'x' },
  { type: 'tool_started', toolUseId: 't', tool: 'Bash' },
  { type: 'tool_finished', toolUseId: 't', isError: true },
  reply,
  { ...reply, cacheWrite1h: 1 },
  { type: 'ended', end: { outcome: 'interrupted' } },
  { type: 'ended', end: done },
  { type: 'ended', end: { ...done, output: { a: [1] } } },
];
const UNUSUAL: Readonly<Record<string, unknown>>[] = [
  { type: 'started', conversationId: 'c', warnings: ['w'], startedOver: true },
  { type: 'started', conversationId: 'c', model: 'opus' },
  { ...reply, costUsd: 1, webSearches: 2 },
  { type: 'ended', end: { ...done, denials: [DENIAL] } },
  { type: 'ended', end: { outcome: 'failed', code: 'process_lost', message: 'x' } },
  { type: 'ended', end: { outcome: 'limited', message: 'x', until: 1 } },
];

/** Each report, and each with one of its fields, or one of a field's, replaced by something else, or with one more. */
function* variants(): Generator<Readonly<Record<string, unknown>>> {
  for (const event of [...PLAIN, ...UNUSUAL]) {
    yield event;
    yield { ...event, extra: 1 };
    for (const [field, inner] of Object.entries(event)) {
      if (field === 'type') continue;
      for (const value of VALUES) {
        yield { ...event, [field]: value };
        if (typeof inner !== 'object' || inner === null) continue;
        for (const name of Object.keys(inner)) yield { ...event, [field]: { ...inner, [name]: value } };
      }
    }
  }
}

test('a report that is read without its schema is read like by it, and what the schema refuses is left to it', () => {
  let read = 0;
  for (const event of variants()) {
    const type = event.type as AgentEvent['type'];
    const plain = plainReport(type, event);
    const right = bySchema(type, event);
    if (plain === undefined) continue;
    read++;
    expect(plain).toEqual(right.taken);
  }
  expect(read).toBeGreaterThan(PLAIN.length * 3);
  for (const event of PLAIN) expect(plainReport(event.type as AgentEvent['type'], event)).toBeDefined();
  for (const event of UNUSUAL) expect(plainReport(event.type as AgentEvent['type'], event)).toBeUndefined();
});

test('what is no object is refused, whatever fields it has', () => {
  for (const event of PLAIN) {
    const list = Object.assign([], event) as unknown as AgentEvent;
    expect(readReport(list)).toMatchObject({
      type: event.type,
      what: expect.stringContaining('expected object'),
    });
  }
});

test('what is taken is a copy', () => {
  for (const event of PLAIN) {
    const { taken } = readReport(event as AgentEvent);
    expect(taken).toEqual(event);
    expect(taken).not.toBe(event);
    if (taken?.type === 'usage') expect(taken.tokens).not.toBe(event.tokens);
    if (taken?.type === 'ended') expect(taken.end).not.toBe(event.end);
  }
});
