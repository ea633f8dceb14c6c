import { describe, expect, it } from 'vitest';
import { waitWords } from '../../src/cli/wait-words.ts';
import { formatClock } from '../../src/sdk/format.ts';
import type { WaitReason } from '../../src/sdk/group/progress/progress.ts';

const now = Date.UTC(2026, 0, 2, 3, 4, 5);
const later = now + 12 * 60_000;

const cases: [WaitReason, string][] = [
  [{ kind: 'dependency', sessions: ['shared-lib'] }, 'waiting for shared-lib'],
  [{ kind: 'dependency', sessions: ['a', 'b', 'c', 'd', 'e'] }, 'waiting for a, b, c and 2 more'],
  [{ kind: 'dependency', sessions: ['a'], toFail: ['a'] }, 'waiting for a to fail'],
  [{ kind: 'dependency', sessions: ['a', 'b'], toFail: ['a'] }, 'waiting for b, and for a to fail'],
  [{ kind: 'slot', live: 3, maxConcurrent: 3 }, 'waiting for a slot (3 of 3 busy)'],
  [{ kind: 'slot', live: 1, maxConcurrent: 3 }, 'waiting to start (1 of 3 slots busy)'],
  [{ kind: 'project', project: '/p', heldBy: ['gateway'] }, 'project busy: gateway'],
  [{ kind: 'project', project: '/p', heldBy: [] }, 'project busy: held by another group'],
  [
    {
      kind: 'project',
      project: '/p',
      heldBy: [],
      others: [{ groupId: 'G', sessionId: 'web', since: now, waitsFor: 'approval' }],
    },
    'project busy: web of G (waits for your approval)',
  ],
  [
    {
      kind: 'project',
      project: '/p',
      heldBy: ['api'],
      others: [
        { groupId: 'G', sessionId: 'web', since: now },
        { groupId: 'H', sessionId: 'old' },
      ],
    },
    `project busy: api, web of G (works since ${formatClock(now)}), old of H`,
  ],
  [{ kind: 'budget', usageUsd: 10.02, limitUsd: 10 }, 'limit reached: $10.02 of $10.00'],
  [
    { kind: 'budget', usageUsd: 10.02, limitUsd: 10, rehearsal: true },
    'limit of the rehearsal reached: $10.02 of $10.00',
  ],
  [
    { kind: 'quota', account: 'default', until: later },
    `usage limit until ${formatClock(later)} (in 12m 00s)`,
  ],
  [{ kind: 'retry', until: now + 3_200, attempt: 2, code: 'overloaded' }, 'retry 2 in 4s: overloaded'],
  [{ kind: 'retry', until: now - 1, attempt: 2, code: 'server_error' }, 'retry 2 in 0s: server error'],
  [{ kind: 'placement' }, 'waiting for a worker'],
  [{ kind: 'placement', workers: 0, ahead: 2 }, 'waiting for a worker: there is none'],
  [
    { kind: 'placement', workers: 0, ahead: 0, trees: true },
    'waiting for a worker: there is none that takes sessions with trees',
  ],
  [{ kind: 'placement', workers: 2, ahead: 0 }, 'waiting for a free worker'],
  [
    { kind: 'placement', workers: 2, ahead: 3, pool: 'gpu' },
    'waiting for a free worker of pool gpu (3 ahead)',
  ],
  [
    { kind: 'placement', workers: 0, ahead: 0, pool: 'gpu' },
    'waiting for a worker of pool gpu: there is none',
  ],
  [{ kind: 'worker_lost', until: now + 3_200 }, 'no word of its worker: goes on elsewhere in 4s'],
  [{ kind: 'approval', requestId: 'r', tool: 'Bash' }, 'needs approval: Bash'],
  [{ kind: 'approval', requestId: 'r', tool: '\u001b[2JBash\n' }, 'needs approval: Bash'],
  [{ kind: 'approval', requestId: 'r', tool: 'ExitPlanMode' }, 'wants its plan approved'],
  [
    {
      ...{ kind: 'approval', requestId: 'r', tool: 'AskUserQuestion' },
      input: { questions: [{ question: 'Which?' }] },
    },
    'asks: Which?',
  ],
  [{ kind: 'paused', reason: 'manual' }, 'paused'],
  [{ kind: 'paused', reason: 'held' }, 'held'],
  [{ kind: 'paused', reason: 'held', by: 'cli' }, 'held from a terminal'],
  [{ kind: 'paused', reason: 'held', by: 'http' }, 'held via the API'],
  [{ kind: 'paused', reason: 'held', by: 'night shift' }, 'held by night shift'],
  [{ kind: 'paused', reason: 'budget_exceeded' }, 'paused: the budget is used up'],
  [{ kind: 'paused', reason: 'error_threshold' }, 'paused: too many failures'],
  [{ kind: 'paused', reason: 'quota' }, 'paused: the usage limit resets too late'],
  [{ kind: 'paused', reason: 'agent_unavailable' }, 'paused: the agent is unavailable'],
  [{ kind: 'paused', reason: 'sessions_paused' }, 'paused: only held sessions remain'],
  [{ kind: 'paused', reason: 'shutdown' }, 'paused: shut down'],
  [{ kind: 'not_started' }, 'not started'],
];

describe('the words for wait reasons', () => {
  it.each(cases)('%j', (why, words) => {
    expect(waitWords(why, now)).toBe(words);
  });
});
