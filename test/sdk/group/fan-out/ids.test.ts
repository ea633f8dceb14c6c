import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fanOutIds, idPattern } from '../../../../src/sdk/group/fan-out/ids.ts';
import { SESSION_ID } from '../../../../src/sdk/group/types.ts';
import { runs } from '../../../support/runs.ts';

const pattern = (id: string) => idPattern(id) ?? expect.fail(`no pattern: ${id}`);
const idsOf = (id: string, ...values: string[]) => [...fanOutIds(pattern(id), values).values()];

describe('the id of a session of a fan-out', () => {
  test('is its name with the slug of the value', () => {
    expect(idsOf('audit', 'packages/api', 'Web App', '../lib')).toEqual([
      'audit.packages-api',
      'audit.web-app',
      'audit.lib',
    ]);
  });

  test('has the slug where the value is named', () => {
    expect(idsOf('{{ each }}_audit', 'packages/api')).toEqual(['packages-api_audit']);
    expect(idsOf('x-{{each}}.y', 'a b')).toEqual(['x-a-b.y']);
  });

  test('has a hash where the slug is empty, too long or that of another value', () => {
    const hashed = expect.stringMatching(/^audit\.a-b-[0-9a-f]{12}$/);
    expect(idsOf('audit', 'a/b', 'a-b', 'a b')).toEqual([hashed, 'audit.a-b', hashed]);
    expect(idsOf('audit', '日本')).toEqual([expect.stringMatching(/^audit\.[0-9a-f]{12}$/)]);
    const long = 'x'.repeat(100);
    const ids = idsOf('audit', `${long}1`, `${long}2`);
    expect(ids.map(id => id.length)).toEqual([64, 64]);
    expect(new Set(ids).size).toBe(2);
  });

  test('is kept by a value that has one, whatever values come', () => {
    const before = fanOutIds(pattern('audit'), ['a/b']);
    expect(before.get('a/b')).toBe('audit.a-b');
    const after = fanOutIds(pattern('audit'), ['a-b', 'a/b'], before);
    expect(after.get('a/b')).toBe('audit.a-b');
    expect(after.get('a-b')).toMatch(/^audit\.a-b-[0-9a-f]{12}$/);
  });

  test('is no slug of another value, even if somebody aims at it', () => {
    const [hash = ''] = idsOf('audit', 'a/b', 'a b');
    const aimed = hash.slice('audit.'.length);
    expect(new Set(idsOf('audit', 'a/b', 'a b', aimed)).size).toBe(3);
  });
});

describe('the name of a fan-out', () => {
  test.each([
    ['audit', 'audit'],
    ['audit-{{ each }}', 'audit'],
    ['{{ each }}.audit', 'audit'],
    ['a_{{ each }}_b', 'a-b'],
    ['{{ each }}', undefined],
    ['{{ each }}-{{ each }}-x', undefined],
  ])('of %j is %j', (id, name) => {
    expect(idPattern(id)?.name).toBe(name);
  });
});

/** Values that are likely to collide, and any others. */
const value = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', 'A', '/', '-', '.', ' '), minLength: 1, maxLength: 4 }),
  fc.string({ unit: 'grapheme', minLength: 1, maxLength: 120 }),
);
const values = fc.uniqueArray(value, { minLength: 1, maxLength: 40 });
const id = fc.constantFrom('audit', 'a-{{ each }}', '{{ each }}.b', `${'n'.repeat(40)}`);

describe('the ids of any values', () => {
  test('are different, valid, and the same in any order (FAN-OUT-1, FAN-OUT-2, FAN-OUT-3)', () => {
    fc.assert(
      fc.property(values, id, (list, template) => {
        const ids = fanOutIds(pattern(template), list);
        expect(new Set(ids.values()).size).toBe(list.length);
        for (const one of ids.values()) expect(one).toMatch(SESSION_ID);
        expect(new Map(fanOutIds(pattern(template), list.toReversed()))).toEqual(ids);
      }),
      { numRuns: runs(300) },
    );
  });

  test('stay with their values, whatever others come and go (FAN-OUT-2)', () => {
    fc.assert(
      fc.property(values, values, id, (first, second, template) => {
        const before = fanOutIds(pattern(template), first);
        const after = fanOutIds(pattern(template), second, before);
        expect(new Set(after.values()).size).toBe(second.length);
        for (const one of second) if (before.has(one)) expect(after.get(one)).toBe(before.get(one));
      }),
      { numRuns: runs(300) },
    );
  });
});
