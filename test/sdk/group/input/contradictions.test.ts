import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sessionViews } from '../../../../src/sdk/group/document/session-view.ts';
import { graphFindings } from '../../../../src/sdk/group/input/graph-findings.ts';
import { waysToStart } from '../../../../src/sdk/testing/lifecycle/ways-to-start.ts';
import { dag } from '../../../support/random-dag.ts';

const findings = (sessions: readonly object[]) =>
  graphFindings(sessionViews({ sessions })).filter(({ code }) => code === 'never_starts');

const FAILS = { session: 'a', when: 'failed' };

test('a session is named whose dependencies need another both to complete and to fail, at however many removes', () => {
  const found = findings([
    { id: 'a' },
    { id: 'b', dependsOn: [FAILS] },
    { id: 'between', dependsOn: ['b'] },
    { id: 'c', dependsOn: ['a', 'between'] },
    { id: 'after', dependsOn: ['c'] },
  ]);
  expect(found).toMatchObject([
    {
      severity: 'warning',
      path: ['sessions', 3, 'dependsOn'],
      message: expect.stringMatching(/c.+cannot start.+a/),
    },
  ]);
});

test.each([
  ['starts after either end', [{ id: 'c', trigger: 'any', dependsOn: ['a', 'b'] }]],
  ['does not mind how it ends', [{ id: 'c', dependsOn: [{ session: 'a', when: 'settled' }, 'b'] }]],
  ['needs the same of both', [{ id: 'c', dependsOn: [FAILS, 'b'] }]],
])('no session is named that %s', (_, more) => {
  expect(findings([{ id: 'a' }, { id: 'b', dependsOn: [FAILS] }, ...more])).toEqual([]);
});

test('nor is one after a failure that is allowed', () => {
  expect(
    findings([
      { id: 'a', allowFailure: true },
      { id: 'b', dependsOn: [FAILS] },
      { id: 'c', dependsOn: ['a', 'b'] },
    ]),
  ).toEqual([]);
});

test('whatever is named finds no way to start', () => {
  let found = 0;
  fc.assert(
    fc.property(dag({ maxSessions: 10 }), sessions => {
      const named = new Set(findings(sessions).map(({ path }) => sessions[Number(path[1])]?.id));
      found += named.size;
      const modelled = sessions.map(session => ({ ...session, project: '', account: '' }));
      for (const { id } of sessions) if (named.has(id)) expect(waysToStart(modelled, id).never).toBe(true);
    }),
    { numRuns: 500 },
  );
  expect(found).toBeGreaterThan(3);
});

test('of many sessions, what cannot be found out in a bounded time is left out', () => {
  const sessions = Array.from({ length: 3_000 }, (_, at) => ({
    id: `s${at}`,
    dependsOn: at === 0 ? [] : [{ session: `s${at - 1}`, when: 'failed' }],
  }));
  expect(findings([...sessions, { id: 'last', dependsOn: ['s0', 's2999'] }])).toEqual([]);
  expect(findings([...sessions.slice(0, 1_000), { id: 'last', dependsOn: ['s0', 's999'] }])).toHaveLength(1);
});
