import fc from 'fast-check';
import { expect, test } from 'vitest';
import { deepMerge } from '../../../../src/sdk/group/config/deep-merge.ts';

test('maps merge at every depth; lists, null and other values replace', () => {
  const base = { permissions: { allow: ['A'], deny: ['B'] }, model: 'opus', env: { A: '1' }, gone: 1 };
  const over = { permissions: { allow: ['C'] }, model: 'sonnet', env: { B: '2' }, gone: null };
  expect(deepMerge(base, over)).toEqual({
    permissions: { allow: ['C'], deny: ['B'] },
    model: 'sonnet',
    env: { A: '1', B: '2' },
    gone: null,
  });
});

test('a map replaces a value, and a value replaces a map', () => {
  expect(deepMerge({ a: 1, b: { c: 1 } }, { a: { d: 2 }, b: [3] })).toEqual({ a: { d: 2 }, b: [3] });
});

test('no key reaches a prototype', () => {
  const merged = deepMerge(JSON.parse('{"__proto__":{"a":1}}'), JSON.parse('{"__proto__":{"b":2}}'));
  expect(JSON.stringify(merged)).toBe('{"__proto__":{"a":1,"b":2}}');
  expect(Object.getPrototypeOf(merged)).toBe(Object.prototype);
  expect('b' in {}).toBe(false);
});

const map = fc.dictionary(fc.string(), fc.jsonValue());
const json = (value: unknown) => JSON.parse(JSON.stringify(value));

test('everything in the overlay is there, everything only in the base stays, and neither is changed', () => {
  fc.assert(
    fc.property(map, map, (base, over) => {
      const before = JSON.stringify([base, over]);
      const merged = deepMerge(base, over);
      expect(JSON.stringify([base, over])).toBe(before);
      expect(covers(merged, over)).toBe(true);
      for (const [key, value] of Object.entries(base)) {
        if (!Object.hasOwn(over, key)) expect(json(Object(merged)[key])).toEqual(json(value));
      }
      expect(json(deepMerge(merged, over))).toEqual(json(merged));
      expect(json(deepMerge(merged, {}))).toEqual(json(merged));
    }),
  );
});

/** Whether every non-map value of `part` is in the same place of `whole`. */
function covers(whole: unknown, part: unknown): boolean {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) {
    return JSON.stringify(whole) === JSON.stringify(part);
  }
  return Object.entries(part).every(
    ([key, value]) =>
      typeof whole === 'object' &&
      whole !== null &&
      Object.hasOwn(whole, key) &&
      covers(Object.getOwnPropertyDescriptor(whole, key)?.value, value),
  );
}
