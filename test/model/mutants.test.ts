// @module-tag long
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { groupMachine } from '../../machines/group.machine.ts';
import { bench, drive } from '../support/bench.ts';
import { CrashingGroup, fate } from '../support/crashing-group.ts';
import { explore } from '../support/explore.ts';
import { EXPLORED_GROUPS } from '../support/explored-groups.ts';
import { InvariantWatcher } from '../support/invariant-watcher.ts';
import { METHODS, type Method, MUTANTS, type Mutant } from '../support/mutants.ts';
import { mutantRoster, planting } from '../support/plant-mutants.ts';
import { randomGroup } from '../support/random-group.ts';
import { SCENARIOS, stage } from '../support/scenarios.ts';

// Opening a group looks through all processes of the machine for its agents, which here are none.
vi.mock('../../src/sdk/process/orphans.ts', () => ({ endOrphans: async () => {} }));

/*
 * Also that nothing else finds a bug than what is said to: EVERY_METHOD=1 npx vitest run test/model/mutants.test.ts
 */
const EVERY_METHOD = process.env.EVERY_METHOD !== undefined;

/** Whether it fails: a bug that makes the engine throw, or run for ever, is found as well. */
async function fails(check: () => unknown): Promise<boolean> {
  try {
    await check();
    return false;
  } catch {
    return true;
  }
}

const byExploration = ({ chart, roster }: Mutant) =>
  fails(() => {
    for (const [, setup, alphabet] of EXPLORED_GROUPS) {
      const bug = {
        ...(chart ? { machine: chart(groupMachine) } : {}),
        ...(roster ? { rosterOf: mutantRoster(roster) } : {}),
      };
      explore({ ...setup, ...bug, throws: true }, alphabet, 50_000);
    }
  });

const byScenario = (mutant: Mutant) =>
  fails(async () => {
    for (const play of Object.values(SCENARIOS)) await play(stage(planting(mutant)));
  });

const byRandomGroups = (mutant: Mutant) =>
  fails(async () => {
    const inspect = planting(mutant);
    await fc.assert(
      fc.asyncProperty(randomGroup({ maxSessions: 12 }), async group => {
        const one = await bench(group.sessions, { config: group.config, inspect });
        const watcher = new InvariantWatcher(one, group);
        let steps = 0;
        await drive(one.clock, one.group.run(), () => {
          expect(++steps).toBeLessThan(5_000);
          watcher.check();
        });
        watcher.checkRest();
      }),
      { numRuns: 40, seed: 20_260_101, endOnFailure: true },
    );
    await fc.assert(
      fc.asyncProperty(randomGroup({ maxSessions: 8 }), fate, async (group, plan) => {
        await new CrashingGroup(group, inspect).live(plan);
      }),
      { numRuns: 40, seed: 20_260_101, endOnFailure: true },
    );
  });

const FINDERS: Readonly<Record<Method, (mutant: Mutant) => Promise<boolean>>> = {
  exploration: byExploration,
  scenarios: byScenario,
  'random groups': byRandomGroups,
};

describe('planted bugs', () => {
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  afterAll(() => {
    vi.restoreAllMocks();
  });

  test.each(MUTANTS.map(mutant => [mutant.name, mutant] as const))('%s', async (_, mutant) => {
    const found: Method[] = [];
    for (const method of EVERY_METHOD ? METHODS : mutant.by) {
      if (await FINDERS[method](mutant)) found.push(method);
    }
    expect(found).toEqual(mutant.by);
    expect(found).not.toEqual([]);
  });

  /* So none of them finds a bug in everything. */
  test.each(METHODS)('are not all found by %s', async method => {
    const missed = MUTANTS.find(({ by }) => !by.includes(method));
    if (!missed) throw new Error('there is a bug for each method to miss');
    expect(await FINDERS[method](missed), missed.name).toBe(false);
  });
});
