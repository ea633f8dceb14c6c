import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compiledSources } from '../sdk/session/compiled-sources.ts';
import { groupWorld } from '../support/kills/group-world.ts';
import { KillMatrix, type World } from '../support/kills/matrix.ts';
import { randomFrom } from '../support/kills/random-kills.ts';
import { workspaceWorld } from '../support/kills/workspace-world.ts';

/*
 * Seeded shares of the kill matrices of workspaces and of groups that deliver; the whole, with engines that are killed
 * twice and at any time: node scripts/run-ts.mjs bench/workspace-kills.ts [--engine whole] --twice 46 --random 60
 */

const AT_ONCE = 2;

const folder = mkdtempSync(join(tmpdir(), 'workspace-kills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

interface Share<End> {
  readonly end: End;
  readonly points: number;
  readonly killed: number;
}

async function aShare<End>(share: number, worldOf: (name: string) => World<End>): Promise<Share<End>> {
  const worlds = Array.from({ length: AT_ONCE }, (_, at) => worldOf(`kills-${process.pid}-${at}`));
  const [source = ''] = worlds.map(world => world.life);
  const life = join(compiledSources(source), source.replace('.ts', '.js'));
  const matrices = worlds.map(world => new KillMatrix(mkdtempSync(join(folder, 'world-')), world, life));
  const [first] = matrices;
  const whole = await first?.live([]);
  if (!whole) throw new Error('there is no matrix');
  const random = randomFrom(13);
  const points = Array.from({ length: whole.points }, (_, at) => at + 1).filter(() => random() < share);
  const waiting = [...points];
  const worker = async (matrix: KillMatrix<End>): Promise<void> => {
    for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
      const again = Math.floor(random() * whole.points);
      const deaths = at % 8 === 0 ? [at, again] : [at];
      const { end } = await matrix.live(deaths);
      expect({ deaths, end }).toEqual({ deaths, end: whole.end });
    }
  };
  await Promise.all(matrices.map(worker));
  return { ...whole, killed: points.length };
}

describe('the same end comes of a life that is killed at any point around git calls and records:', () => {
  it('an engine in small', async () => {
    const { points, killed } = await aShare(0.1, () => workspaceWorld);
    expect(points).toBeGreaterThan(500);
    expect(killed).toBeGreaterThan(40);
  }, 1_200_000);

  it('an engine with a group that checks, merges, resolves a conflict and delivers', async () => {
    const { points, killed, end } = await aShare(0.012, groupWorld);
    expect(end).toMatchObject({
      status: 'completed',
      repositories: {
        api: { status: USERS.replace('BRANCH', 'main'), trees: 1, left: [], damage: '' },
        lib: { status: USERS.replace('BRANCH', 'work'), trees: 1, left: [], damage: '' },
      },
    });
    expect(points).toBeGreaterThan(1_000);
    expect(killed).toBeGreaterThan(8);
  }, 1_200_000);
});

/** What the user has changed, and nothing else. */
const USERS = '## BRANCH\nM  staged.ts\n M user.ts\n?? notes.txt\n';
