import { after, definition, session } from '../scene.ts';
import { HOUR, type Illegal, limited, oneSlot, pair, running } from './illegal.ts';

/** I2, I4, I9 and §5, at starts and skips. */
export const STARTS: readonly Illegal[] = [
  [
    'I4',
    'a starts, and has settled as completed',
    () => running(pair).start('a').done('a').next().start('a').next(),
  ],
  ['I6', 'a starts in a group that is pausing', () => running().pausing().start('a').next()],
  ['I2', 'b starts, and its trigger is not satisfied', () => running(definition()).start('b').next()],
  [
    'I9',
    'a starts at 1000000 of 1000000',
    () =>
      running({ ...limited, sessions: [session('a'), session('b')] })
        .start('b', { capUsd: 1 })
        .spend('b', 1)
        .done('b', 1)
        .start('a')
        .next(),
  ],
  [
    '§7 holds',
    'a starts, and a person holds it',
    () =>
      running()
        .start('a')
        .next()
        .ask('pauseSession', { session: 'a' })
        .next()
        .agentEnd('a', 'interrupted')
        .event('session_paused', { sessionId: 'a' })
        .next()
        .resume('a')
        .next(),
  ],
  [
    '§5 retries',
    'ms before its retry is due',
    () =>
      running()
        .start('a')
        .next()
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a')
        .next(500)
        .resume('a')
        .next(),
  ],
  [
    '§5 quota',
    'ms before its account opens',
    () => {
      const scene = running().start('a').next();
      return scene
        .limited('a', scene.at + HOUR, scene.at + HOUR)
        .next(1_000)
        .resume('a')
        .next();
    },
  ],
  [
    '§5 order',
    'b starts before a',
    () =>
      running(definition({ maxConcurrent: 1, sessions: [session('a', { priority: 1 }), session('b')] }))
        .start('b')
        .next(),
  ],
  [
    '§5 order',
    'b starts before a',
    () =>
      running(definition({ maxConcurrent: 1, sessions: [session('a'), session('b')] }))
        .start('b')
        .next(),
  ],
  [
    '§5 order',
    'b starts before a',
    () =>
      running(
        definition({
          maxConcurrent: 1,
          sessions: [session('b'), session('a', { estimateMs: 9 }), after('c', 'a')],
        }),
      )
        .start('b')
        .next(),
  ],
  [
    '§5 those in play first',
    'b starts before a',
    () =>
      oneSlot()
        .next()
        .ask('pause')
        .paused('manual', 'a')
        .next()
        .ask('resume')
        .event('group_resumed')
        .start('b')
        .next(),
  ],
  [
    '§5 skips',
    'a is skipped, and is in play',
    () => running().start('a').next().skipped('a', 'not_needed', ['b']).next(),
  ],
  [
    '§4 stop',
    'b is skipped by a stop of a running group',
    () => running(definition()).skipped('b', 'group_stopped', []).next(),
  ],
  [
    '§5 skips',
    'b is skipped by a stop because of a',
    () =>
      running(definition())
        .ask('stop')
        .event('group_stopping', { reason: 'manual' })
        .skipped('b', 'group_stopped', ['a'])
        .next(),
  ],
  [
    '§5 skips',
    'its dependencies had decided it',
    () => running(definition()).start('a').fail('a').ask('stop').stopping('b').next(),
  ],
  [
    '§5 skips',
    'b is skipped as not_needed, and could still start',
    () => running(definition()).skipped('b', 'not_needed', ['a']).next(),
  ],
  [
    '§5 skips',
    'b is skipped as not_needed, expected upstream_failed',
    () => running(definition()).start('a').fail('a').skipped('b', 'not_needed', ['a']).next(),
  ],
  [
    '§5 because',
    'b is skipped because of [c], violated are [a]',
    () =>
      running(definition({ sessions: [session('a'), after('b', 'a'), session('c')] }))
        .start('a')
        .fail('a')
        .skipped('b', 'upstream_failed', ['c'])
        .next(),
  ],
  [
    '§5 cascade',
    'session_started comes before the skip of b',
    () =>
      running(definition({ sessions: [session('a'), after('b', 'a'), session('c')] }))
        .start('a')
        .fail('a')
        .start('c')
        .next(),
  ],
  [
    '§5 cascade',
    'group_paused comes before the skip of b',
    () =>
      running(definition())
        .start('a')
        .next()
        .ask('pause')
        .pausing()
        .fail('a')
        .event('group_paused', { reason: 'manual' })
        .next(),
  ],
  [
    '§5 triggers',
    'b is told that a is resolved',
    () => running(definition()).event('dependency_resolved', { sessionId: 'b', dependency: 'a' }).next(),
  ],
];
