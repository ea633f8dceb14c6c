import type { Illegal } from './illegal-runs.ts';
import { after, definition, Scene, session } from './scene.ts';

const solo = definition({ sessions: [session('a')] });
const pair = definition({ sessions: [session('a'), session('b')] });
const running = (of = solo): Scene => new Scene(of).running();
const retries = { ...solo.retry };
const HOUR = 3_600_000;

/** I4, I5, promise 3, §4 and §5: how sessions and groups end and pause. */
export const ENDS: readonly Illegal[] = [
  [
    'I4',
    'session_failed of a, which has settled as completed',
    () => running(pair).start('a').done('a').failed('a').next(),
  ],
  [
    'promise 3',
    'a is completed, and its last run was failed',
    () => running().start('a').agentEnd('a', 'failed', { code: 'agent_error' }).completed('a').next(),
  ],
  ['promise 3', 'a is completed, and its last run was never done', () => running().completed('a').next()],
  [
    '§5 ends',
    'its run was done 2000 ms before',
    () => running().start('a').agentEnd('a').next(1_000).next(1_000).completed('a').next(),
  ],
  [
    '§5 failures',
    'a fails without a code',
    () =>
      running()
        .start('a')
        .agentEnd('a', 'failed')
        .event('session_failed', { sessionId: 'a', error: {}, costUsd: 0 })
        .next(),
  ],
  [
    '§5 ends',
    'a fails with overloaded, and its run was done',
    () => running().start('a').agentEnd('a').failed('a', 'overloaded').next(),
  ],
  [
    '§5 failures',
    'a fails with max_turns, its run with invalid_request',
    () =>
      running()
        .start('a')
        .agentEnd('a', 'failed', { code: 'invalid_request' })
        .failed('a', 'max_turns')
        .next(),
  ],
  [
    '§5 quota',
    'and its run met a usage limit',
    () => running().start('a').agentEnd('a', 'limited').failed('a', 'rate_limited').next(),
  ],
  ['I5', 'group_completed, and 1 sessions have not settled', () => running().event('group_completed').next()],
  [
    'I5',
    'completed, which it may not be',
    () => running().start('a').fail('a').event('group_completed').next(),
  ],
  [
    'I5',
    'failed, and everything succeeded',
    () => running().start('a').done('a').event('group_failed', { reason: 'sessions_failed' }).next(),
  ],
  [
    'I5',
    'failed, and everything succeeded',
    () =>
      running(definition({ sessions: [session('a', { allowFailure: true }), after('b', 'a', 'settled')] }))
        .start('a')
        .fail('a')
        .start('b')
        .done('b')
        .event('group_failed', { reason: 'x' })
        .next(),
  ],
  [
    '§4 stop',
    'a is stopped in a group that is running',
    () =>
      running()
        .start('a')
        .agentEnd('a', 'interrupted')
        .event('session_stopped', { sessionId: 'a', costUsd: 0 })
        .next(),
  ],
  ['§5 threshold', 'group_pausing after 0 failures', () => running().pausing('error_threshold').next()],
  [
    '§4 threshold',
    'group_pausing with nothing left to run',
    () =>
      running({ ...solo, errorThreshold: 1 })
        .start('a')
        .fail('a')
        .pausing('error_threshold')
        .next(),
  ],
  [
    '§5 threshold',
    'group_stopping at the threshold',
    () =>
      running({ ...pair, errorThreshold: 1 })
        .start('a')
        .fail('a')
        .event('group_stopping', { reason: 'error_threshold' })
        .next(),
  ],
  [
    '§5 threshold',
    'still running after 1 failures',
    () =>
      running({ ...pair, errorThreshold: 1 })
        .start('a')
        .fail('a')
        .next(),
  ],
  [
    '§4 agent_unavailable',
    'still running after a login',
    () =>
      running(pair)
        .start('a')
        .agentEnd('a', 'failed', { code: 'authentication_failed' })
        .event('session_paused', { sessionId: 'a' })
        .next(),
  ],
  [
    '§5 login',
    'a fails with billing_error',
    () => running(pair).start('a').next().fail('a', 'billing_error').next(),
  ],
  ['promise 2', 'a was done, and is running', () => running().start('a').agentEnd('a').over()],
  ['§4 agent_unavailable', 'every agent could be used', () => running().pausing('agent_unavailable').next()],
  ['§4 store_failed', 'the disk has not failed', () => running().pausing('store_failed').next()],
  [
    '§7 sessions_paused',
    'paused as all is held, and a is not',
    () => running().pausing('sessions_paused').next(),
  ],
  [
    '§7 pause',
    'session_paused of a in a group that is running, and nobody holds it',
    () =>
      running().start('a').agentEnd('a', 'interrupted').event('session_paused', { sessionId: 'a' }).next(),
  ],
  [
    '§4 pause',
    'paused as quota, pausing was manual',
    () => running().ask('pause').pausing().event('group_paused', { reason: 'quota' }).next(),
  ],
  ['§5 quota', 'none is further away than maxWait', () => running().pausing('quota').next()],
  [
    '§5 quota',
    'still running, and the limit is reset later than maxWait',
    () => {
      const scene = running().start('a');
      return scene.limited('a', scene.at + 2 * HOUR, scene.at + 2 * HOUR).next();
    },
  ],
];

/** §5: retries, usage limits and the watchdog. */
export const RETRIES: readonly Illegal[] = [
  [
    '§6',
    "a yields to the group's limit, which is not reached",
    () =>
      running()
        .start('a')
        .agentEnd('a', 'failed', { code: 'session_budget' })
        .retrying('a', 'session_budget', 0)
        .next(),
  ],
  [
    '§5 retries',
    'a is retried after invalid_request',
    () =>
      running()
        .start('a')
        .agentEnd('a', 'failed', { code: 'invalid_request' })
        .retrying('a', 'invalid_request')
        .next(),
  ],
  [
    '§5 retries',
    'a is retried after overloaded',
    () =>
      running({ ...solo, retry: { ...retries, nonRetryable: ['overloaded'] } })
        .start('a')
        .agentEnd('a', 'failed', { code: 'overloaded' })
        .retrying('a', 'overloaded')
        .next(),
  ],
  [
    '§5 retries',
    'a is retried after 1 failures of 1',
    () =>
      running({ ...solo, retry: { ...retries, maximumAttempts: 1 } })
        .start('a')
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a')
        .next(),
  ],
  [
    '§5 retries',
    'a is retried after 4000 ms, expected 1000',
    () =>
      running()
        .start('a')
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a', 'agent_error', 4_000)
        .next(),
  ],
  [
    '§5 retries',
    'a fails with agent_error after 1 of 2',
    () => running().start('a').fail('a', 'agent_error').next(),
  ],
  [
    '§5 watchdog',
    "a ran into its attempt's timeout after 1000 ms",
    () => running().start('a').next(1_000).fail('a', 'attempt_timeout').next(),
  ],
  [
    '§5 watchdog',
    'a was idle too long after 1000 ms',
    () => running().start('a').next(1_000).agentEnd('a', 'interrupted').retrying('a', 'idle_timeout').next(),
  ],
  [
    '§5 quota',
    'a meets a limit that its run has not met',
    () =>
      running()
        .start('a')
        .event('quota_limited', { account: 'x', until: '2026-01-01T01:00:00.000Z', sessionId: 'a' })
        .next(),
  ],
  [
    '§5 quota',
    'its limit is reset at',
    () => {
      const scene = running().start('a');
      return scene.limited('a', scene.at + 1_000, scene.at + 60_000).next();
    },
  ],
  [
    '§5 quota',
    'without a reset time, the account closes for 200000 ms',
    () => {
      const scene = running().start('a');
      return scene.limited('a', scene.at + 200_000).next();
    },
  ],
  [
    '§5 watchdog',
    'a runs 100000 ms longer than an attempt may',
    () => running().start('a').next(700_000).spend('a', 0).next(),
  ],
];

/** I13: at rest. */
export const REST: readonly Illegal[] = [
  ['I13', '2 timers are left at rest', () => new Scene(solo).created().over(2)],
  ['I13', 'never judged: b', () => running(definition()).start('a').fail('a').over()],
  ['I13', 'everything has settled, and the group is running', () => running().start('a').done('a').over()],
  [
    'I13',
    '1 sessions have not settled, and the group is completed',
    () => running().event('group_completed').over(),
  ],
  ['I13', 'the group is running, and nothing is going to happen', () => running().over()],
  [
    '§7 holds',
    'a is held, and never pauses',
    () => running().start('a').next().ask('pauseSession', { session: 'a' }).over(),
  ],
];
