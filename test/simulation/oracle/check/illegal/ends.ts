import { after, definition, session } from '../scene.ts';
import { HOUR, type Illegal, pair, running, solo } from './illegal.ts';

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
    'promise 3',
    'a is completed, and nobody could answer 1 requests of it',
    () => {
      const permissionDenials = [{ tool: 'Write', refusedBy: 'rule' }, { tool: 'Write' }];
      const fields = { sessionId: 'a', costUsd: 0, tokens: {}, durationMs: 0, result: '', permissionDenials };
      return running().start('a').agentEnd('a').event('session_completed', fields).next();
    },
  ],
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
    '§7 holds',
    'session_paused of b, which has not started',
    () => running(definition()).start('a').event('session_paused', { sessionId: 'b' }).next(),
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
  [
    '§5 quota',
    'still running, and the limit is reset later than maxWait',
    () => {
      const scene = running().start('a');
      scene.limited('a', scene.at + 2 * HOUR, scene.at + 2 * HOUR).pausing('quota');
      scene
        .event('session_paused', { sessionId: 'a' })
        .event('group_paused', { reason: 'quota' })
        .next(1_000);
      return scene.ask('resume').event('group_resumed').next();
    },
  ],
  [
    '§7 pause',
    'the group is pausing, and a is not told',
    () => running().start('a').next().ask('pause').pausing().next(),
  ],
  [
    '§4 agent_unavailable',
    'paused as all is held, and a login or a bill was refused',
    () => {
      const scene = running().start('a').next().ask('pauseSession', { session: 'a' });
      scene.agentEnd('a', 'failed', { code: 'billing_error' }).event('session_paused', { sessionId: 'a' });
      return scene.pausing('sessions_paused').event('group_paused', { reason: 'sessions_paused' }).next();
    },
  ],
];
