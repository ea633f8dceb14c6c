// @module-tag long
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readPlan } from './plan/kept-plan.ts';
import { makePlan } from './plan/make-plan.ts';
import type { Plan } from './plan/plan.ts';
import { report } from './report.ts';
import { runPlan } from './runs.ts';
import { interception } from './world/simulation.ts';

/** Whole runs of the engine on a simulated machine, under the eyes of an oracle. Others: `npm run simulate`. */

beforeAll(() => interception.install());
afterAll(() => interception.remove());

const SEEDS = 250;
const AT_ONCE = 25;
const REGRESSIONS = join(import.meta.dirname, 'regressions');

async function passes(plan: Plan, name = ''): Promise<void> {
  const { history, violations } = await runPlan(plan);
  if (violations.length > 0) expect.fail(`${name}\n${report(plan, history, violations)}`);
}

describe('a simulated group keeps its promises', () => {
  for (let first = 1; first <= SEEDS; first += AT_ONCE) {
    test(`seeds ${first} to ${first + AT_ONCE - 1}`, async () => {
      for (let seed = first; seed < first + AT_ONCE; seed += 1) await passes(makePlan(seed));
    });
  }
});

test('what a seed has found once stays mended', async () => {
  for (const name of readdirSync(REGRESSIONS).filter(file => file.endsWith('.json'))) {
    await passes(readPlan(join(REGRESSIONS, name)), name);
  }
});

test('a seed means the same history every time', async () => {
  for (const seed of [1, 2, 3, 5, 8, 13, 21, 34, 55, 89]) {
    const [one, other] = [await runPlan(makePlan(seed)), await runPlan(makePlan(seed))];
    expect(JSON.stringify(other.history)).toBe(JSON.stringify(one.history));
  }
});
