import { expect, test } from 'vitest';
import { plainLine } from '../../src/cli/run/plain-output.ts';
import { transcript } from '../../src/cli/show/transcript.ts';
import type { GroupEvent } from '../../src/sdk/group/journal/events.ts';

const AT = { v: 1, seq: 1, time: '2026-01-02T03:04:05.000Z', groupId: 'g' } as const;
const OF = { ...AT, sessionId: 'api' } as const;
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

const SESSION: readonly (readonly [GroupEvent, string])[] = [
  [
    {
      ...OF,
      type: 'workspace_ready',
      path: '/w/g/api',
      branch: 'refs/heads/session-groups/g/api',
      commit: COMMIT,
    },
    'works in /w/g/api on branch session-groups/g/api',
  ],
  [{ ...OF, type: 'session_verifying' }, 'checking what it did'],
  [{ ...OF, type: 'session_verifying', merged: true }, 'checking it together with what was merged before it'],
  [{ ...OF, type: 'session_verified', durationMs: 3_000 }, 'checks passed in 3.0s'],
  [{ ...OF, type: 'session_integrated', repository: 'r', commit: COMMIT }, 'merged as 0123456789ab'],
  [
    {
      ...OF,
      type: 'session_conflict',
      files: ['src/a.ts', 'x\u001b[2J\u202e.ts'],
      with: ['web'],
      ours: COMMIT,
      theirs: COMMIT,
    },
    'conflict with web in src/a.ts, x.ts',
  ],
  [{ ...OF, type: 'workspace_removed', path: '/w/g/api' }, 'its tree was removed: /w/g/api'],
];

const GROUP: readonly (readonly [GroupEvent, string])[] = [
  [{ ...AT, type: 'group_delivering', into: 'main' }, 'delivering to main'],
  [{ ...AT, type: 'delivery_refused', message: 'lib: it is\nin use' }, 'delivery refused: lib: it is in use'],
  [{ ...AT, type: 'group_delivered', repositories: [] }, 'delivered: no branch had to be moved'],
  [
    {
      ...AT,
      type: 'group_delivered',
      repositories: [{ repository: 'r', into: 'main', from: null, to: COMMIT }],
    },
    'delivered: main at 0123456789ab',
  ],
  [
    {
      ...AT,
      type: 'delivery_undone',
      repositories: [
        { repository: 'r', into: 'main', from: COMMIT, to: COMMIT },
        { repository: 's', into: 'next', from: COMMIT, to: null },
      ],
    },
    'delivery taken back: main at 0123456789ab, next at nothing',
  ],
];

test.each(SESSION)('a transcript and the plain output tell %o', (event, words) => {
  expect(transcript([event])).toEqual([`2026-01-02 03:04:05  ${words}`]);
  expect(plainLine(event)).toMatch(/^\d\d:\d\d:\d\d api: /);
  expect(plainLine(event)).toContain(words);
});

test.each(GROUP)('the plain output tells %o', (event, words) => {
  expect(plainLine(event)).toMatch(/^\d\d:\d\d:\d\d group: /);
  expect(plainLine(event)).toContain(words);
});

test('of many files in conflict, ten are named', () => {
  const files = Array.from({ length: 12 }, (_, index) => `f${index}`);
  const event: GroupEvent = {
    ...OF,
    type: 'session_conflict',
    files,
    with: [],
    ours: COMMIT,
    theirs: COMMIT,
  };
  expect(plainLine(event)).toMatch(/conflict in f0, .*f9 and 2 more$/);
});
