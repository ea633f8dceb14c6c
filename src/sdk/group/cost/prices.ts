import type { UsageReport } from '../../session/agent.ts';
import type { Tokens } from '../../session/usage.ts';
import { type ModelPrice, PRICE_TABLE, type PriceTable, type TokenPrices } from './price-table.ts';

export interface Price {
  /** Whole micro-dollars, rounded to the nearest. */
  readonly microUsd: number;
  /** false: the model isn't in the table, and another model's prices were used. */
  readonly known: boolean;
}

/** What is priced of a reply. */
export type Priced = Pick<UsageReport, 'model' | 'tokens' | 'cacheWrite1h' | 'webSearches'>;

/** What a reply costs at list price, with the web searches that the API made for it. */
export function priceOf(usage: Priced, table: PriceTable = PRICE_TABLE): Price {
  const { price, known } = priceOfModel(usage.model, table);
  const tokens = priceOfTokens(usage.tokens, usage.cacheWrite1h ?? 0, atContext(price, usage.tokens));
  return { microUsd: Math.round(tokens + searches(usage.webSearches, table)), known };
}

export const searches = (count = 0, table: PriceTable = PRICE_TABLE): number =>
  count * (table.webSearch ?? 0);

/** The prices of a request with that context. */
function atContext(price: ModelPrice, { input, cacheRead, cacheWrite }: Tokens): TokenPrices {
  const { longContext } = price;
  return longContext && input + cacheRead + cacheWrite > longContext.over ? longContext : price;
}

/** In micro-dollars, not rounded. */
export function priceOfTokens(tokens: Tokens, cacheWrite1h: number, price: TokenPrices): number {
  const oneHour = Math.min(cacheWrite1h, tokens.cacheWrite);
  const millionths =
    tokens.input * price.input +
    tokens.output * price.output +
    tokens.cacheRead * price.cacheRead +
    (tokens.cacheWrite - oneHour) * price.cacheWrite5m +
    oneHour * price.cacheWrite1h;
  return millionths / 1_000_000;
}

/**
 * Looks up a model's price by its exact name, then by the name without cloud and date affixes, as Claude Code does
 * (`us.anthropic.NAME-v1:0`, `NAME@20260101`, `NAME-20260101`, `NAME[1m]`). Otherwise it is a guess: the nearest
 * version of the family that the name contains, and without one the newest opus, as Claude Code prices it (ADR 21).
 */
export function priceOfModel(
  model: string,
  table: PriceTable = PRICE_TABLE,
): { price: ModelPrice; known: boolean } {
  const price = own(table, model) ?? own(table, bareName(model));
  return price ? { price, known: true } : { price: nearestPrice(table, model), known: false };
}

const own = (table: PriceTable, model: string): ModelPrice | undefined =>
  Object.hasOwn(table.models, model) ? table.models[model] : undefined;

/** Without cloud and date affixes. */
export function bareName(model: string): string {
  const known = bareNames.get(model);
  if (known !== undefined) return known;
  if (bareNames.size >= MOST_NAMES) bareNames.clear(); // agents may name what they like
  const name = withoutAffixes(model);
  bareNames.set(model, name);
  return name;
}

const bareNames = new Map<string, string>();
const MOST_NAMES = 1_000;

const withoutAffixes = (model: string): string =>
  model
    .replace(/^.*\banthropic[./]/, '')
    .replace(/\[[^\]]*\]$/, '')
    .replace(/-v\d+(:\d+)?$/, '')
    .replace(/[@-]\d{8}$/, '');

const FAMILIES = ['opus', 'sonnet', 'haiku', 'fable'];
const DEFAULT_FAMILY = 'opus';

/** Within a family the table has the newest model first; of two equally near ones, that is taken. */
function nearestPrice(table: PriceTable, model: string): ModelPrice {
  const name = bareName(model).toLowerCase();
  const family = FAMILIES.find(known => name.includes(known)) ?? DEFAULT_FAMILY;
  const all = Object.entries(table.models);
  const related = all.filter(([known]) => known.includes(family));
  const [first, ...others] = related;
  if (!first) return highestPrices(table);
  const version = versionOf(name, family);
  const distance = (known: string): number =>
    version === undefined ? 0 : Math.abs((versionOf(known, family) ?? 0) - version);
  return others.reduce((best, other) => (distance(other[0]) < distance(best[0]) ? other : best), first)[1];
}

/** `claude-sonnet-4-6` and `claude-4-6-sonnet` are version 4.06; undefined if the name has none. */
function versionOf(name: string, family: string): number | undefined {
  const [, major, minor] = /(\d{1,2})(?:[-.](\d{1,2}))?(?!\d)/.exec(name.replace(family, '')) ?? [];
  return major === undefined ? undefined : Number(major) + Number(minor ?? 0) / 100;
}

/** For a table without the family. */
function highestPrices(table: PriceTable): ModelPrice {
  const all = Object.values(table.models).flatMap(price => [price, price.longContext ?? price]);
  const most = (kind: keyof TokenPrices): number => Math.max(0, ...all.map(price => price[kind]));
  return {
    input: most('input'),
    output: most('output'),
    cacheRead: most('cacheRead'),
    cacheWrite5m: most('cacheWrite5m'),
    cacheWrite1h: most('cacheWrite1h'),
  };
}
