import { describe, expect, it } from 'vitest';
import { PriceBook } from '../../../../src/sdk/group/cost/price-book.ts';
import { NO_TOKENS } from '../../../../src/sdk/session/usage.ts';

const input = (tokens: number) => ({ ...NO_TOKENS, input: tokens });
const MILLION = 1_000_000;

describe('the prices that a group estimates with', () => {
  it("are learned from the agent's own figure for a model that the table doesn't know", () => {
    const prices = new PriceBook();
    const reply = { model: 'claude-sonnet-9', tokens: input(MILLION) };
    expect(prices.priceOf(reply)).toEqual({ microUsd: 2_000_000, known: false });
    expect(prices.learn('claude-sonnet-9', { costUsd: 0.4, tokens: input(100_000) })).toBe(true);
    expect(prices.priceOf(reply)).toEqual({ microUsd: 4_000_000, known: true });
    expect(prices.priceOf({ ...reply, model: 'claude-sonnet-9[1m]' }).microUsd).toBe(4_000_000);
    expect(prices.priceOf({ ...reply, model: 'claude-sonnet-8' }).known).toBe(false);
  });

  it('become known if the figure confirms the guess', () => {
    const prices = new PriceBook();
    prices.learn('claude-sonnet-9', { costUsd: 0.2, tokens: input(100_000) });
    expect(prices.priceOf({ model: 'claude-sonnet-9', tokens: input(MILLION) })).toEqual({
      microUsd: 2_000_000,
      known: true,
    });
  });

  it('follow a figure that differs from the table, and return to the table with one that agrees', () => {
    const prices = new PriceBook();
    const reply = { model: 'claude-sonnet-5-5', tokens: input(MILLION) };
    expect(prices.learn('claude-sonnet-5-5', { costUsd: 0.3, tokens: input(100_000) })).toBe(true);
    expect(prices.priceOf(reply)).toEqual({ microUsd: 3_000_000, known: true });
    expect(prices.learn('claude-sonnet-5-5', { costUsd: 0.2, tokens: input(100_000) })).toBe(true);
    expect(prices.priceOf(reply).microUsd).toBe(2_000_000);
  });

  it.each([
    ['rounding', 'claude-sonnet-5-5', { costUsd: 0.200_001, tokens: input(100_000) }],
    ['a figure of nothing', 'claude-sonnet-5-5', { costUsd: 0, tokens: input(100_000) }],
    ['a figure without tokens', 'claude-sonnet-5-5', { costUsd: 1, tokens: NO_TOKENS }],
    ['long contexts among short ones', 'claude-haiku-5-5', { costUsd: 0.2, tokens: input(MILLION) }],
    [
      'cache entries of an unknown lifetime',
      'claude-sonnet-5-5',
      { costUsd: 3, tokens: { ...NO_TOKENS, cacheWrite: MILLION } },
    ],
    ['web searches', 'claude-sonnet-5-5', { costUsd: 0.25, tokens: input(100_000), webSearches: 5 }],
  ])('learn nothing from %s', (_, model, figure) => {
    expect(new PriceBook().learn(model, figure)).toBe(false);
  });

  it('leave web searches at their own price', () => {
    const prices = new PriceBook();
    prices.learn('claude-sonnet-5-5', { costUsd: 0.4, tokens: input(100_000) });
    const reply = { model: 'claude-sonnet-5-5', tokens: input(1_000), webSearches: 1 };
    expect(prices.priceOf(reply).microUsd).toBe(4_000 + 10_000);
  });

  it("price a subagent's context as written to the cache once, and read by half of its replies", () => {
    const prices = new PriceBook();
    expect(prices.priceOfSubagent('claude-sonnet-5-5', 100_000)).toBe(250_000);
    expect(prices.priceOfSubagent('claude-sonnet-5-5', 100_000, 20)).toBe(250_000 + 100_000);
    expect(prices.priceOfSubagent(undefined, 100_000)).toBe(500_000);
    prices.learn('claude-sonnet-5-5', { costUsd: 0.4, tokens: input(100_000) });
    expect(prices.priceOfSubagent('claude-sonnet-5-5', 100_000, 20)).toBe(700_000);
  });
});
