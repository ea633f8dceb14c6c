import { expect, it } from 'vitest';
import { soundLedger } from '../../../../src/sdk/group/cost/session-ledger.ts';

const tokens = { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 };
const before = { settled: 5, tokens, conversation: 6, unreported: 7 };

it.each([-1, Number.NaN, Infinity, null, undefined, '9'])('an amount of %s leaves what was there', odd => {
  const said = {
    settled: odd,
    tokens: { input: odd, output: 20, cacheRead: odd },
    conversation: odd,
    unreported: 0,
  };
  expect(soundLedger(said as never, before)).toEqual({
    ...before,
    tokens: { ...tokens, output: 20 },
    unreported: 0,
  });
  expect(soundLedger({ ...before, tokens: odd } as never, before)).toEqual(before);
});
