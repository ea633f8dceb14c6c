import { expect, test } from 'vitest';
import { foldJournal, newGroupFold } from '../../../../src/sdk/group/journal/fold.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { lengthOf, stretchesOf } from '../../../../src/serve/page/model/stretches.ts';
import { bench, flushed, scripted } from '../../../support/bench.ts';

test('a suspension is told from its beginning on, and counts in no duration', async () => {
  const clock = new SimulatedClock();
  const { group } = await bench([scripted('a', [{ hang: true }])], { clock });
  void group.run();
  await flushed();
  expect(group.getProgress().suspensions).toBeUndefined();
  clock.advance(2_000);
  const from = new Date(clock.now()).toISOString();
  await group.whileSuspended(async () => {
    expect(group.getProgress().suspensions).toEqual([{ from }]);
    clock.advance(60_000);
  });
  const suspensions = [{ from, to: new Date(clock.now()).toISOString() }];
  clock.advance(3_000);
  const { sessions, suspensions: told } = group.getProgress();
  expect(told).toEqual(suspensions);
  expect(sessions[0]?.durationMs).toBe(5_000);
  const startedAt = new Date(sessions[0]?.startedAt ?? Number.NaN).toISOString();
  expect(lengthOf(stretchesOf({ startedAt }, told, clock.now()))).toBe(5_000);
});

test('nothing says how long one was suspended that died meanwhile', () => {
  const time = '2026-01-02T03:04:05.000Z';
  const records: JournalRecord[] = [{ type: '_suspended', time }, { type: '_taken_over' }];
  expect(foldJournal(records, newGroupFold())).toMatchObject({ suspensions: [], suspendedAt: undefined });
});
