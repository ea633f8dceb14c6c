import { describe, expect, it } from 'vitest';
import { Ledger, toUsd } from '../../../../src/sdk/group/cost/ledger.ts';
import { PriceBook } from '../../../../src/sdk/group/cost/price-book.ts';
import { mapLine } from '../../../../src/sdk/session/claude-code/stream/mapping.ts';
import { newStreamState } from '../../../../src/sdk/session/claude-code/stream/stream-state.ts';
import { linesOf, names } from '../../../support/recordings.ts';

/** What a ledger has booked, in USD, of a process that prints these lines, after earlier ones of the conversation. */
function booked(lines: readonly unknown[], ...earlier: readonly (readonly unknown[])[]): number {
  const prices = new PriceBook();
  const ledger = new Ledger({
    budget: { maxBudgetUsd: 'none', onBudgetExceeded: 'pause', warningThreshold: 0.8 },
    priceOf: usage => prices.priceOf(usage),
    priceOfSubagent: (...of) => prices.priceOfSubagent(...of),
  });
  for (const [index, printed] of [...earlier, lines].entries()) {
    const state = newStreamState();
    ledger.openAttempt('a', { newConversation: index === 0 });
    for (const line of printed) {
      for (const event of mapLine(state, typeof line === 'string' ? line : JSON.stringify(line)).events) {
        if (event.type === 'usage') ledger.addUsage('a', event);
        else if (event.type === 'subagent_usage') ledger.addSubagentUsage('a', event);
        else if (event.type === 'side_usage') ledger.addSideUsage('a', event);
        else if (event.type === 'cost') ledger.reconcile('a', event);
      }
    }
  }
  ledger.closeAttempt('a');
  return toUsd(ledger.usedMicroUsd);
}

const MODEL = 'claude-sonnet-5-5'; // 10 USD per million output tokens
const init = {
  type: 'system',
  subtype: 'init',
  session_id: 's',
  model: MODEL,
  claude_code_version: '2.1.332',
};
const reply = (output: number, more: Record<string, unknown> = {}, id = 'm1') => [
  {
    ...{ type: 'stream_event', parent_tool_use_id: null },
    event: { type: 'message_start', message: { id, model: MODEL, usage: { input_tokens: 0, ...more } } },
  },
  {
    ...{ type: 'stream_event', parent_tool_use_id: null },
    event: { type: 'message_delta', usage: { output_tokens: output } },
  },
];
const used = (costUSD: unknown, outputTokens = 100_000) => ({
  ...{ inputTokens: 0, outputTokens, cacheReadInputTokens: 0, cacheCreationInputTokens: 0 },
  costUSD,
});
const result = (total: unknown, since: unknown, more: Record<string, unknown> = {}) => ({
  ...{ type: 'result', is_error: false, terminal_reason: 'completed', num_turns: 1, result: 'r' },
  ...{ total_cost_usd: total, modelUsage: { [MODEL]: used(total) }, model_usage_since_last_result: since },
  ...more,
});

describe("a process's share of its conversation's total", () => {
  const OTHER = 'claude-haiku-4-5';
  it.each([
    ['null cost', { [MODEL]: used(null) }],
    ['a cost that is text', { [MODEL]: used('1.0') }],
    ['a negative cost', { [MODEL]: used(-0.5) }],
    ['a cost of nothing', { [MODEL]: used(0) }],
    ['no cost', { [MODEL]: used(undefined) }],
    ['no models, though it has replied', {}],
    ['null', null],
    ['text', 'x'],
    ['a model that is null', { [MODEL]: used(0.5), [OTHER]: null }],
    ['a model that is text', { [MODEL]: used(0.5), [OTHER]: 'x' }],
    ['one of two models without a cost', { [MODEL]: used(0.5), [OTHER]: used(null) }],
    ['more than the total', { [MODEL]: used(5) }],
    ['no cache fields', { [MODEL]: { inputTokens: 0, outputTokens: 100_000, costUSD: 1 } }],
    ['null counts', { [MODEL]: { inputTokens: null, outputTokens: null, costUSD: 1 } }],
  ])('%s: the total counts, once', (_, since) => {
    const cached = { cache_read_input_tokens: 0, cache_creation_input_tokens: 0 };
    expect(booked([init, ...reply(100_000, cached), result(1, since)])).toBe(1);
    const first = [init, ...reply(20_000, cached), result(0.2, { [MODEL]: used(0.2, 20_000) })];
    expect(booked([init, ...reply(100_000, cached), result(1.2, since)], first)).toBe(1.2);
  });

  it('without counts of the cache does not seem to leave a reply out', () => {
    const since = { [MODEL]: { inputTokens: 0, outputTokens: 100_000, costUSD: 1 } };
    const cached = { cache_read_input_tokens: 900_000 };
    const said = result(1, since, { modelUsage: since });
    expect(booked([init, ...reply(100_000, cached), said])).toBe(1);
    const old = { ...init, claude_code_version: '2.1.197' };
    expect(booked([old, ...reply(100_000, cached), { ...said, model_usage_since_last_result: null }])).toBe(
      1,
    );
  });

  it('of nothing is one where nothing was asked of the model', () => {
    const first = [init, ...reply(100_000), result(1, { [MODEL]: used(1) })];
    expect(booked([init, result(0.6, {})], first)).toBe(1); // a transcript that has lost its end
  });

  it('is not lost with a total that cannot be read: the estimate counts, and the next result has all', () => {
    const lines = [init, ...reply(100_000), result(null, { [MODEL]: used(1) })];
    expect(booked(lines)).toBe(1);
    const more = [...reply(50_000, {}, 'm2'), result(1.5, { [MODEL]: used(0.5, 50_000) })];
    expect(booked([...lines, ...more])).toBe(1.5);
  });
});

describe('a repeated line', () => {
  const said = result(1, { [MODEL]: used(1) });
  const subagent = {
    ...{ type: 'assistant', uuid: 'u', parent_tool_use_id: 't1' },
    message: {
      ...{ id: 's1', model: MODEL, usage: { input_tokens: 0, output_tokens: 1 } },
      content: [{ type: 'text', text: 'x'.repeat(40_000) }],
    },
  };

  it.each([
    ['a result with an id', { ...said, uuid: 'u1' }],
    ['a result without one', said],
  ])('of %s costs nothing', (_, line) => {
    expect(booked([init, ...reply(100_000), line, line])).toBe(1);
    expect(booked([init, ...reply(100_000), line, { type: 'keep_alive' }, line])).toBe(1);
  });

  it('with an id is known among others', () => {
    const [one, two] = [{ ...said, uuid: 'u1' }, result(1.5, { [MODEL]: used(0.5, 50_000) }, { uuid: 'u2' })];
    expect(booked([init, ...reply(100_000), one, ...reply(50_000, {}, 'm2'), two, one, two])).toBe(1.5);
  });

  it('of a subagent costs nothing', () => {
    expect(booked([init, subagent, subagent])).toBe(0.1);
    expect(booked([init, subagent, { ...subagent, uuid: 'v' }])).toBe(0.2);
  });

  it.each(names.filter(name => linesOf(name).length > 0))('costs nothing in %s, whichever it is', name => {
    const lines = linesOf(name);
    const cost = booked(lines);
    for (const at of lines.keys()) {
      expect(booked([...lines.slice(0, at), lines[at], ...lines.slice(at)])).toBe(cost);
    }
  });
});
