import { expect, test } from 'vitest';
import { MetaKeeper } from '../../../../src/sdk/group/api/keep-meta.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';

const ofSession: JournalRecord = { type: '_spawned', sessionId: 'a', pid: 1 };
const ofGroup: JournalRecord = { type: 'group_stopping', seq: 1, time: '', groupId: 'g', reason: 'manual' };

/** How many records each save covered. */
function keeping(isLive = true) {
  const clock = new SimulatedClock();
  const saves: number[] = [];
  let records = 0;
  const keeper = new MetaKeeper(
    clock,
    () => isLive,
    () => void saves.push(records),
  );
  const see = async (record: JournalRecord, times = 1) => {
    for (let left = times; left > 0; left--) {
      records++;
      keeper.saw(record);
      await null;
    }
  };
  return { clock, saves, keeper, see };
}

test('the last records of a burst are saved a second after the first at most, in one save', async () => {
  const { clock, saves, see } = keeping();
  await see(ofSession, 1_000);
  expect(saves).toEqual([1]);
  clock.advance(999);
  expect(saves).toEqual([1]);
  clock.advance(1);
  expect(saves).toEqual([1, 1_000]);
  expect(clock.pending).toBe(0);
});

test('records that never end cost one save a second', async () => {
  const { clock, saves, see } = keeping();
  for (let ms = 0; ms < 10_000; ms += 10) {
    await see(ofSession, 3);
    clock.advance(10);
  }
  expect(saves.length).toBe(11);
});

test('where nothing more is to be expected, each record is saved soon, and no timer is left', async () => {
  const { clock, saves, see } = keeping(false);
  await see(ofSession, 2);
  expect(saves).toEqual([1, 2]);
  expect(clock.pending).toBe(0);
});

test('a change of the group is saved soon, with what waited, and nothing is saved after the last time', async () => {
  const { clock, saves, keeper, see } = keeping();
  await see(ofSession, 5);
  await see(ofGroup);
  expect(saves).toEqual([1, 6]);
  await see(ofSession);
  void keeper.close();
  expect(saves).toEqual([1, 6, 7]);
  await see(ofGroup);
  clock.advance(5_000);
  expect(saves).toEqual([1, 6, 7]);
  expect(clock.pending).toBe(0);
});
