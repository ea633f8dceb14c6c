import type { ModelFigure } from '../../session/agent.ts';
import { NO_TOKENS, type Tokens } from '../../session/usage.ts';
import { PRICE_TABLE, type PriceTable, type TokenPrices } from './price-table.ts';
import {
  bareName,
  type Price,
  type Priced,
  priceOf,
  priceOfModel,
  priceOfTokens,
  searches,
} from './prices.ts';

/** Figures are sums of rounded parts: a smaller difference from the table teaches nothing. */
const TOLERANCE = 0.005;
const LEAST_MICRO_USD = 100;

/**
 * The prices with which a group estimates: the table, corrected by what the agents' own figures show. A figure covers
 * many requests, of which only the sums are known, so what is learned is one factor for a model: how far its figure is
 * outside the cheapest and the dearest reading of its tokens at the table's prices. It is kept in memory only; after a
 * restart, the first figure teaches it again.
 */
export class PriceBook {
  readonly #table: PriceTable;
  readonly #factors = new Map<string, number>();

  constructor(table: PriceTable = PRICE_TABLE) {
    this.#table = table;
  }

  priceOf(usage: Priced): Price {
    const { microUsd, known } = priceOf(usage, this.#table);
    const factor = this.#factors.get(bareName(usage.model));
    if (factor === undefined) return { microUsd, known };
    const search = searches(usage.webSearches, this.#table);
    return { microUsd: Math.round((microUsd - search) * factor + search), known: true };
  }

  /**
   * A subagent whose replies are not shown. What it reports is its latest context: each token of it was once written to
   * the cache, and on average half of its replies have read it from there (ADR 21). Its output is not in it.
   */
  priceOfSubagent(model: string | undefined, contextTokens: number, toolUses = 0): number {
    const read = Math.round((contextTokens * toolUses) / 2);
    const tokens: Tokens = { ...NO_TOKENS, cacheWrite: contextTokens };
    const written = this.priceOf({ model: model ?? '', tokens }).microUsd;
    return written + this.#cacheReads(model ?? '', read);
  }

  /** Learns from an agent's own figure for a model. Returns whether later estimates differ. */
  learn(model: string, { costUsd, tokens, cacheWrite1h, webSearches }: ModelFigure): boolean {
    const figure = costUsd * 1_000_000 - searches(webSearches, this.#table);
    const { price, known } = priceOfModel(model, this.#table);
    const readings = [price, price.longContext ?? price].flatMap((prices: TokenPrices) =>
      [cacheWrite1h ?? 0, cacheWrite1h ?? tokens.cacheWrite].map(hour => priceOfTokens(tokens, hour, prices)),
    );
    const [cheapest, dearest] = [Math.min(...readings), Math.max(...readings)];
    if (!(figure >= LEAST_MICRO_USD && cheapest >= LEAST_MICRO_USD)) return false;
    let factor = 1;
    if (figure < cheapest * (1 - TOLERANCE)) factor = figure / cheapest;
    else if (figure > dearest * (1 + TOLERANCE)) factor = figure / dearest;
    const name = bareName(model);
    const before = this.#factors.get(name);
    if (factor === 1 && known) this.#factors.delete(name);
    else this.#factors.set(name, factor);
    return this.#factors.get(name) !== before;
  }

  /** Each read is a request of its own, so its context is never a long one. */
  #cacheReads(model: string, tokens: number): number {
    const { price } = priceOfModel(model, this.#table);
    return Math.round((tokens * price.cacheRead * (this.#factors.get(bareName(model)) ?? 1)) / 1_000_000);
  }
}
