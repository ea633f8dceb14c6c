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
 * Seeded shares of the kill matrices of workspaces (a tenth) and of groups that deliver; the whole, each point by itself, then
 * with engines that are killed twice and at any time: node scripts/run-ts.mjs bench/workspace-kills.ts [--engine whole] --twice 46 --random 60
 */

const AT_ONCE = 2;

const folder = mkdtempSync(join(tmpdir(), 'workspace-kills-'));
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

interface Share<End> {
  readonly end: End;
  /** How many there are. */
  readonly points: number;
  /** How many engines were killed. */
  readonly kills: number;
}

/** Lives whose first engine dies at a point of each kind, and the next two anywhere later. */
async function aShare<End>(most: number, worldOf: (name: string) => World<End>): Promise<Share<End>> {
  const worlds = Array.from({ length: AT_ONCE }, (_, at) => worldOf(`kills-${process.pid}-${at}`));
  const [source = ''] = worlds.map(world => world.life);
  const life = join(compiledSources(source), source.replace('.ts', '.js'));
  const matrices = worlds.map(world => new KillMatrix(mkdtempSync(join(folder, 'world-')), world, life));
  const [first] = matrices;
  const whole = await first?.live([]);
  if (!whole) throw new Error('there is no matrix');
  const waiting = deathsIn(whole.points, randomFrom(13)).slice(0, most);
  let kills = 0;
  const worker = async (matrix: KillMatrix<End>): Promise<void> => {
    for (let deaths = waiting.pop(); deaths; deaths = waiting.pop()) {
      const lived = await matrix.live(deaths);
      expect({ deaths, end: lived.end }).toEqual({ deaths, end: whole.end });
      kills += lived.kills;
    }
  };
  await Promise.all(matrices.map(worker));
  return { end: whole.end, points: whole.points.length, kills };
}

/** For each kind of point one of them, at random, with two more deaths after it; in random order. */
function deathsIn(points: readonly string[], random: () => number): number[][] {
  const drawn = points.map((kind, at) => ({ kind, at: at + 1, order: random() }));
  drawn.sort((one, other) => one.order - other.order);
  const later = (at: number) => 1 + Math.floor(random() * (points.length - at));
  return [...new Map(drawn.map(point => [point.kind, point])).values()].map(({ at }) => [
    at,
    later(at),
    later(at),
  ]);
}

describe('the same end comes of a life that is killed at any point around git calls, records and changes of files:', () => {
  it('an engine in small', async () => {
    const { points, kills } = await aShare(Number.POSITIVE_INFINITY, () => workspaceWorld);
    expect(points).toBeGreaterThan(900);
    expect(kills).toBeGreaterThan(points / 10);
  }, 1_200_000);

  it('an engine with a group that checks, merges, resolves a conflict and delivers', async () => {
    const { points, kills, end } = await aShare(8, groupWorld);
    expect(end).toMatchObject({
      status: 'completed',
      repositories: {
        api: { status: USERS.replace('BRANCH', 'main'), trees: 1, left: [], damage: '' },
        lib: { status: USERS.replace('BRANCH', 'work'), trees: 1, left: [], damage: '' },
      },
    });
    expect(points).toBeGreaterThan(1_500);
    expect(kills).toBeGreaterThan(12);
  }, 1_200_000);
});

/** What the user has changed, and nothing else. */
const USERS = '## BRANCH\nM  staged.ts\n M user.ts\n?? notes.txt\n';
