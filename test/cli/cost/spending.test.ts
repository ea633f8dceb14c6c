import { describe, expect, test } from 'vitest';
import { spendingOf } from '../../../src/cli/cost/spending.ts';
import { foldJournal } from '../../../src/sdk/group/journal/fold.ts';
import type { JournalRecord } from '../../../src/sdk/group/journal/records.ts';
import { newGroupMeta } from '../../../src/sdk/group/store/group-meta.ts';
import type { StoredGroup } from '../../../src/sdk/group/store/store.ts';
import { NO_TOKENS } from '../../../src/sdk/session/usage.ts';
import { definition } from '../fakes.ts';

const GROUP = {
  id: '20260102-030405-demo',
  slug: 'demo',
  createdAt: '2026-01-02T03:04:05.000Z',
  definition: definition(),
};
const day = (date: number, hour = 12) => new Date(2026, 0, date, hour).toISOString();
const spent = (settled: number): JournalRecord => ({
  ...{ type: '_ledger', sessionId: 'a', settled, tokens: NO_TOKENS, conversation: settled, unreported: 0 },
});
let seq = 0;
const event = (time: string): JournalRecord => ({
  ...{ type: 'session_message', seq: seq++, time, groupId: GROUP.id, sessionId: 'a' },
  ...{ role: 'assistant', text: 'well' },
});
const stored = (records: readonly JournalRecord[]): StoredGroup => ({
  ...{ group: GROUP, meta: newGroupMeta(GROUP), records, fold: foldJournal(records) },
  async *history() {
    yield* records;
  },
});
const sums = async (...args: Parameters<typeof spendingOf>) =>
  Object.fromEntries([...(await spendingOf(...args)).byKey].map(([key, { microUsd }]) => [key, microUsd]));

describe('an amount', () => {
  const records = [
    event(day(2)),
    spent(1_000),
    event(day(3)), // what was spent before it is told with it
    spent(5_000),
    event(day(3, 23)),
    spent(4_000), // the agent's own figure is lower
    event(day(4)),
    spent(6_000),
  ];

  test('counts on the day of the event that follows from it, and the days add up to the total', async () => {
    expect(await sums(stored(records), 'day')).toEqual({
      '2026-01-03': 5_000,
      '2026-01-04': 1_000, // a correction and a cost
    });
    expect(await sums(stored(records), 'group')).toEqual({ [GROUP.id]: 6_000 });
  });

  test('counts from a time on', async () => {
    const since = new Date(2026, 0, 4).getTime();
    expect(await sums(stored(records), 'project', since)).toEqual({ '/projects/a': 1_000 });
    expect(await sums(stored(records), 'project', Date.parse(GROUP.createdAt) - 1)).toEqual({
      '/projects/a': 6_000,
    });
  });
});
