import fc from 'fast-check';
import { z } from 'zod';
import { SESSION_STATUSES } from '../../machines/vocabulary.ts';
import { GroupEventBody } from '../../src/sdk/group/journal/events.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';

/** Values of any event schema, including types and fields that are added later. */
function anyOf(schema: z.core.$ZodType): fc.Arbitrary<unknown> {
  if (schema instanceof z.ZodLiteral) return fc.constantFrom(...schema.values);
  if (schema instanceof z.ZodEnum) return fc.constantFrom(...schema.options);
  if (schema instanceof z.ZodBoolean) return fc.boolean();
  if (schema instanceof z.ZodNumber) return fc.nat({ max: 3_000_000 }).map(n => n / 1_000);
  if (schema instanceof z.ZodString) return fc.string();
  if (schema instanceof z.ZodUnknown) return fc.jsonValue();
  if (schema instanceof z.ZodArray) return fc.array(anyOf(schema.element), { maxLength: 3 });
  if (schema instanceof z.ZodUnion) return fc.oneof(...schema.options.map(anyOf));
  if (schema instanceof z.ZodNullable) return fc.option(anyOf(schema.unwrap() as z.ZodType), { nil: null });
  if (schema instanceof z.ZodRecord) return fc.dictionary(fc.string(), anyOf(schema.valueType));
  if (schema instanceof z.ZodObject) return fieldsOf(schema);
  if (schema instanceof z.ZodNullable) return fc.option(anyOf(schema.unwrap()));
  throw new Error(`no values for a ${schema._zod.def.type}`);
}

const SESSION_IDS = ['a', 'b', 'c', 'd', 'e'];
const sessionId = fc.constantFrom(...SESSION_IDS);

function fieldsOf({ shape }: z.ZodObject): fc.Arbitrary<Record<string, unknown>> {
  const requiredKeys: string[] = [];
  const fields: Record<string, fc.Arbitrary<unknown>> = {};
  for (const [name, schema] of Object.entries(shape)) {
    if (!(schema instanceof z.ZodOptional)) requiredKeys.push(name);
    if (name === 'sessionId') fields[name] = sessionId;
    else if (name === 'sessions') fields[name] = fc.subarray(SESSION_IDS);
    else fields[name] = anyOf(schema instanceof z.ZodOptional ? schema.unwrap() : schema);
  }
  return fc.record(fields, { requiredKeys });
}

const amount = fc.nat({ max: 5_000_000 });
const tokens = fc.record({ input: amount, output: amount, cacheRead: amount, cacheWrite: amount });
const internal: fc.Arbitrary<object> = fc.oneof(
  fc.record({ type: fc.constant('_status'), sessionId, status: fc.constantFrom(...SESSION_STATUSES) }),
  fc.record({ type: fc.constant('_spawned'), sessionId, pid: amount }),
  fc.record({ type: fc.constant('_conversation'), sessionId }),
  fc.record({ type: fc.constant('_held'), sessionId, held: fc.boolean() }),
  fc.constant({ type: '_taken_over' }),
  fc.record({
    type: fc.constant('_ledger'),
    sessionId,
    settled: amount,
    tokens,
    conversation: amount,
    unreported: amount,
  }),
);
const event: fc.Arbitrary<object> = fc.oneof(...GroupEventBody.options.map(anyOf)) as fc.Arbitrary<object>;

/** A group's journal: any records, in any order, with the `seq` and times that a writer assigns. */
export const journals = (groupId: string, maxLength = 60): fc.Arbitrary<readonly JournalRecord[]> =>
  fc
    .array(
      fc.record({
        body: fc.oneof({ weight: 1, arbitrary: internal }, { weight: 2, arbitrary: event }),
        ms: fc.nat(5_000),
      }),
      {
        maxLength,
        size: 'max',
      },
    )
    .map(entries => {
      let [seq, at] = [0, Date.UTC(2026, 0, 1)];
      const records = entries.map(({ body, ms }) => {
        at += ms;
        const isInternal = 'type' in body && String(body.type).startsWith('_');
        const head = { seq, time: new Date(at).toISOString(), groupId };
        if (!isInternal) seq += 1;
        return isInternal ? body : { ...body, ...head };
      });
      return JSON.parse(JSON.stringify(records)) as readonly JournalRecord[];
    });
