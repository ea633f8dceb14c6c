import { describe, expect, test } from 'vitest';
import type { TreePlan } from '../../machines/contract.ts';
import { exploredSession, exploreTree } from '../support/explored-session.ts';

const ALL: TreePlan = {
  own: true,
  verifies: true,
  integrates: true,
  verifiesMerge: true,
  resolves: true,
  corrections: { checks: 1, conflicts: 1 },
};

const PLANS: readonly (readonly [string, TreePlan])[] = [
  ['all of it', ALL],
  ['conflicts for a person', { ...ALL, resolves: false, verifiesMerge: false }],
  ['no checks', { ...ALL, verifies: false, verifiesMerge: false }],
  ['nothing to merge', { ...ALL, integrates: false, verifiesMerge: false }],
  ['a result only', { ...ALL, verifies: false, integrates: false, verifiesMerge: false }],
  [
    'checks in the folder of the project',
    { ...ALL, own: false, integrates: false, verifiesMerge: false, resolves: false },
  ],
];

describe('every state that a session can get into', () => {
  test.each(PLANS)('with %s keeps its slot, its counts and its word on every edge', (_, plan) => {
    const { findings, states, values } = exploreTree(plan);
    expect(findings).toEqual([]);
    expect(states).toBeGreaterThan(50);
    const steps = [
      ...(plan.own ? ['settingUp', 'saving'] : []),
      ...(plan.verifies ? ['verifying', 'ending'] : []),
      ...(plan.integrates ? ['waiting', 'merging', 'advancing'] : []),
      ...(plan.verifiesMerge ? ['checking'] : []),
      ...['working', 'asking', 'retrying', 'queued', 'paused', 'completed', 'failed', 'stopped'],
    ];
    expect([...values]).toEqual(expect.arrayContaining(steps));
  });

  const guarded = (guards: Parameters<typeof exploredSession.provide>[0]['guards']) =>
    exploredSession.provide(guards ? { guards } : {});
  test.each([
    ['an unfinished check is forgotten', guarded({ verifies: () => false })],
    ['a stop is forgotten', guarded({ forStop: () => false })],
    ['a pause is forgotten', guarded({ forPause: () => false })],
    ['the step that is left is forgotten', guarded({ stepPending: () => false })],
    ['a merge that changes the tree is not checked', guarded({ mergeToVerify: () => false })],
  ])('finds a bug: %s', (_, chart) => {
    expect(exploreTree(ALL, chart).findings).not.toEqual([]);
  });
});
