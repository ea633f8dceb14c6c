import { expect, test } from 'vitest';
import { lengthOf, stretchesOf } from '../../src/serve/page/model/stretches.ts';

const at = (second: number): string => new Date(second * 1_000).toISOString();
const cut = (
  span: { readonly startedAt: string; readonly endedAt?: string },
  suspensions: Parameters<typeof stretchesOf>[1],
) => stretchesOf(span, suspensions, 100_000).map(({ from, to }) => [from / 1_000, to / 1_000]);

test.each([
  ['was never suspended', [], [[10, 20]]],
  [
    'was suspended in the middle',
    [{ from: at(12), to: at(15) }],
    [
      [10, 12],
      [15, 20],
    ],
  ],
  [
    'was suspended twice',
    [
      { from: at(11), to: at(12) },
      { from: at(18), to: at(19) },
    ],
    [
      [10, 11],
      [12, 18],
      [19, 20],
    ],
  ],
  [
    'was suspended before and after',
    [
      { from: at(1), to: at(2) },
      { from: at(20), to: at(30) },
    ],
    [[10, 20]],
  ],
  [
    'began and ended with a suspension',
    [
      { from: at(9), to: at(11) },
      { from: at(19), to: at(20) },
    ],
    [[11, 19]],
  ],
  ['was suspended all the time', [{ from: at(9), to: at(30) }], [[20, 20]]],
])('an attempt that %s', (_, suspensions, expected) => {
  expect(cut({ startedAt: at(10), endedAt: at(20) }, suspensions)).toEqual(expected);
});

test('an attempt that is suspended has ended for now, and goes on afterwards', () => {
  const span = { startedAt: at(10) };
  expect(cut(span, undefined)).toEqual([[10, 100]]);
  expect(cut(span, [{ from: at(12) }])).toEqual([[10, 12]]);
  expect(cut(span, [{ from: at(12), to: at(90) }])).toEqual([
    [10, 12],
    [90, 100],
  ]);
  expect(lengthOf(stretchesOf(span, [{ from: at(12), to: at(90) }], 100_000))).toBe(12_000);
});
