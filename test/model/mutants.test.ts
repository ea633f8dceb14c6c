// @module-tag long
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { groupMachine } from '../../machines/group.machine.ts';
import { delay, drive, failing, scripted } from '../support/bench.ts';
import { explore } from '../support/explore.ts';
import { EXPLORED_GROUPS } from '../support/explored-groups.ts';
import { InvariantWatcher } from '../support/invariant-watcher.ts';
import { MUTANTS, type Mutant, mutantBench, mutantRoster } from '../support/mutants.ts';
import { randomGroup } from '../support/random-group.ts';
import { runs } from '../support/runs.ts';

const NO_BUG: Mutant = { name: 'no bug at all' };

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
      const planted = {
        ...setup,
        ...(chart ? { machine: chart(groupMachine) } : {}),
        ...(roster ? { rosterOf: mutantRoster(roster) } : {}),
      };
      if (explore(planted, alphabet, 50_000).findings.length > 0) throw new Error('found');
    }
  });

const byScenario = (mutant: Mutant) =>
  fails(async () => {
    const four = ['a', 'b', 'c', 'd'].map((id, i) => scripted(id, [delay(1_000 * (i + 1)), failing()]));
    const threshold = { concurrency: { maxConcurrent: 4, errorThreshold: 2 } };
    const first = await mutantBench(four, threshold, mutant);
    expect((await first.until(first.group.run())).reason).toBe('error_threshold');
    expect((await first.until(first.group.resume())).status).toBe('failed');

    const held = await mutantBench(
      [scripted('a', [delay(5_000)]), scripted('b', [delay(5_000)])],
      {},
      mutant,
    );
    const run = held.group.run();
    await held.pass(1_000);
    await held.group.pauseSession('a');
    expect((await held.until(run)).reason).toBe('sessions_paused');
    expect((await held.until(held.group.resume())).reason).toBe('sessions_paused');
    await held.group.resumeSession('a');
    expect((await held.until(held.group.resume())).status).toBe('completed');
  });

const byRandomGroups = (mutant: Mutant) =>
  fails(() =>
    fc.assert(
      fc.asyncProperty(randomGroup({ maxSessions: 12 }), async group => {
        const one = await mutantBench(group.sessions, group.config, mutant);
        const watcher = new InvariantWatcher(one, group);
        let steps = 0;
        await drive(one.clock, one.group.run(), () => {
          expect(++steps).toBeLessThan(5_000);
          watcher.check();
        });
        watcher.checkRest();
      }),
      { numRuns: runs(40), seed: 20_260_101, endOnFailure: true },
    ),
  );

const METHODS = [
  ['exploration', byExploration],
  ['scenarios', byScenario],
  ['random groups', byRandomGroups],
] as const;

describe('planted bugs', () => {
  const found = new Map<string, string[]>();
  vi.spyOn(console, 'warn').mockImplementation(() => {});
  afterAll(() => {
    vi.restoreAllMocks();
  });

  test.each(METHODS)('are not seen by %s where there are none', async (_, finds) => {
    expect(await finds(NO_BUG)).toBe(false);
  });

  test.each(MUTANTS.map(mutant => [mutant.name, mutant] as const))('%s', async (name, mutant) => {
    const by: string[] = [];
    for (const [method, finds] of METHODS) if (await finds(mutant)) by.push(method);
    found.set(name, by);
    expect(by).not.toEqual([]);
  });

  test('need all three ways to be found', () => {
    process.stdout.write(`${[...found].map(([name, by]) => `${name}: ${by.join(', ')}`).join('\n')}\n`);
    for (const [method] of METHODS) {
      const count = [...found.values()].filter(by => by.includes(method)).length;
      expect(count, method).toBeGreaterThan(0);
      expect(count, method).toBeLessThan(MUTANTS.length);
    }
  });
});
