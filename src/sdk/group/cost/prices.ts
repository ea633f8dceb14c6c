import type { UsageReport } from '../../session/agent.ts';
import { type ModelPrice, PRICE_TABLE, type PriceTable, type TokenPrices } from './price-table.ts';

export interface Price {
  /** Whole micro-dollars, rounded to the nearest. */
  readonly microUsd: number;
  /** false: the model isn't in the table, and the table's highest prices were used. */
  readonly known: boolean;
}

/**
 * What a reply costs at list price. An estimate until the agent reports its own cost: server-side tools such
 * as web search are not included.
 */
export function priceOf(
  usage: Pick<UsageReport, 'model' | 'tokens' | 'cacheWrite1h'>,
  table: PriceTable = PRICE_TABLE,
): Price {
  const { tokens } = usage;
  const { price: ofModel, known } = priceOfModel(usage.model, table);
  const context = tokens.input + tokens.cacheRead + tokens.cacheWrite;
  const { longContext } = ofModel;
  const price = longContext && context > longContext.over ? longContext : ofModel;
  const oneHour = Math.min(usage.cacheWrite1h ?? 0, tokens.cacheWrite);
  const millionths =
    tokens.input * price.input +
    tokens.output * price.output +
    tokens.cacheRead * price.cacheRead +
    (tokens.cacheWrite - oneHour) * price.cacheWrite5m +
    oneHour * price.cacheWrite1h;
  return { microUsd: Math.round(millionths / 1_000_000), known };
}

/**
 * Looks up a model's price by its exact name, then by the name without cloud and date affixes, as Claude Code does
 * (`us.anthropic.NAME-v1:0`, `NAME@20260101`, `NAME-20260101`, `NAME[1m]`); otherwise takes the table's highest price
 * for each kind of token. Claude Code prices unknown models like its default model, whatever family the name
 * suggests, so no family is guessed here.
 */
export function priceOfModel(
  model: string,
  table: PriceTable = PRICE_TABLE,
): { price: ModelPrice; known: boolean } {
  const price = own(table, model) ?? own(table, bareName(model));
  return price ? { price, known: true } : { price: highestPrices(table), known: false };
}

const own = (table: PriceTable, model: string): ModelPrice | undefined =>
  Object.hasOwn(table.models, model) ? table.models[model] : undefined;

function bareName(model: string): string {
  return model
    .replace(/^.*\banthropic[./]/, '')
    .replace(/\[[^\]]*\]$/, '')
    .replace(/-v\d+(:\d+)?$/, '')
    .replace(/[@-]\d{8}$/, '');
}

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
