import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { GroupResult } from '../../src/sdk/group/progress/progress.ts';
import { type Bench, bench, drive } from '../support/bench.ts';
import { InvariantWatcher } from '../support/invariant-watcher.ts';
import { type RandomGroup, randomGroup } from '../support/random-group.ts';
import { runs } from '../support/runs.ts';

/** Runs the group to its rest; the watcher looks after every step. */
async function toRest(watcher: InvariantWatcher, { clock, group }: Bench, run: Promise<GroupResult>) {
  let steps = 0;
  const result = await drive(
    clock,
    run,
    () => {
      expect(++steps, 'I13: the group never comes to rest').toBeLessThan(50_000);
      watcher.check();
    },
    () => `: ${JSON.stringify({ ...group.getProgress(), last: group.getResult() })}`,
  );
  watcher.checkRest();
  return result;
}

async function play(group: RandomGroup, rounds: number): Promise<string[]> {
  const one = await bench(group.sessions, { config: group.config });
  const watcher = new InvariantWatcher(one, group);
  const ends: string[] = [];
  try {
    let result = await toRest(watcher, one, one.group.run());
    ends.push(`${result.status}:${result.reason ?? ''}`);
    for (let round = 1; round < rounds && result.status === 'paused'; round++) {
      const spent = result.reason === 'budget_exceeded' ? { maxBudgetUsd: 'none' as const } : {};
      if (spent.maxBudgetUsd) group.config.budget = { ...group.config.budget, ...spent };
      result = await toRest(watcher, one, one.group.resume(spent));
      ends.push(`${result.status}:${result.reason ?? ''}`);
    }
    return ends;
  } finally {
    await drive(one.clock, one.group.dispose());
    expect([one.clock.pending, one.agent.live.size]).toEqual([0, 0]);
  }
}

describe('random groups of scripted sessions', { timeout: 900_000 }, () => {
  test('keep I1–I9, I11 and I13 at every step, to their rest and beyond', async () => {
    const seen = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(randomGroup({ maxSessions: 40, size: 'medium' }), async group => {
        for (const end of await play(group, 6)) seen.set(end, (seen.get(end) ?? 0) + 1);
      }),
      { numRuns: runs(220) },
    );
    // The groups come to rest in many ways, or these properties say little.
    const sure = ['failed:sessions_failed', 'completed:'].slice(0, runs(2));
    expect([...seen.keys()]).toEqual(expect.arrayContaining(sure));
    expect(seen.size).toBeGreaterThanOrEqual(runs(5));
  });

  test('keep them also when there are two hundred', async () => {
    await fc.assert(
      fc.asyncProperty(randomGroup({ minSessions: 100, maxSessions: 200, size: 'max' }), async group => {
        await play(group, 3);
      }),
      { numRuns: runs(12) },
    );
  });
});
