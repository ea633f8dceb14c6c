import { expect, it } from 'vitest';
import { z } from 'zod';
import { count, maybe, tolerate } from '../../../../src/sdk/session/stream-json/tolerant.ts';

const Shape = z.object({
  id: z.string(),
  name: maybe(z.string()),
  size: maybe(count),
  items: maybe(z.array(z.object({ key: z.string(), value: maybe(z.number()) }))),
  by: maybe(z.record(z.string(), z.object({ n: maybe(count) }))),
  any: z.unknown().optional(),
});
const read = (text: string) => tolerate(Shape, JSON.parse(text));

it('what is missing or null is absent, and nothing is said of it', () => {
  const value = { id: 'a', name: undefined, size: undefined, items: undefined, by: undefined };
  expect(read('{"id":"a"}')?.unread).toEqual([]);
  expect(read('{"id":"a","name":null,"size":null,"items":null,"by":null}')).toEqual({ value, unread: [] });
});

it('what has another type is absent too, and is named', () => {
  const text = `{"id":"a","name":1,"size":-1,"by":{"x":{"n":1e999},"y":7,"z":{"n":2}},
    "items":[null,{"key":"a","value":"1"},{"value":3},{"key":"b","value":4}],"any":{"as":["it",null]}}`;
  expect(read(text)).toEqual({
    value: {
      id: 'a',
      by: { x: {}, z: { n: 2 } },
      items: [{ key: 'a' }, { key: 'b', value: 4 }],
      any: { as: ['it', null] },
    },
    unread: ['name', 'size', 'items.0', 'items.1.value', 'items.2', 'by.x.n', 'by.y'],
  });
});

it.each(['{}', '{"id":null}', '{"id":7}', '[]', 'null', '"id"'])(
  'without what is required, nothing is read: %s',
  text => {
    const value = read(text);
    expect(value).toBeUndefined();
  },
);
