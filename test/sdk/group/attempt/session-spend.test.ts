import { expect, test } from 'vitest';
import { createSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { flush, pass } from '../../../../src/sdk/testing/flush.ts';
import { createPuppetAgent } from '../../../../src/sdk/testing/puppet-agent.ts';
import { projectPath } from '../../../support/bench.ts';

/** A session of a puppet that works, and its group's journal. */
async function working(maxBudgetUsd: number | 'none' = 'none') {
  const [clock, store] = [new SimulatedClock(), createMemoryStore()];
  const puppets = createPuppetAgent({ kind: 'claude' });
  const group = await createSessionGroup(
    {
      ...{ version: 1, name: 'Spend', config: { budget: { maxBudgetUsd } } },
      sessions: [{ id: 'a', prompt: 'go', projectPath: projectPath(0) }],
    },
    { clock, store, env: {}, projects: memoryProjectGate(), agents: { claude: puppets } },
  );
  const run = group.run();
  for (let at = 0; at < 10 && puppets.live.length === 0; at++) await flush();
  const [attempt] = puppets.live;
  if (!attempt) throw new Error('it has not started');
  attempt.begins();
  await flush();
  const records = async (type: JournalRecord['type']) =>
    (await store.read(group.id)).records.filter(record => record.type === type);
  const costs = async () =>
    (await records('session_progress')).map(record => 'costUsd' in record && record.costUsd);
  return { clock, group, run, attempt, store, records, costs };
}

const reply = (costUsd: number) => ({ model: 'claude-sonnet-4-5', tokens: { output: 10 }, costUsd });

test('a hundred replies in one turn are one record of the account, and shown once', async () => {
  const { group, attempt, records, costs, run } = await working();
  const before = (await records('_ledger')).length;
  for (let at = 0; at < 100; at++) attempt.usage(reply(0.01));
  expect(await records('_ledger')).toHaveLength(before); // the turn has not ended
  await flush();
  expect((await records('_ledger')).slice(before)).toMatchObject([{ settled: 1_000_000 }]);
  expect(await costs()).toEqual([1]);
  expect(group.getProgress().totalCostUsd).toBeCloseTo(1);
  attempt.completes('done');
  await run;
});

test('what is spent within 100 ms is in the journal at once, and shown when they are over', async () => {
  const { clock, group, attempt, records, costs, run } = await working();
  for (const at of [1, 2, 3]) {
    attempt.usage(reply(at));
    await flush();
    await pass(clock, 10);
  }
  expect((await records('_ledger')).at(-1)).toMatchObject({ settled: 6_000_000 });
  expect(group.getProgress().totalCostUsd).toBe(6);
  expect(await costs()).toEqual([1]);
  await pass(clock, 80);
  expect(await costs()).toEqual([1, 6]);
  await pass(clock, 1_000);
  expect(await costs()).toEqual([1, 6]); // nothing has changed
  attempt.completes('done');
  await run;
});

test('the last figures are shown before the end, and an attempt that spends nothing shows none', async () => {
  const { attempt, costs, records, run } = await working();
  attempt.usage(reply(1));
  await flush();
  attempt.usage(reply(1));
  attempt.completes('done');
  await run;
  expect(await costs()).toEqual([1, 2]);
  expect(await records('session_completed')).toMatchObject([{ costUsd: 2 }]);
  const other = await working();
  other.attempt.completes('done');
  await other.run;
  expect(await other.costs()).toEqual([]);
});

test('the account is in the journal before the limit that it reaches is announced', async () => {
  const { attempt, store, group, run } = await working(1);
  attempt.usage(reply(0.4));
  await flush();
  attempt.usage(reply(0.7));
  await flush();
  expect((await run).status).toBe('paused');
  const { records } = await store.read(group.id);
  const types = records.map(({ type }) => type);
  const exceeded = types.indexOf('budget_exceeded');
  const [ledger, progress] = [
    types.lastIndexOf('_ledger', exceeded),
    types.lastIndexOf('session_progress', exceeded),
  ];
  expect(records[ledger]).toMatchObject({ settled: 1_100_000 });
  expect(records[progress]).toMatchObject({ costUsd: 1.1 });
});

test('an attempt that spends nothing leaves no record of the account, and the account is right all the same', async () => {
  const { group, run, attempt, records } = await working();
  attempt.completes('done');
  const { totalCostUsd, sessions } = await run;
  expect(await records('_ledger')).toEqual([]);
  expect([totalCostUsd, sessions.a?.costUsd]).toEqual([0, 0]);
  expect(group.getProgress().sessions).toMatchObject([{ costUsd: 0, estimated: false }]);
});
