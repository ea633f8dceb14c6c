import { type Illegal, running, solo } from './illegal.ts';

const retries = { ...solo.retry };

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
  [
    '§5 watchdog',
    'a is silent 90000 ms longer than it may be',
    () => running().start('a').next(100_000).next(),
  ],
  [
    '§5 watchdog',
    'a was idle too long while it waited for a person',
    () =>
      running()
        .start('a')
        .see({ kind: 'agent.asked', run: 1, requestId: 'q' })
        .event('approval_requested', { sessionId: 'a', requestId: 'q', tool: 'Write' })
        .next(20_000)
        .agentEnd('a', 'interrupted')
        .retrying('a', 'idle_timeout')
        .next(),
  ],
];
