import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ModelPrice, TokenPrices } from '../../src/sdk/group/cost/price-table.ts';
import { type ChosenUsage, text } from './messages-api/answers.ts';
import { environment } from './messages-api/environment.ts';
import { startMessagesApi } from './messages-api/server.ts';

/**
 * The measured models: those that 2.1.330 resolves its aliases to (sonnet, opus, haiku, fable), and the earlier ones
 * that it still runs under their own name. It replaces opus-4-1 and older with the current opus.
 */
export const MEASURED_MODELS: readonly string[] = [
  'claude-sonnet-5-5',
  'claude-sonnet-5',
  'claude-sonnet-4-6',
  'claude-sonnet-4-5',
  'claude-opus-5-5',
  'claude-opus-5',
  'claude-opus-4-8',
  'claude-opus-4-7',
  'claude-opus-4-6',
  'claude-opus-4-5',
  'claude-haiku-5-5',
  'claude-haiku-4-5',
  'claude-fable-5-2',
  'claude-fable-5-1',
  'claude-fable-5',
];

/** Enough to detect a price of a hundredth of a dollar per million, and too few to be a long context. */
const SHORT = 50_000;
const LONG = 1_000_000;
const KINDS: readonly (keyof TokenPrices)[] = [
  'input',
  'output',
  'cacheRead',
  'cacheWrite5m',
  'cacheWrite1h',
];

/**
 * Measures what the client charges for a model: the stand-in reports only tokens of one kind, and the client prints its
 * cost. Undefined: the client doesn't know the model (according to `costBasis`, if it has that), or runs another one instead.
 */
export async function measurePrice(claude: string, model: string): Promise<ModelPrice | undefined> {
  const costs = await costsOf(
    claude,
    model,
    KINDS.map(kind => ({ [kind]: SHORT })),
  );
  const long = (await costsOf(claude, model, [{ input: LONG }]))?.[0];
  if (!costs || long === undefined) return undefined;
  const price = prices(KINDS.map((_, index) => perMillion(costs[index] ?? 0, SHORT)));
  return perMillion(long, LONG) === price.input
    ? price
    : { ...price, longContext: await measureLongContext(claude, model, price.input, long) };
}

/** What a web search costs that the API makes for a reply, in micro-dollars. */
export async function measureWebSearch(claude: string): Promise<number | undefined> {
  const [model = ''] = MEASURED_MODELS;
  const [none = 0, ten = 0] = (await costsOf(claude, model, [{ webSearches: 0 }, { webSearches: 10 }])) ?? [];
  return ten > none ? Math.round((ten - none) * 100_000) : undefined;
}

async function measureLongContext(
  claude: string,
  model: string,
  shortInput: number,
  longInput: number,
): Promise<TokenPrices & { over: number }> {
  const costOf = async (usage: ChosenUsage): Promise<number> =>
    (await costsOf(claude, model, [usage]))?.[0] ?? Number.NaN;
  let over = SHORT;
  for (let beyond = LONG; beyond - over > 1; ) {
    const middle = Math.floor((over + beyond) / 2);
    if (perMillion(await costOf({ input: middle }), middle) === shortInput) over = middle;
    else beyond = middle;
  }
  const output = (await costOf({ input: LONG, output: SHORT })) - longInput;
  const ofContext = async (kind: 'cacheRead' | 'cacheWrite5m' | 'cacheWrite1h'): Promise<number> =>
    perMillion(await costOf({ [kind]: LONG }), LONG);
  return {
    over,
    input: perMillion(longInput, LONG),
    output: perMillion(output, SHORT),
    cacheRead: await ofContext('cacheRead'),
    cacheWrite5m: await ofContext('cacheWrite5m'),
    cacheWrite1h: await ofContext('cacheWrite1h'),
  };
}

/** One run of the client with a turn per usage: the cost of each turn, USD. */
async function costsOf(
  claude: string,
  model: string,
  usages: readonly ChosenUsage[],
): Promise<number[] | undefined> {
  const api = await startMessagesApi();
  const folder = mkdtempSync(join(tmpdir(), 'measure-prices-'));
  const answers = usages.map(usage => text('ok', { usage: { input: 0, output: 0, ...usage } }));
  api.enqueue(...answers);
  const options = ['-p', '--input-format=stream-json', '--output-format=stream-json', '--verbose'];
  const child = spawn(claude, [...options, `--model=${model}`, '--setting-sources='], {
    cwd: folder,
    env: environment(api, folder),
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const totals: number[] = [];
  let known = true;
  const ask = (): void => {
    if (totals.length === usages.length) child.stdin.end();
    else child.stdin.write(`${JSON.stringify({ type: 'user', message: { role: 'user', content: 'go' } })}\n`);
  };
  ask();
  for await (const line of createInterface({ input: child.stdout })) {
    const said = JSON.parse(line);
    if (said.type !== 'result') continue;
    const used = said.modelUsage?.[model];
    known &&= used !== undefined && (used.costBasis ?? 'list') === 'list'; // 2.1.197 says no basis
    totals.push(said.total_cost_usd);
    ask();
  }
  await api.close();
  rmSync(folder, { recursive: true, force: true });
  const complete = known && totals.length === usages.length;
  return complete ? totals.map((total, index) => total - (totals[index - 1] ?? 0)) : undefined;
}

/** Micro-dollars per million tokens. */
const perMillion = (usd: number, tokens: number): number => Math.round((usd * 1e12) / tokens);

const prices = ([
  input = 0,
  output = 0,
  cacheRead = 0,
  cacheWrite5m = 0,
  cacheWrite1h = 0,
]: number[]): TokenPrices => ({
  input,
  output,
  cacheRead,
  cacheWrite5m,
  cacheWrite1h,
});
