import { expect, test } from 'vitest';
import { delay, scripted } from '../support/bench.ts';
import { fleetBench } from './group-bench.ts';

/** What the sessions of a group share, however many workers carry them out. */

const HOUR_MS = 3_600_000;
const IDS = ['a', 'b', 'c', 'd'];

test('a usage limit that a session meets with one worker holds its group back on all of them, and counts as no failure', async () => {
  const fleet = fleetBench();
  for (const name of ['first', 'second']) fleet.worker(name, 1);
  const work = (id: string) => scripted(id, [{ cost: 0.01 }, delay(1_000), { result: id }]);
  const limited = scripted('a', [delay(100), { limit: HOUR_MS }, { cost: 0.01 }, { result: 'a' }]);
  const group = await fleet.group([limited, ...['b', 'c', 'd'].map(work)], {
    concurrency: { maxConcurrent: 2 },
  });
  const running = group.run();
  await fleet.pass(10_000);
  expect(fleet.log.map(({ spec }) => spec.sessionId)).toEqual(['a', 'b']);
  expect(new Set(fleet.log.map(({ worker }) => worker)).size).toBe(2);
  expect(group.getProgress().sessions.find(({ id }) => id === 'c')?.why).toMatchObject({ kind: 'quota' });
  await fleet.pass(HOUR_MS);
  expect((await fleet.until(running)).status).toBe('completed');
  const types = (await fleet.records()).map(({ type }) => type);
  expect(types.filter(type => type === 'quota_limited')).toHaveLength(1);
  expect(types).not.toContain('session_retrying');
  expect(fleet.log.filter(({ spec }) => spec.sessionId === 'a')).toHaveLength(2);
});

test('the budget of a group is one for all of its workers', async () => {
  const fleet = fleetBench();
  for (const name of ['first', 'second']) fleet.worker(name, 1);
  const work = (id: string) => scripted(id, [{ cost: 0.04 }, delay(1_000), { cost: 0.04 }, { result: id }]);
  const group = await fleet.group(IDS.map(work), {
    concurrency: { maxConcurrent: 2 },
    budget: { maxBudgetUsd: 0.1 },
  });
  await fleet.until(group.run());
  expect(new Set(fleet.log.map(({ worker }) => worker)).size).toBe(2);
  expect(group.getProgress().sessions.map(({ status, costUsd }) => [status, costUsd])).toEqual([
    ['completed', 0.08],
    ['paused', 0.04],
    ['pending', 0],
    ['pending', 0],
  ]);
});
