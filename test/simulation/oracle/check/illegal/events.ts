import { after, definition, Scene, session } from '../scene.ts';
import { created, type Illegal, pair, running, solo, updated } from './illegal.ts';

/** §4, §5, §8 and §10: the order and the fields of events. */
export const EVENTS: readonly Illegal[] = [
  [
    '§10',
    'session_warning has code besides',
    () => running().event('session_warning', { sessionId: 'a', message: 'x', code: 'y' }).next(),
  ],
  [
    '§10',
    'c waits for a, open are a,b',
    () => {
      const dependsOn = [...after('c', 'a').dependsOn, ...after('c', 'b').dependsOn];
      const scene = running(
        definition({ sessions: [session('a'), session('b'), session('c', { dependsOn })] }),
      );
      return scene.event('dependency_waiting', { sessionId: 'c', waitingFor: ['a'] }).next();
    },
  ],
  ['§4 order', 'group_pausing in a group that is created', () => created().ask('pause').pausing().next()],
  [
    '§4 order',
    'group_started comes before group_created',
    () => new Scene(solo).event('group_started', { sessionCount: 1, maxConcurrent: 2 }).next(),
  ],
  [
    '§8 recovery',
    'group_pausing in a group whose owner has died',
    () => running().next().crash().next().heir().ask('pause').pausing().next(),
  ],
  [
    '§4 order',
    'group_resumed in a running group',
    () => running().ask('resume').event('group_resumed').next(),
  ],
  [
    '§4 order',
    'group_paused in a running group that was never pausing',
    () => running().event('group_paused', { reason: 'manual' }).next(),
  ],
  [
    '§4 order',
    'group_paused in a completed group without new sessions',
    () =>
      running()
        .start('a')
        .done('a')
        .event('group_completed')
        .event('group_paused', { reason: 'manual' })
        .next(),
  ],
  [
    '§4 order',
    'group_completed in a failed group without new sessions',
    () =>
      running().start('a').fail('a').event('group_failed', { reason: 'x' }).event('group_completed').next(),
  ],
  [
    '§10',
    'session_warning of z, which is not in the group',
    () => running().event('session_warning', { sessionId: 'z', message: 'x' }).next(),
  ],
  ['§5 order', 'session_retrying of a, which is pending', () => running().retrying('a').next()],
  [
    '§10',
    'attempt 7 of a comes after 0',
    () => running().event('session_started', { sessionId: 'a', attempt: 7, agentSessionId: 'c' }).next(),
  ],
  [
    '§10',
    'revision 1 comes twice',
    () =>
      created()
        .ask('update')
        .ask('update')
        .event('group_updated', updated({}))
        .event('group_updated', updated({}))
        .define(solo)
        .define(solo)
        .next(),
  ],
  [
    '§10',
    'z is removed, and is not in the group',
    () =>
      created()
        .ask('update')
        .event('group_updated', updated({ removed: ['z'] }))
        .define(solo)
        .next(),
  ],
  [
    '§3',
    'a is removed, and has run',
    () =>
      running(pair)
        .start('a')
        .done('a')
        .ask('update')
        .event('group_updated', updated({ removed: ['a'] }))
        .define(definition({ sessions: [session('b')] }))
        .next(),
  ],
  [
    '§3',
    'a is changed, and is running',
    () =>
      running()
        .start('a')
        .ask('update')
        .event('group_updated', updated({ changed: ['a'] }))
        .define(solo)
        .next(),
  ],
  [
    '§7 retry',
    'b is retried, and is completed',
    () =>
      running(pair)
        .start('a')
        .fail('a')
        .start('b')
        .done('b')
        .event('group_failed', { reason: 'x' })
        .ask('retry')
        .event('group_retried', { sessions: ['a', 'b'] })
        .next(),
  ],
  [
    '§10',
    'b waits for c, open are a',
    () =>
      running(definition({ sessions: [session('a'), after('b', 'a'), session('c')] }))
        .event('dependency_waiting', { sessionId: 'b', waitingFor: ['c'] })
        .next(),
  ],
  [
    '§10',
    'budget_warning of 2, the limit is 1000000',
    () =>
      running(definition({ sessions: [session('a')], limitMicroUsd: 1_000_000 }))
        .event('budget_warning', { usageUsd: 0, limitUsd: 2 })
        .next(),
  ],
  [
    '§10',
    'group_started has sessionCount 9, expected 1',
    () => created().ask('run').event('group_started', { sessionCount: 9, maxConcurrent: 2 }).next(),
  ],
  ['§10', 'there is no event session_vanished', () => running().event('session_vanished').next()],
  ['§10', 'group_pausing has reason "tired"', () => running().pausing('tired').next()],
  [
    '§10',
    'session_warning is of another group',
    () => running().event('session_warning', { sessionId: 'a', message: 'x', groupId: 'h' }).next(),
  ],
];
