import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { CrashingGroup, fate } from '../support/crashing-group.ts';
import { randomGroup } from '../support/random-group.ts';
import { runs } from '../support/runs.ts';

/*
 * Random groups whose engine dies at any record that it writes, and at rest; another one continues them. More, and
 * others: SEQUENCES=20000 SEED=1 npx vitest run test/properties/recovery.test.ts
 */

// Opening a group looks through all processes of the machine for its agents, which here are none.
vi.mock('../../src/sdk/process/orphans.ts', () => ({ endOrphans: async () => {} }));

test('wherever its engines die, a group keeps I1–I9, I11, I13 and I15 until it has settled', {
  timeout: 600_000,
}, async () => {
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(randomGroup({ maxSessions: 8 }), fate, async (random, plan) => {
      const group = new CrashingGroup(random);
      const end = await group.live(plan);
      for (const status of group.deaths) seen.add(`died ${status}`);
      seen.add(`ended ${end}`);
    }),
    {
      numRuns: Number(process.env.SEQUENCES ?? runs(800)),
      seed: Number(process.env.SEED ?? 20_260_101),
    },
  );
  // They die and end in many ways, or this says little.
  const sure = ['died paused', 'died running', 'ended completed', 'ended failed', 'ended stopped'];
  const rare = ['died pausing', 'died stopping', 'died completed', 'died failed', 'died stopped'];
  expect([...seen]).toEqual(expect.arrayContaining([...sure, ...rare.slice(0, runs(5))]));
});
