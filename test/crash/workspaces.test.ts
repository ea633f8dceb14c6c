import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compiledSources } from '../sdk/session/compiled-sources.ts';
import { KillMatrix } from '../support/workspace-kills/matrix.ts';
import { randomFrom } from '../support/workspace-kills/random-kills.ts';

/*
 * A seeded tenth of the kill matrix of workspaces; the whole, with engines that are killed twice and at any time:
 * node scripts/run-ts.mjs bench/workspace-kills.ts --twice 46 --random 60
 */

const LIFE = 'test/support/workspace-kills/life.ts';
const SHARE = 0.1;
const AT_ONCE = 2;

const folder = mkdtempSync(join(tmpdir(), 'workspace-kills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

let matrices: readonly KillMatrix[] = [];
beforeAll(() => {
  const life = join(compiledSources(LIFE), LIFE.replace('.ts', '.js'));
  matrices = Array.from({ length: AT_ONCE }, (_, at) => new KillMatrix(join(folder, `${at}`), [life]));
});

describe('an engine with workspaces', () => {
  it('that is killed at any point around git calls and records comes to the same end', async () => {
    const [first] = matrices;
    const whole = await first?.live([]);
    if (!whole) throw new Error('there is no matrix');
    expect(whole.points).toBeGreaterThan(500);
    const random = randomFrom(13);
    const points = Array.from({ length: whole.points }, (_, at) => at + 1).filter(() => random() < SHARE);
    const waiting = [...points];
    const worker = async (matrix: KillMatrix): Promise<void> => {
      for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
        const again = Math.floor(random() * whole.points);
        const deaths = at % 8 === 0 ? [at, again] : [at];
        const { end } = await matrix.live(deaths);
        expect({ deaths, end }).toEqual({ deaths, end: whole.end });
      }
    };
    await Promise.all(matrices.map(worker));
    expect(points.length).toBeGreaterThan(40);
  }, 1_200_000);
});
