import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { attemptCap } from '../../../../src/sdk/group/cost/attempt-cap.ts';
import { Ledger, toMicroUsd } from '../../../../src/sdk/group/cost/ledger.ts';
import type { BudgetConfig } from '../../../../src/sdk/group/types.ts';
import { type ClientKind, ledgerWith, MoneyClient, tokensOf, usage } from '../../../support/money-client.ts';
import { runs } from '../../../support/runs.ts';

const kinds = fc.record({
  scope: fc.constantFrom<ClientKind['scope']>('process', 'conversation'),
  remembersKilled: fc.boolean(),
  saysShare: fc.boolean(),
});
const VERBS = ['start', 'resume', 'reply', 'reply', 'grow', 'subagent', 'report', 'end', 'hidden'] as const;
const actions = fc.array(
  fc.record({
    who: fc.nat({ max: 20 }),
    verb: fc.constantFrom(...VERBS),
    amount: fc.integer({ min: 0, max: 2_000_000 }),
  }),
  { maxLength: 120, size: 'max' },
);

function act(client: MoneyClient, verb: (typeof VERBS)[number], amount: number, hidden: boolean): void {
  if (verb === 'start' || verb === 'resume') {
    if (!client.open) client.start(verb === 'start');
  } else if (!client.open) return;
  else if (verb === 'reply') client.reply(amount);
  else if (verb === 'grow') client.replyGrows(amount);
  else if (verb === 'subagent') client.subagent(amount);
  else if (verb === 'report') client.report();
  else if (verb === 'end') client.end();
  else if (hidden) client.spendHidden(amount);
}

const figuresOf = ({ usedMicroUsd: used, certainMicroUsd: certain }: Ledger) => ({
  used,
  certain,
  guessed: used - certain,
});

/** Runs the actions over one session per kind of client; calls `check` after each. */
function play(
  clients: readonly ClientKind[],
  steps: readonly { who: number; verb: (typeof VERBS)[number]; amount: number }[],
  check: (ledger: ReturnType<typeof ledgerWith>, sessions: readonly MoneyClient[]) => void,
  hidden = false,
): void {
  const ledger = ledgerWith();
  const sessions = clients.map((kind, index) => new MoneyClient(`s${index}`, kind, ledger));
  for (const { who, verb, amount } of steps) {
    const client = sessions[who % sessions.length];
    if (client) act(client, verb, amount, hidden);
    check(ledger, sessions);
  }
}

const clientsOf = fc.array(kinds, { minLength: 1, maxLength: 5 });

describe('a ledger', () => {
  test("knows each session's cost to the micro-dollar, whatever is killed, resumed or reported (LEDGER-1, LEDGER-2, I8)", () => {
    fc.assert(
      fc.property(clientsOf, actions, (clients, steps) => {
        play(clients, steps, (ledger, sessions) => {
          let sum = 0;
          for (const client of sessions) {
            expect(ledger.costOf(client.id)).toBe(client.spent);
            sum += client.spent;
          }
          expect(ledger.usedMicroUsd).toBe(sum);
        });
      }),
      { numRuns: runs(400) },
    );
  });

  // Of an agent that does not say what an attempt has spent, it is a guess which attempts its total contains.
  const doubt = ({ kind: { scope, saysShare }, guessed }: MoneyClient) =>
    scope === 'conversation' && !saysShare ? guessed : 0;

  test('is off by at most the cost that no usage reported (I8)', () => {
    fc.assert(
      fc.property(clientsOf, actions, (clients, steps) => {
        play(
          clients,
          steps,
          (ledger, sessions) => {
            for (const client of sessions) {
              const off = Math.abs(ledger.costOf(client.id) - client.spent);
              expect(off).toBeLessThanOrEqual(client.hidden + doubt(client));
            }
          },
          true,
        );
      }),
      { numRuns: runs(200) },
    );
  });

  test('has a total that equals the sum over sessions, and of settled costs, what is certain never falls (LEDGER-1, LEDGER-2, I8)', () => {
    fc.assert(
      fc.property(clientsOf, actions, (clients, steps) => {
        const settled = new Map<string, number>();
        play(
          clients,
          steps,
          (ledger, sessions) => {
            const costs = sessions.map(client => ledger.costOf(client.id));
            expect(ledger.usedMicroUsd).toBe(costs.reduce((sum, cost) => sum + cost, 0));
            for (const client of sessions) {
              expect(ledger.certainOf(client.id)).toBeGreaterThanOrEqual(settled.get(client.id) ?? 0);
              if (!client.open) settled.set(client.id, ledger.certainOf(client.id));
            }
          },
          true,
        );
      }),
      { numRuns: runs(200) },
    );
  });

  test('continues seamlessly in another process, once the attempt has ended (I8, I11)', () => {
    fc.assert(
      fc.property(clientsOf, actions, (clients, steps) => {
        const ledger = ledgerWith();
        const sessions = clients.map((kind, index) => new MoneyClient(`s${index}`, kind, ledger));
        for (const { who, verb, amount } of steps) {
          const client = sessions[who % sessions.length];
          if (client) act(client, verb, amount, false);
        }
        const next = ledgerWith();
        for (const { id } of sessions) next.restore(id, ledger.accountOf(id));
        for (const client of sessions) {
          if (client.open) client.end();
          expect(next.accountOf(client.id)).toEqual(ledger.accountOf(client.id));
        }
        expect(next.usedMicroUsd).toBe(ledger.usedMicroUsd);
        for (const { id } of sessions) expect(next.tokensOf(id)).toEqual(ledger.tokensOf(id));
      }),
      { numRuns: runs(100) },
    );
  });

  test('returns both figures when the agent corrects the estimate', () => {
    const ledger = ledgerWith();
    ledger.openAttempt('a', { newConversation: true });
    ledger.addUsage('a', usage('m', 500));
    expect(ledger.isEstimated('a')).toBe(true);
    const change = ledger.reconcile('a', { scope: 'process', costUsd: 0.0003, tokens: tokensOf(7) });
    expect(change).toEqual({ estimatedMicroUsd: 500, microUsd: 300 });
    expect(ledger.isEstimated('a')).toBe(false);
    expect(ledger.tokensOf('a')).toEqual(tokensOf(7));
  });

  test('guesses at a subagent until its replies are shown; a later guess replaces an earlier one', () => {
    const ledger = ledgerWith({ maxBudgetUsd: 1 });
    ledger.openAttempt('a', { newConversation: true });
    ledger.addUsage('a', usage('m', 100));
    ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 5_000 });
    ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 3_000 });
    ledger.addSubagentUsage('a', { taskId: 'u', totalTokens: 50 });
    expect(figuresOf(ledger)).toEqual({ used: 3_150, certain: 100, guessed: 3_050 });
    ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 40, reply: usage('s', 40) });
    expect(figuresOf(ledger)).toEqual({ used: 190, certain: 140, guessed: 50 });
    ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 9_000 });
    expect(figuresOf(ledger)).toEqual({ used: 190, certain: 140, guessed: 50 });
    expect(ledger.tokensOf('a')).toEqual(tokensOf(140));
  });

  test('counts of a subagent that goes on after a figure only what came since', () => {
    const ledger = ledgerWith();
    ledger.openAttempt('a', { newConversation: true });
    ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 3_000 });
    ledger.reconcile('a', { scope: 'process', costUsd: 0.001 });
    ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 3_500 });
    expect(figuresOf(ledger)).toEqual({ used: 1_500, certain: 1_000, guessed: 500 });
    ledger.reconcile('a', { scope: 'process', costUsd: 0.0011 });
    expect(figuresOf(ledger)).toEqual({ used: 1_100, certain: 1_100, guessed: 0 });
  });

  test('keeps what a killed attempt guessed apart, also in the next process, until a figure contains it', () => {
    const ledger = ledgerWith();
    ledger.openAttempt('a', { newConversation: true });
    ledger.addUsage('a', usage('m', 100));
    ledger.addSideUsage('a', { requestId: 'r', tokens: tokensOf(2_000) });
    ledger.closeAttempt('a');
    const next = ledgerWith();
    next.restore('a', ledger.accountOf('a'));
    expect(figuresOf(next)).toEqual({ used: 2_100, certain: 100, guessed: 2_000 });
    expect(next.isEstimated('a')).toBe(true);
    next.openAttempt('a', { newConversation: false });
    next.addUsage('a', usage('n', 10));
    next.reconcile('a', { scope: 'conversation', costUsd: 0.00211 });
    expect(figuresOf(next)).toEqual({ used: 2_110, certain: 2_110, guessed: 0 });
  });

  test("takes an attempt's own share of a conversation's total, however much of it the agent remembers", () => {
    const ledger = ledgerWith();
    ledger.openAttempt('a', { newConversation: true });
    const attempt = (costUsd: number) => ({ costUsd, tokens: tokensOf(7) });
    ledger.reconcile('a', { scope: 'conversation', costUsd: 0.3, attempt: attempt(0.3) });
    ledger.openAttempt('a', { newConversation: false });
    // The transcript has lost its last lines: the total counts from nothing, and is not below the last one.
    ledger.reconcile('a', { scope: 'conversation', costUsd: 0.3, attempt: attempt(0.3) });
    expect(ledger.costOf('a')).toBe(600_000);
    ledger.openAttempt('a', { newConversation: false });
    ledger.reconcile('a', { scope: 'conversation', costUsd: 0.5, attempt: attempt(0.2) });
    expect(ledger.costOf('a')).toBe(800_000);
    expect(ledger.tokensOf('a')).toEqual(tokensOf(21));
  });

  test.each([true, false])(
    'does not count what a person spends in the conversation between two attempts (says its share: %s)',
    saysShare => {
      const ledger = ledgerWith();
      ledger.openAttempt('a', { newConversation: true });
      ledger.reconcile('a', { scope: 'conversation', costUsd: 0.3 });
      ledger.closeAttempt('a');
      const next = ledgerWith();
      next.restore('a', { ...ledger.accountOf('a'), byHand: true });
      expect(next.accountOf('a')).toMatchObject({ byHand: true, settled: 300_000 });
      next.openAttempt('a', { newConversation: false });
      const report = (costUsd: number, share: number) => {
        next.addUsage('a', usage('m', share));
        const attempt = { costUsd: share / 1e6, tokens: tokensOf(share) };
        next.reconcile('a', { scope: 'conversation', costUsd, ...(saysShare && { attempt }) });
      };
      report(0.8001, 100);
      expect(next.costOf('a')).toBe(300_100);
      report(0.8003, 300);
      expect(next.costOf('a')).toBe(300_300);
      next.closeAttempt('a');
      expect(next.accountOf('a')).not.toHaveProperty('byHand');
    },
  );

  describe('of which the figure leaves out replies', () => {
    const figure = (
      tokens: number,
      costUsd: number,
      by: Readonly<Record<string, number>> = { any: tokens },
    ) => ({
      ...{ scope: 'process' as const, costUsd, tokens: tokensOf(tokens) },
      models: Object.fromEntries(
        Object.entries(by).map(([model, n]) => [model, { costUsd, tokens: tokensOf(n) }]),
      ),
    });
    const shown = (...replies: readonly number[]) => {
      const ledger = ledgerWith();
      ledger.openAttempt('a', { newConversation: true });
      replies.forEach((tokens, at) => void ledger.addUsage('a', usage(`m${at}`, tokens)));
      return ledger;
    };

    test('keeps them as spent, until a later figure has them (I8)', () => {
      const ledger = shown(1_000, 40_000);
      expect(ledger.reconcile('a', figure(1_000, 0.001))).toEqual({
        estimatedMicroUsd: 41_000,
        microUsd: 41_000,
      });
      expect(ledger.tokensOf('a')).toEqual(tokensOf(41_000));
      expect(figuresOf(ledger)).toEqual({ used: 41_000, certain: 41_000, guessed: 0 });
      expect(ledger.isEstimated('a')).toBe(true);
      ledger.addUsage('a', usage('m1', 41_000)); // grows on
      expect(ledger.costOf('a')).toBe(42_000);
      ledger.reconcile('a', figure(42_000, 0.043));
      expect(ledger.costOf('a')).toBe(43_000);
      expect(ledger.isEstimated('a')).toBe(false);
      ledger.reconcile('a', figure(1_000, 0.001)); // and forgets it again
      ledger.closeAttempt('a');
      expect(ledger.costOf('a')).toBe(42_000);
      expect(ledger.tokensOf('a')).toEqual(tokensOf(42_000));
    });

    test('keeps them in the share of a conversation too, and a later total that has them confirms them', () => {
      const ledger = shown(1_000, 40_000);
      const said = (costUsd: number, tokens: number) => ({ costUsd, tokens: tokensOf(tokens) });
      ledger.reconcile('a', { scope: 'conversation', costUsd: 0.001, attempt: said(0.001, 1_000) });
      expect(ledger.costOf('a')).toBe(41_000);
      ledger.openAttempt('a', { newConversation: false });
      ledger.reconcile('a', { scope: 'conversation', costUsd: 0.043, attempt: said(0.002, 2_000) });
      expect(ledger.costOf('a')).toBe(43_000);
      expect(ledger.isEstimated('a')).toBe(false);
    });

    test.each([
      ['another price', figure(41_000, 0.02), 20_000],
      ['fewer tokens than the difference of a reply', figure(40_500, 0.02), 20_000],
      ['no tokens', { scope: 'process' as const, costUsd: 0.02 }, 20_000],
      ['tokens that it does not know', figure(0, 0.02), 20_000],
      ['another name for the model', figure(41_000, 0.02, { alias: 41_000 }), 20_000],
      ['the model under its full name', figure(41_000, 0.02, { 'any-20260101': 41_000 }), 20_000],
      ['a model without a price of its own', figure(41_000, 0.02, {}), 20_000],
      [
        'another model beside it, which hides nothing',
        figure(51_000, 0.02, { any: 1_000, other: 50_000 }),
        60_000,
      ],
      ['the smaller reply only', figure(1_000, 0.02), 60_000],
      ['the bigger reply only', figure(40_000, 0.02), 21_000],
    ])('a figure with %s', (_, report, expected) => {
      const ledger = shown(1_000, 40_000);
      ledger.reconcile('a', report);
      expect(ledger.costOf('a')).toBe(expected);
    });

    test.each([
      ['the one that was cut', 400, 401],
      ['the one that was cut, of which it counts a token of output more', 402, 401],
      ['the one that was not cut', 1, 800],
    ])('of two with the same input: %s', (_, output, expected) => {
      const ledger = new Ledger({
        budget: { maxBudgetUsd: 'none', onBudgetExceeded: 'pause', warningThreshold: 0.8 },
        priceOf: ({ tokens }) => tokens.output,
        priceOfSubagent: () => 0,
      });
      ledger.openAttempt('a', { newConversation: true });
      const tokens = (count: number) => ({ ...tokensOf(60_000), output: count });
      ledger.addUsage('a', { messageId: 'm1', model: 'any', tokens: tokens(400) });
      ledger.addUsage('a', { messageId: 'm2', model: 'any', tokens: tokens(1) });
      ledger.reconcile('a', { scope: 'process', costUsd: 0.0004, tokens: tokens(output) });
      expect(ledger.costOf('a')).toBe(expected);
    });

    test('replaces a guess all the same', () => {
      const ledger = shown(1_000, 40_000);
      ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 500_000 });
      ledger.reconcile('a', figure(1_000, 0.001));
      expect(figuresOf(ledger)).toEqual({ used: 41_000, certain: 41_000, guessed: 0 });
    });
  });

  test('keeps what was spent when the conversation is begun anew in the middle of an attempt', () => {
    const ledger = ledgerWith();
    ledger.openAttempt('a', { newConversation: true });
    ledger.reconcile('a', { scope: 'conversation', costUsd: 0.3 });
    ledger.openAttempt('a', { newConversation: false });
    ledger.beginConversation('a');
    ledger.reconcile('a', { scope: 'conversation', costUsd: 0.3 });
    expect(ledger.costOf('a')).toBe(600_000);
  });

  describe('of replies at a guessed price', () => {
    const unknown = (budget: Partial<BudgetConfig> = {}) =>
      new Ledger({
        budget: { maxBudgetUsd: 'none', onBudgetExceeded: 'pause', warningThreshold: 0.8, ...budget },
        priceOf: ({ tokens, model }) => ({ microUsd: tokens.input, known: model === 'known' }),
        priceOfSubagent: (_, tokens) => tokens,
      });
    const spent = (ledger: Ledger) => {
      ledger.openAttempt('a', { newConversation: true });
      ledger.addUsage('a', { ...usage('m', 100), model: 'known' });
      ledger.addUsage('a', { ...usage('n', 900), model: 'new' });
      const reply = { ...usage('s', 5_000), model: 'new' };
      ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 5_000, reply });
      return ledger;
    };

    test("counts the session's own for the group's limit, and no subagent's; none for the session's, now or later", () => {
      const ledger = spent(unknown());
      const figures = { used: 6_000, certain: 1_000, guessed: 5_000 };
      expect([ledger.certainOf('a'), figuresOf(ledger)]).toEqual([100, figures]);
      ledger.closeAttempt('a');
      expect([ledger.certainOf('a'), figuresOf(ledger)]).toEqual([100, figures]);
      const next = unknown();
      next.restore('a', ledger.accountOf('a'));
      expect([next.certainOf('a'), figuresOf(next)]).toEqual([100, figures]);
      expect(attemptCap(next, 'a', 0.001).maxBudgetUsd).toBe(0.0009);
      next.openAttempt('a', { newConversation: true });
      expect([next.certainOf('a'), figuresOf(next)]).toEqual([100, figures]);
    });

    test("gives way to a figure that does not have a subagent's, as a guess does", () => {
      const ledger = spent(unknown());
      const tokens = tokensOf(1_000);
      ledger.reconcile('a', { scope: 'process', costUsd: 0.002, tokens });
      expect(figuresOf(ledger)).toEqual({ used: 2_000, certain: 2_000, guessed: 0 });
    });

    test('replaces them by a total of the conversation that contains them, as it does guesses', () => {
      const ledger = spent(unknown());
      ledger.openAttempt('a', { newConversation: false });
      ledger.addUsage('a', { ...usage('o', 50), model: 'known' });
      const attempt = { costUsd: 0.00006 };
      ledger.reconcile('a', { scope: 'conversation', costUsd: 0.0004, attempt });
      expect([ledger.certainOf('a'), figuresOf(ledger)]).toEqual([
        400,
        { used: 400, certain: 400, guessed: 0 },
      ]);
      expect(ledger.isEstimated('a')).toBe(false);
    });
  });

  describe('of which a later total of the conversation says what it has cost', () => {
    /** An attempt that ended with 100 for replies and 62,000 guessed, and the next one, which has spent 50. */
    const resumed = ({ newConversation = false } = {}) => {
      const ledger = ledgerWith();
      ledger.openAttempt('a', { newConversation: true });
      ledger.addUsage('a', usage('m', 100));
      ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 62_000 });
      ledger.openAttempt('a', { newConversation });
      ledger.addUsage('a', usage('n', 50));
      return ledger;
    };
    const total = (microUsd: number, share?: number) => ({
      scope: 'conversation' as const,
      costUsd: microUsd / 1e6,
      ...(share !== undefined && { attempt: { costUsd: share / 1e6 } }),
    });

    test.each([
      ['with the share of the attempt', total(300, 50), 300, 0],
      ['without it', total(300), 300, 0],
      ['with more than was guessed', total(70_000, 50), 70_000, 0],
      ['that is the attempt alone: the agent has forgotten the earlier one', total(50, 50), 62_150, 62_000],
      ['that differs from that by rounding', total(53, 50), 62_153, 62_000],
      ['of less than the shown replies, of which one was cut', total(80, 50), 150, 0],
      ['without the share, and less than the shown replies', total(120), 62_150, 62_000],
    ])('a total %s', (_, report, used, guessed) => {
      const ledger = resumed();
      const change = ledger.reconcile('a', report);
      expect(Math.abs(ledger.usedMicroUsd - used)).toBeLessThanOrEqual(5);
      expect(figuresOf(ledger).guessed).toBe(guessed);
      expect((change?.estimatedMicroUsd ?? 0) - (change?.microUsd ?? 0)).toBe(62_150 - ledger.usedMicroUsd);
      const again = ledgerWith();
      again.restore('a', ledger.accountOf('a'));
      expect(figuresOf(again)).toEqual(figuresOf(ledger));
    });

    test('leaves what another conversation has guessed', () => {
      const ledger = resumed({ newConversation: true });
      ledger.addSubagentUsage('a', { taskId: 'u', totalTokens: 9_000 });
      const next = ledgerWith();
      next.restore('a', ledger.accountOf('a'));
      next.openAttempt('a', { newConversation: false });
      next.reconcile('a', total(400, 40));
      expect(figuresOf(next)).toEqual({ used: 62_500, certain: 500, guessed: 62_000 });
      next.openAttempt('a', { newConversation: false });
      next.reconcile('a', total(500, 40));
      expect(figuresOf(next)).toEqual({ used: 62_600, certain: 600, guessed: 62_000 });
    });

    test('takes nothing back where the agent has lost count of what it had reported', () => {
      const ledger = ledgerWith();
      ledger.openAttempt('a', { newConversation: true });
      ledger.reconcile('a', total(300, 300));
      ledger.openAttempt('a', { newConversation: false });
      ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 1_000 });
      ledger.openAttempt('a', { newConversation: false });
      ledger.reconcile('a', total(250, 50));
      expect(figuresOf(ledger)).toEqual({ used: 1_350, certain: 350, guessed: 1_000 });
    });

    test('counts it for the limit again', () => {
      const ledger = ledgerWith({ maxBudgetUsd: 0.001 });
      ledger.openAttempt('a', { newConversation: true });
      ledger.addUsage('a', usage('m', 850));
      ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 5_000 });
      expect(ledger.takeCrossing()).toBe('exceeded');
      ledger.openAttempt('a', { newConversation: false });
      ledger.reconcile('a', total(900, 20));
      expect(ledger.takeCrossing()).toBeUndefined();
      ledger.addUsage('a', usage('n', 100));
      expect(ledger.takeCrossing()).toBe('exceeded');
    });
  });

  test('tells of the limit when the estimate reaches it, and again when enough of it is certain', () => {
    const ledger = ledgerWith({ maxBudgetUsd: 0.001 });
    ledger.openAttempt('a', { newConversation: true });
    ledger.addUsage('a', usage('m', 100));
    expect(ledger.takeCrossing()).toBeUndefined();
    ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 950 });
    expect(ledger.takeCrossing()).toBe('exceeded');
    ledger.addUsage('a', usage('m', 700));
    expect(ledger.takeCrossing()).toBeUndefined();
    ledger.addUsage('a', usage('m', 800));
    expect(ledger.takeCrossing()).toBe('exceeded');
    ledger.addUsage('a', usage('m', 900));
    expect(ledger.takeCrossing()).toBeUndefined();
  });

  test('ignores reports for a session without an attempt', () => {
    const ledger = ledgerWith();
    ledger.addUsage('a', usage('m', 500));
    ledger.addSubagentUsage('a', { taskId: 't', totalTokens: 9 });
    expect(ledger.reconcile('a', { scope: 'process', costUsd: 1 })).toBeUndefined();
    expect(ledger.usedMicroUsd).toBe(0);
  });

  test('costs the same per report in a group of any size (LEDGER-3)', () => {
    // Only the reported session's account is read: the others are inaccessible here.
    const ledger = ledgerWith();
    for (let i = 0; i < 1_000; i++) ledger.openAttempt(`s${i}`, { newConversation: true });
    const get = Map.prototype.get;
    let looks = 0;
    Map.prototype.get = function (this: Map<unknown, unknown>, key: unknown) {
      looks++;
      return get.call(this, key);
    };
    try {
      ledger.addUsage('s500', usage('m', 1));
    } finally {
      Map.prototype.get = get;
    }
    expect(looks).toBeLessThan(5);
  });
});

describe('the limit of a ledger', () => {
  const spending = (limit = 10) => {
    const ledger = ledgerWith({ maxBudgetUsd: limit });
    ledger.openAttempt('a', { newConversation: true });
    let messages = 0;
    const spend = (usd: number) => {
      ledger.addUsage('a', usage(`m${messages++}`, toMicroUsd(usd)));
      return ledger.takeCrossing();
    };
    const correctTo = (usd: number) => {
      ledger.reconcile('a', { scope: 'process', costUsd: usd });
      return ledger.takeCrossing();
    };
    return { ledger, spend, correctTo };
  };

  test('is crossed once, after one warning (LEDGER-3)', () => {
    const { spend } = spending();
    expect([spend(7.9), spend(0.1), spend(1.9), spend(0.1), spend(5)]).toEqual([
      undefined,
      'warning',
      undefined,
      'exceeded',
      undefined,
    ]);
  });

  test('is exceeded without a warning if crossed in one step', () => {
    const { spend } = spending();
    expect([spend(11), spend(1)]).toEqual(['exceeded', undefined]);
  });

  test('is rearmed by another limit', () => {
    const { ledger, spend } = spending();
    spend(11);
    ledger.setLimit(toMicroUsd(20));
    expect([spend(4.9), spend(0.1), spend(4)]).toEqual([undefined, 'warning', 'exceeded']);
    ledger.setLimit(Number.POSITIVE_INFINITY);
    expect(spend(1_000)).toBeUndefined();
  });

  test('crosses nothing if lowered below the cost so far: the chart handles that', () => {
    const { ledger, spend } = spending();
    spend(7);
    ledger.setLimit(toMicroUsd(5));
    expect([ledger.takeCrossing(), spend(1)]).toEqual([undefined, undefined]);
  });

  test('can be crossed again once the agent reports a lower cost; it warns only once (I9)', () => {
    const { spend, correctTo } = spending();
    expect(spend(10.5)).toBe('exceeded');
    expect(correctTo(7)).toBeUndefined();
    expect(spend(1.5)).toBeUndefined();
    expect(spend(1.5)).toBe('exceeded');
  });

  test('crosses each threshold at most once while costs only grow', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 3, noNaN: true }), { maxLength: 30 }), amounts => {
        const { ledger, spend } = spending();
        const crossings = amounts.map(spend).filter(crossing => crossing !== undefined);
        expect(crossings).toEqual([...new Set(crossings)]);
        expect(crossings.includes('exceeded')).toBe(ledger.usedMicroUsd >= ledger.limitMicroUsd);
        if (!crossings.includes('exceeded')) {
          expect(crossings.includes('warning')).toBe(ledger.usedMicroUsd >= ledger.warnAtMicroUsd);
        }
      }),
    );
  });
});
