import { describe, expect, it } from 'vitest';
import { PRICE_TABLE, type PriceTable } from '../../../../src/sdk/group/cost/price-table.ts';
import { priceOf, priceOfModel } from '../../../../src/sdk/group/cost/prices.ts';

const prices = { input: 2_000_000, output: 10_000_000, cacheRead: 100_000, cacheWrite5m: 2_500_000 };
const table: PriceTable = {
  measured: '2026-01-01',
  source: 'a test',
  models: {
    'claude-a-1': { ...prices, cacheWrite1h: 4_000_000 },
    'claude-b-2': {
      ...prices,
      input: 3_000_000,
      cacheWrite1h: 1_000_000,
      longContext: { ...prices, over: 1_000, input: 9_000_000, cacheWrite1h: 1_000_000 },
    },
  },
};
const none = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
const usd = (model: string, tokens: Partial<typeof none>, cacheWrite1h?: number): number =>
  priceOf({ model, tokens: { ...none, ...tokens }, ...(cacheWrite1h && { cacheWrite1h }) }, table).microUsd;

describe('the price of a reply', () => {
  it('prices every kind of token separately, in whole micro-dollars', () => {
    expect(usd('claude-a-1', { input: 100 })).toBe(200);
    expect(usd('claude-a-1', { output: 25 })).toBe(250);
    expect(usd('claude-a-1', { cacheRead: 1_000 })).toBe(100);
    expect(usd('claude-a-1', { cacheWrite: 10 })).toBe(25);
    expect(usd('claude-a-1', { input: 100, output: 25, cacheRead: 1_000, cacheWrite: 10 })).toBe(575);
    expect(usd('claude-a-1', { cacheRead: 4 })).toBe(0);
    expect(usd('claude-a-1', { cacheRead: 5 })).toBe(1);
  });

  it('prices one-hour cache entries higher, and never more of them than were written', () => {
    expect(usd('claude-a-1', { cacheWrite: 10 }, 4)).toBe(6 * 2.5 + 4 * 4);
    expect(usd('claude-a-1', { cacheWrite: 10 }, 99)).toBe(40);
  });

  it('uses long-context prices for models that have them', () => {
    expect(usd('claude-b-2', { input: 1_000 })).toBe(3_000);
    expect(usd('claude-b-2', { input: 1_001 })).toBe(9_009);
    expect(usd('claude-b-2', { input: 1, cacheRead: 500, cacheWrite: 500 })).toBe(9 + 50 + 1_250);
    expect(usd('claude-b-2', { input: 1_000, output: 5_000 })).toBe(3_000 + 50_000);
  });

  it.each([
    'claude-a-1',
    'claude-a-1-20270101',
    'claude-a-1@20270101',
    'claude-a-1[1m]',
    'us.anthropic.claude-a-1-v1:0',
    'anthropic.claude-a-1-20270101-v2:0',
  ])('finds %s', model => {
    expect(priceOfModel(model, table)).toEqual({ price: table.models['claude-a-1'], known: true });
  });

  it.each(['claude-a-9', 'claude-a', 'gpt', '', 'toString', '__proto__'])(
    'takes the highest price of each kind for %j in a table without its family, and says so',
    model => {
      const { price, known } = priceOfModel(model, table);
      expect(known).toBe(false);
      expect(price).toEqual({ ...prices, input: 9_000_000, cacheWrite1h: 4_000_000 });
    },
  );

  it.each([
    ['claude-sonnet-9', 'claude-sonnet-5-5'],
    ['claude-sonnet-4-7', 'claude-sonnet-4-6'],
    ['claude-4-5-sonnet-20290101', 'claude-sonnet-4-5'],
    ['us.anthropic.claude-haiku-6-v1:0', 'claude-haiku-5-5'],
    ['opus', 'claude-opus-5-5'],
    ['claude-fable-4', 'claude-fable-5'],
    ['brand-new', 'claude-opus-5-5'],
    ['', 'claude-opus-5-5'],
  ])('guesses the price of %j from %s', (model, nearest) => {
    expect(priceOfModel(model)).toEqual({ price: PRICE_TABLE.models[nearest], known: false });
  });

  it('adds the web searches that the API made', () => {
    const usage = { model: 'claude-sonnet-5-5', tokens: { ...none, input: 100 }, webSearches: 3 };
    expect(priceOf(usage)).toEqual({ microUsd: 200 + 30_000, known: true });
  });

  it('ships a dated table that names its source', () => {
    expect(PRICE_TABLE.measured).toMatch(/^\d{4}-\d\d-\d\d$/);
    expect(PRICE_TABLE.source).toMatch(/^Claude Code \d+\.\d+\.\d+$/);
    expect(priceOf({ model: 'claude-sonnet-5-5', tokens: { ...none, input: 100, output: 25 } })).toEqual({
      microUsd: 450,
      known: true,
    });
  });
});
