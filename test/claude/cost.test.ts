import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { PRICE_TABLE } from '../../src/sdk/group/cost/price-table.ts';
import { priceOf } from '../../src/sdk/group/cost/prices.ts';
import { olderThan } from '../../src/sdk/session/claude-code/stream/usage.ts';
import { type WatchedAttempt, watch } from '../support/claude-attempt.ts';
import {
  type ClaudeBench,
  claudeBench,
  claudeExecutable,
  claudeVersion,
  STEADY_MODEL,
} from '../support/claude-bench.ts';
import { MEASURED_MODELS, measurePrice, measureWebSearch } from '../support/measure-prices.ts';
import { text, toolUse } from '../support/messages-api/answers.ts';

let bench: ClaudeBench;
beforeEach(async () => {
  bench = await claudeBench();
});
afterEach(() => bench.close());

/**
 * Prices are a fact of the client's version: the table is true of the client that it names, and of later ones until a
 * difference is measured. An older one may charge otherwise, which is only printed; STEADY_MODEL never differs.
 */
const tableIsOf = (model: string): boolean =>
  model === STEADY_MODEL || !olderThan(claudeVersion(), TABLE_VERSION);
const TABLE_VERSION = (PRICE_TABLE.source.split(' ').at(-1) ?? '').split('.').map(Number);

const printDifference = (model: string, table: unknown, client: unknown): void =>
  void process.stdout.write(
    `${model}: Claude Code ${claudeVersion()} says ${JSON.stringify(client)}, the table ${JSON.stringify(table)}\n`,
  );

const estimated = (watched: WatchedAttempt): number =>
  watched
    .all('usage')
    .filter(({ final }) => final)
    .reduce((sum, usage) => sum + priceOf(usage).microUsd, 0);
const reported = (watched: WatchedAttempt): number =>
  Math.round((watched.all('cost').at(-1)?.costUsd ?? Number.NaN) * 1_000_000);

describe('the cost of claude', () => {
  it.each(MEASURED_MODELS)('is estimated as the client computes it: %s', async model => {
    const usage = { input: 1_003, output: 457, cacheRead: 30_000, cacheWrite5m: 2_000, cacheWrite1h: 700 };
    bench.api.enqueue(toolUse('Bash', { command: 'true' }, { usage }), text('Done.', { usage }));
    const watched = watch(bench.agent, bench.spec({ model }));
    expect(await watched.ended).toMatchObject({ outcome: 'done' });
    expect(reported(watched)).toBeGreaterThan(0);
    const differs = Math.abs(estimated(watched) - reported(watched)) > 1;
    if (differs && !tableIsOf(model)) return printDifference(model, estimated(watched), reported(watched));
    expect(differs, `${estimated(watched)}, not ${reported(watched)}`).toBe(false);
  });

  it('is estimated as the client computes it at the higher price of a long context', async () => {
    bench.api.enqueue(text('Done.', { usage: { input: 20_000, output: 457, cacheRead: 90_000 } }));
    const watched = watch(bench.agent, bench.spec({ model: 'haiku' }));
    await watched.ended;
    expect(estimated(watched)).toBe(reported(watched));
  });

  it('continues over a resumed conversation, and is never counted twice', async () => {
    const spec = bench.spec({ model: STEADY_MODEL });
    bench.api.enqueue(text('one', { usage: { input: 1_000, output: 100 } }));
    const first = watch(bench.agent, spec);
    await first.ended;
    bench.api.enqueue(text('two', { usage: { input: 2_000, output: 200 } }));
    const conversation = { ...spec.conversation, exists: true, resume: true };
    const second = watch(bench.agent, { ...spec, attempt: 2, conversation, prompt: 'Go on.' });
    await second.ended;
    const before = second.all('cost').at(-1)?.scope === 'conversation' ? estimated(first) : 0;
    expect(reported(first)).toBe(estimated(first));
    expect(reported(second)).toBe(before + estimated(second));
  });

  it.each(MEASURED_MODELS)('matches a fresh measurement in the shipped table: %s', async model => {
    const measured = await measurePrice(claudeExecutable(), model);
    const table = PRICE_TABLE.models[model];
    if (tableIsOf(model)) expect(measured).toEqual(table);
    else if (!isDeepStrictEqual(measured, table)) printDifference(model, table, measured);
  });

  it('matches a fresh measurement in the shipped table: a web search', async () => {
    expect(await measureWebSearch(claudeExecutable())).toBe(PRICE_TABLE.webSearch);
  });

  it('is in the shipped table for these models only', () => {
    expect(Object.keys(PRICE_TABLE.models)).toEqual(MEASURED_MODELS);
  });
});
