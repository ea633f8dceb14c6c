import type { Alphabet } from './explore.ts';
import type { ExploredSetup } from './explored-group.ts';
import { needs, plain } from './random-dag.ts';

const failure = (session: string) => ({ session, when: 'failed' as const });

/** Small groups that together cover every kind of edge, limit and request. */
export const EXPLORED_GROUPS: readonly [string, ExploredSetup, Alphabet][] = [
  [
    'two sessions that merge in one repository, whose work is delivered',
    { sessions: [plain('a'), plain('b')], maxConcurrent: 2, delivers: 'into' },
    { merges: true, integrates: true },
  ],
  [
    'two sessions that merge in a repository each, and a delivery that nobody has asked for yet',
    { sessions: [plain('a'), plain('b')], maxConcurrent: 2, delivers: 'asked', repositoryOf: id => id },
    { merges: true, integrates: true, retry: ['a'] },
  ],
  [
    'an engine that died while a group that had failed delivered what had been merged',
    {
      sessions: [plain('a'), plain('b'), plain('c', { dependsOn: needs('b') })],
      maxConcurrent: 2,
      delivers: 'into',
      restored: {
        status: 'delivering',
        settled: new Map([
          ['a', { outcome: 'completed', reason: undefined }],
          ['b', { outcome: 'failed', reason: undefined }],
          ['c', { outcome: 'skipped', reason: 'upstream_failed' }],
        ]),
        delivery: {
          delivered: false,
          into: 'main',
          before: { status: 'failed', reason: 'sessions_failed' },
        },
      },
    },
    { merges: true, integrates: true, retry: ['b'] },
  ],
  [
    'a chain',
    { sessions: [plain('a'), plain('b', { dependsOn: needs('a') }), plain('c', { dependsOn: needs('b') })] },
    { retries: true, budget: true, retry: ['a', 'c'] },
  ],
  [
    'an engine that died while it ran: one completed, two in play, of which one is held, one that waits',
    {
      sessions: [plain('a'), plain('b', { dependsOn: needs('a') }), plain('c'), plain('d')],
      maxConcurrent: 2,
      restored: {
        status: 'running',
        settled: new Map([['a', { outcome: 'completed', reason: undefined }]]),
        inPlay: new Map([
          ['c', { held: false }],
          ['d', { held: true }],
        ]),
      },
    },
    { hold: ['d'], budget: true },
  ],
  [
    'an engine that died while it ran, and agents elsewhere: one that is held, and one that is not',
    {
      sessions: [plain('a'), plain('b'), plain('c', { dependsOn: needs('a') })],
      maxConcurrent: 2,
      restored: {
        status: 'running',
        inPlay: new Map([
          ['a', { held: false, elsewhere: true }],
          ['b', { held: true, elsewhere: true }],
        ]),
      },
    },
    { hold: ['b'], retries: true },
  ],
  [
    'an engine that died while it paused, an agent elsewhere, and a session that had been here',
    {
      sessions: [plain('a'), plain('b'), plain('c')],
      maxConcurrent: 2,
      restored: {
        status: 'pausing',
        inPlay: new Map([
          ['a', { held: false, elsewhere: true }],
          ['b', { held: false }],
        ]),
        reason: 'manual',
      },
    },
    { retries: true },
  ],
  [
    'an engine that died while it ran, with one in play and one that was held before it started',
    {
      sessions: [plain('a'), plain('b'), plain('c', { dependsOn: needs('a') })],
      restored: { status: 'running', inPlay: new Map([['a', { held: false }]]), held: ['b'] },
    },
    { hold: ['a', 'b'] },
  ],
  [
    'who is held before it starts: a candidate, one that waits, and one in their project',
    {
      sessions: [plain('a'), plain('b', { dependsOn: needs('a') }), plain('c')],
      maxConcurrent: 2,
      projectOf: id => (id === 'b' ? 'other' : 'shared'),
    },
    { hold: ['b', 'c'], retry: ['a'] },
  ],
  [
    'an engine that died before it had skipped what a failure skips',
    {
      sessions: [
        plain('a'),
        plain('b', { dependsOn: needs('a') }),
        plain('c', { dependsOn: needs('b') }),
        plain('d'),
      ],
      restored: {
        status: 'running',
        settled: new Map([['a', { outcome: 'failed', reason: undefined }]]),
        errors: 1,
      },
    },
    { retry: ['a'], retries: true },
  ],
  [
    'a fork with an edge for the failure',
    {
      sessions: [
        plain('a'),
        plain('b', { dependsOn: needs('a') }),
        plain('rescue', { dependsOn: [failure('a')] }),
      ],
      maxConcurrent: 2,
    },
    { retries: true, retry: ['a'], unavailable: true },
  ],
  [
    'three independent sessions with a threshold that pauses',
    { sessions: [plain('a'), plain('b'), plain('c')], maxConcurrent: 2, errorThreshold: 2 },
    { retries: true },
  ],
  [
    'three independent sessions with a threshold that stops',
    {
      sessions: [plain('a'), plain('b', { allowFailure: true }), plain('c')],
      maxConcurrent: 3,
      errorThreshold: 1,
      pauseOnError: false,
    },
    {},
  ],
  [
    'a join that either of two starts',
    {
      sessions: [
        plain('a'),
        plain('b'),
        plain('join', { dependsOn: [...needs('a'), failure('b')], trigger: 'any' }),
      ],
      maxConcurrent: 2,
    },
    { hold: ['a'], retries: true },
  ],
  [
    'a project shared by two sessions',
    {
      sessions: [plain('a'), plain('b'), plain('c', { dependsOn: needs('a') })],
      maxConcurrent: 2,
      projectOf: id => (id === 'c' ? 'other' : 'shared'),
    },
    { hold: ['a'], limits: true },
  ],
  [
    'a budget that stops',
    { sessions: [plain('a'), plain('b', { dependsOn: needs('a') })], onBudget: 'stop' },
    { budget: true, limits: true, hold: ['a', 'b'], retries: true },
  ],
  [
    'sessions that are added and removed',
    {
      sessions: [plain('a'), plain('b', { dependsOn: needs('a') })],
      maxConcurrent: 2,
      errorThreshold: 2,
      revisions: [
        [plain('a'), plain('rescue', { dependsOn: [failure('a')] }), plain('b', { dependsOn: needs('a') })],
        [plain('b', { dependsOn: needs('a') }), plain('c', { dependsOn: needs('b') }), plain('a')],
        [plain('a')],
      ],
    },
    { changes: true, hold: ['a'] },
  ],
];
