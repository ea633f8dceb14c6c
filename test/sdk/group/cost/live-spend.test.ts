import { expect, test } from 'vitest';
import { NO_SPEND, soundLedger } from '../../../../src/sdk/group/cost/session-ledger.ts';
import { ledgerWith } from '../../../support/money-client.ts';

/** An attempt that outlives its engine: the next one goes on with its account. */

const dollars = (usd: number) => usd * 1_000_000;
const reply = (messageId: string, costUsd: number) => ({
  ...{ messageId, model: 'claude', costUsd },
  tokens: { input: 10, output: 1, cacheRead: 0, cacheWrite: 0 },
});

/** The ledger of the next engine, as the journal has it. */
function takenOver(spend: (ledger: ReturnType<typeof ledgerWith>) => void) {
  const before = ledgerWith();
  before.openAttempt('a', { newConversation: true });
  before.addUsage('a', reply('r0', 1));
  before.reconcile('a', { scope: 'conversation', costUsd: 1 });
  before.closeAttempt('a');
  before.openAttempt('a', { newConversation: false });
  spend(before);
  const ledger = ledgerWith();
  const kept = JSON.parse(JSON.stringify(before.liveAccountOf('a')));
  ledger.restore('a', soundLedger(kept, NO_SPEND));
  expect(ledger.usedMicroUsd).toBe(before.usedMicroUsd);
  ledger.adoptAttempt('a');
  expect(ledger.usedMicroUsd).toBe(before.usedMicroUsd);
  expect(ledger.certainMicroUsd).toBe(before.certainMicroUsd);
  expect(ledger.tokensOf('a')).toEqual(before.tokensOf('a'));
  return ledger;
}

test.each([
  ['its own share of the conversation', { scope: 'conversation', costUsd: 4, attempt: { costUsd: 3 } }],
  ["the conversation's total", { scope: 'conversation', costUsd: 4 }],
  ['what it has spent itself', { scope: 'process', costUsd: 3 }],
] as const)('what it had spent before is in its figure, and counted once: %s', (_, report) => {
  const ledger = takenOver(before => {
    before.addUsage('a', reply('r1', 2));
  });
  ledger.addUsage('a', reply('r2', 1));
  expect(ledger.usedMicroUsd).toBe(dollars(4));
  ledger.reconcile('a', report);
  expect(ledger.usedMicroUsd).toBe(dollars(4));
  ledger.closeAttempt('a');
  expect(ledger.accountOf('a')).toMatchObject({ settled: dollars(4) });
  expect(ledger.accountOf('a').live).toBeUndefined();
});

test('a figure that it had given before, too', () => {
  const ledger = takenOver(before => {
    before.addUsage('a', reply('r1', 2));
    before.reconcile('a', { scope: 'conversation', costUsd: 3.5 });
  });
  expect(ledger.usedMicroUsd).toBe(dollars(3.5));
  ledger.addUsage('a', reply('r2', 1));
  ledger.reconcile('a', { scope: 'conversation', costUsd: 4.5 });
  expect(ledger.usedMicroUsd).toBe(dollars(4.5));
});

test('of one that is not taken over, it counts as of any that has ended', () => {
  const before = ledgerWith();
  before.openAttempt('a', { newConversation: true });
  before.addUsage('a', reply('r1', 2));
  const ledger = ledgerWith();
  ledger.restore('a', before.liveAccountOf('a'));
  ledger.openAttempt('a', { newConversation: false });
  expect(ledger.liveAccountOf('a').live).toBeUndefined();
  expect(ledger.usedMicroUsd).toBe(dollars(2));
});
