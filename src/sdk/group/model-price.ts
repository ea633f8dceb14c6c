/** Micro-dollars per million tokens, that is: millionths of the usual "USD per million tokens". */
export interface TokenPrices {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Cache entries that live five minutes. */
  readonly cacheWrite5m: number;
  /** Cache entries that live one hour. */
  readonly cacheWrite1h: number;
}

export interface ModelPrice extends TokenPrices {
  /** Prices of requests whose context (input, cache reads and cache writes) has more than `over` tokens. */
  readonly longContext?: TokenPrices & { readonly over: number };
}

export interface PriceTable {
  /** ISO date of the measurement. */
  readonly measured: string;
  /** Where the figures come from. */
  readonly source: string;
  readonly models: Readonly<Record<string, ModelPrice>>;
}
