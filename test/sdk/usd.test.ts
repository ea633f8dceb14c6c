import { expect, test } from 'vitest';
import { openSessionGroup } from '../../src/sdk/group/api/create.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { SessionGroupDefinition } from '../../src/sdk/group/types.ts';
import { Usd, UsdLimit } from '../../src/sdk/usd.ts';
import { bench, scripted } from '../support/bench.ts';

const IN_RANGE = 'from 0.000001 to 1000000000';
const WRONG: readonly (readonly [unknown, string])[] = [
  [Number.POSITIVE_INFINITY, IN_RANGE],
  [1e308, IN_RANGE],
  [1e300, IN_RANGE],
  [1e-9, IN_RANGE],
  [0, 'above 0'],
  [-1, 'above 0'],
  [Number.NaN, 'above 0'],
  ['5', 'above 0'],
  [null, 'above 0'],
  [{}, 'above 0'],
  ['None', 'above 0'],
];

test.each(WRONG)(
  '%s is no limit: not in a definition, nor set later, nor with a resume',
  async (limit, why) => {
    expect(Usd.safeParse(limit).error?.issues[0]?.message).toMatch(why);
    expect(UsdLimit.safeParse(limit).error?.issues[0]?.message).toMatch(`${why}, or none`);
    const session = { id: 'a', projectPath: '.', prompt: 'x' };
    for (const wrong of [
      { config: { budget: { maxBudgetUsd: limit } }, sessions: [session] },
      { sessions: [{ ...session, maxBudgetUsd: limit }] },
    ]) {
      expect(SessionGroupDefinition.safeParse({ version: 1, name: 'n', ...wrong }).success).toBe(false);
    }
    const store = createMemoryStore();
    const { group } = await bench([scripted('a')], { store, config: { budget: { maxBudgetUsd: 10 } } });
    const refused = { code: 'invalid_argument', message: expect.stringContaining(why) };
    await expect(group.setMaxBudget(limit as never)).rejects.toMatchObject(refused);
    await expect(group.resume({ maxBudgetUsd: limit as never })).rejects.toMatchObject(refused);
    expect(group.getProgress().limitUsd).toBe(10);
    await group.dispose();
    const opened = await openSessionGroup(group.id, { store, env: {} });
    expect(opened.getProgress().limitUsd).toBe(10);
    await opened.dispose();
  },
);

test.each([0.000_001, 1, 1_000_000_000, 'none'] as const)(
  '%s is one, as exact as it was given',
  async limit => {
    const { group } = await bench([scripted('a')]);
    await group.setMaxBudget(limit);
    expect(group.getProgress().limitUsd).toBe(limit === 'none' ? undefined : limit);
    await group.dispose();
  },
);
