import type { Illegal } from './illegal-runs.ts';
import { after, definition, Scene, session } from './scene.ts';

const solo = definition({ sessions: [session('a')] });
const pair = definition({ sessions: [session('a'), session('b')] });
const running = (of = solo): Scene => new Scene(of).running();
const created = (of = solo): Scene => new Scene(of).created();
const updated = (more: object) => ({
  revision: 1,
  added: [],
  removed: [],
  changed: [],
  settings: [],
  fresh: [],
  ...more,
});
const raw = (scene: Scene, ...lines: string[]): Scene => {
  scene.lines.push(...lines);
  return scene.next();
};

/** I10, I11, §8 and §12: the journal, and those who watch. */
export const JOURNAL: readonly Illegal[] = [
  [
    'I10',
    'the journal had 3 lines, and has 2',
    () => {
      const scene = running().next();
      scene.lines.pop();
      return scene.next();
    },
  ],
  [
    'I10',
    'line 3 of the journal has changed',
    () => {
      const scene = running().next();
      scene.lines[2] = (scene.lines[2] ?? '').replace('"maxConcurrent":2', '"maxConcurrent":3');
      return scene.next();
    },
  ],
  ['§8', 'line 3 of the journal cannot be read', () => raw(created(), '{"type":"gr', '{"type":"_x"}')],
  ['§10', 'a record without a number is not internal', () => raw(created(), '{"type":"group_started"}')],
  ['§10', 'an internal record has a number', () => raw(created(), '{"type":"_x","seq":1}')],
  [
    '§12',
    'the journal does not begin with a header',
    () => {
      const scene = new Scene(solo);
      scene.lines[0] = '{"type":"_x"}';
      return scene.next();
    },
  ],
  [
    'I11',
    'group_started has the number 2, expected 1',
    () => {
      const scene = created();
      scene.seq++;
      return scene.ask('run').event('group_started', { sessionCount: 1, maxConcurrent: 2 }).next();
    },
  ],
  [
    '§10',
    'session_warning has the time yesterday',
    () => running().event('session_warning', { sessionId: 'a', message: 'x', time: 'yesterday' }).next(),
  ],
  [
    '§10',
    'runs backwards',
    () => running().next(-1_000).event('session_warning', { sessionId: 'a', message: 'x' }).next(),
  ],
  [
    'I11',
    'group_started 1 was shown with another maxConcurrent',
    () => running().watch({ maxConcurrent: 9 }).next(),
  ],
  [
    'I11',
    'group_started 1 was shown without maxConcurrent',
    () => running().watch({ maxConcurrent: undefined }).next(),
  ],
  ['I11', 'w saw 1 after 1', () => running().watch().watch().next()],
  ['I10', 'w saw group_started 9, which the journal does not have', () => running().watch({ seq: 9 }).next()],
  [
    'I10',
    'group_started 9 was shown and died with its process',
    () => running().watch({ seq: 9 }).crash().next(),
  ],
  ['I10', 'is ahead of the journal', () => running().watch({ seq: 9 }).over()],
  [
    'world',
    'an update took effect and was never defined',
    () =>
      created()
        .ask('update')
        .event('group_updated', updated({ added: ['b'] }))
        .over(),
  ],
];

/** §4, §5, §8 and §10: the order and the fields of events. */
export const EVENTS: readonly Illegal[] = [
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

const shown = { a: { attempts: 0, why: 'waiting for a slot (0 of 2 busy)' } };
const busy = { status: 'running', attempts: 1 };

/** What views show: I3, I8, I11, I13. */
export const VIEWS: readonly Illegal[] = [
  [
    'I11',
    'handle of 1 shows paused, the journal says running',
    () => running().start('a').picture('paused', { a: busy }).next(),
  ],
  [
    'I8',
    'handle shows 5 in all, its sessions add up to 0',
    () => running().start('a').picture('running', { a: busy }, { totalCostUsd: 5 }).next(),
  ],
  [
    'I11',
    'shows the limit 7, it is undefined',
    () => running().start('a').picture('running', { a: busy }, { limitUsd: 7 }).next(),
  ],
  ['I11', 'handle shows 0 sessions of 1', () => running().start('a').picture('running', {}).next()],
  [
    'I3',
    'handle shows 2 sessions with a slot, 1 there are',
    () =>
      running({ ...pair, maxConcurrent: 1 })
        .start('a')
        .picture('running', { a: busy, b: { status: 'preparing' } })
        .next(),
  ],
  [
    'I13',
    'shows no reason for the pause',
    () =>
      running()
        .ask('pause')
        .paused('manual')
        .picture('paused', { a: { why: 'paused' } })
        .next(),
  ],
  [
    'I11',
    'handle shows z, which is not in the group',
    () => running().start('a').picture('running', { z: busy }).next(),
  ],
  [
    'I11',
    'handle shows a as completed, the journal says running',
    () =>
      running()
        .start('a')
        .picture('running', { a: { ...busy, status: 'completed' } })
        .next(),
  ],
  [
    'I11',
    'shows b skipped as not_needed, it is upstream_failed',
    () =>
      running(definition())
        .start('a')
        .fail('a')
        .skipped('b', 'upstream_failed', ['a'])
        .event('group_failed', { reason: 'x' })
        .picture('failed', {
          a: { status: 'failed', attempts: 1, errorCode: 'invalid_request' },
          b: { status: 'skipped', skipReason: 'not_needed' },
        })
        .next(),
  ],
  [
    'I11',
    'shows a failed with undefined, it is invalid_request',
    () =>
      running()
        .start('a')
        .fail('a')
        .event('group_failed', { reason: 'x' })
        .picture('failed', { a: { status: 'failed', attempts: 1 } })
        .next(),
  ],
  [
    'I11',
    'shows 4 attempts of a, there were 1',
    () =>
      running()
        .start('a')
        .picture('running', { a: { ...busy, attempts: 4 } })
        .next(),
  ],
  [
    'I11',
    'shows that a costs 3, it is 0',
    () =>
      running()
        .start('a')
        .picture('running', { a: { ...busy, costUsd: 3 } })
        .next(),
  ],
  ['I13', 'no reason why a is pending', () => running().picture('running', { a: {} }).next()],
  ['I13', 'a slot is free', () => running().picture('running', shown).next()],
  [
    'I13',
    'its owner would start it',
    () =>
      running()
        .picture('running', { a: { why: 'waiting to start (0 of 2 slots busy)' } })
        .next(),
  ],
  [
    'I13',
    '1 are busy',
    () =>
      running({ ...pair, maxConcurrent: 1 })
        .start('a')
        .picture('running', { a: busy, b: { why: 'waiting for a slot (0 of 1 busy)' } })
        .next(),
  ],
  [
    'I13',
    'there are 1 slots',
    () =>
      running({ ...pair, maxConcurrent: 1 })
        .start('a')
        .picture('running', { a: busy, b: { why: 'waiting for a slot (1 of 7 busy)' } })
        .next(),
  ],
  [
    'I13',
    'c is not what it waits for',
    () =>
      running(definition({ sessions: [session('a'), after('b', 'a'), session('c')] }))
        .start('a')
        .picture('running', { a: busy, b: { why: 'waiting for c' }, c: { status: 'preparing' } })
        .next(),
  ],
  [
    'I13',
    'dependencies do not count',
    () =>
      running(definition({ respectDependencies: false }))
        .start('a')
        .picture('running', { a: busy, b: { why: 'waiting for a' } })
        .next(),
  ],
  [
    'I13',
    'a is in another project',
    () =>
      running(pair)
        .start('a')
        .picture('running', { a: busy, b: { why: 'project busy: a' } })
        .next(),
  ],
  [
    'I13',
    'the limit is not reached',
    () =>
      running()
        .picture('running', { a: { why: 'limit reached: $1 of $1' } })
        .next(),
  ],
  [
    'I13',
    'no usage limit was met',
    () =>
      running()
        .picture('running', { a: { why: 'usage limit until 10:00 (in 1m)' } })
        .next(),
  ],
  [
    'I13',
    'it has not failed',
    () =>
      running()
        .picture('running', { a: { why: 'retry 2 in 1s: agent error' } })
        .next(),
  ],
  [
    'I13',
    'it failed with agent_error',
    () =>
      running()
        .start('a')
        .next()
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a')
        .picture('running', { a: { status: 'retrying', attempts: 1, why: 'retry 2 in 1s: overloaded' } })
        .next(),
  ],
  [
    'I13',
    'it has not asked for a permission',
    () =>
      running()
        .picture('running', { a: { why: 'needs approval: Write' } })
        .next(),
  ],
  [
    'I13',
    'the group is running',
    () =>
      running()
        .picture('running', { a: { why: 'not started' } })
        .next(),
  ],
  [
    'I13',
    'nobody holds it',
    () =>
      running()
        .picture('running', { a: { why: 'paused: held' } })
        .next(),
  ],
  [
    'I13',
    'its group is running',
    () =>
      running()
        .picture('running', { a: { why: 'paused' } })
        .next(),
  ],
];

const held = (): Scene =>
  running()
    .start('a')
    .next()
    .ask('pauseSession', { session: 'a' })
    .agentEnd('a', 'interrupted')
    .event('session_paused', { sessionId: 'a' })
    .next();
const failed = (): Scene => running().start('a').fail('a').event('group_failed', { reason: 'x' }).next();

/** I15, §7 and §14: requests. */
export const REQUESTS: readonly Illegal[] = [
  [
    'world',
    'two requests 1',
    () => {
      const scene = created();
      scene.request('stop');
      return scene.see({ kind: 'request', id: 1, pid: 1, via: 'handle', verb: 'stop', args: {} }).next();
    },
  ],
  ['I15', 'request 7 is answered and was never made', () => created().answer(7).next()],
  [
    'I15',
    'request 1 is answered twice',
    () => {
      const scene = created();
      const id = scene.request('run');
      return scene.answer(id, 'not_in_this_state').answer(id, 'not_in_this_state').next();
    },
  ],
  [
    'I15',
    'run ends in an error without a type',
    () => {
      const scene = created();
      return scene.answer(scene.request('run'), undefined, 'untyped').next();
    },
  ],
  [
    'I15',
    'run is refused without a code',
    () => {
      const scene = created();
      return scene.answer(scene.request('run'), undefined, 'failed').next();
    },
  ],
  [
    '§14',
    'pause by handle is refused with already_paused in running',
    () => running().next().ask('pause', {}, 'already_paused').next(),
  ],
  [
    '§14',
    'pause by http is refused with not_in_this_state, and is possible',
    () => running().next().ask('pause', {}, 'not_in_this_state', 'http').next(),
  ],
  ['§4 requests', 'pause by handle is accepted in created', () => created().ask('pause').next()],
  [
    'I15',
    'pause by handle is accepted, and the group does not pause',
    () => running().next().ask('pause').next(),
  ],
  ['I15', 'run by handle is accepted, and the group has not started', () => created().ask('run').next()],
  ['I15', 'the group does not stop', () => running().next().ask('stop').next()],
  [
    'I15',
    'the group is not resumed',
    () => running().ask('pause').paused('manual').next().ask('resume').next(),
  ],
  ['I15', 'nothing is retried', () => failed().ask('retry').next()],
  ['I15', 'the limit is what it was', () => running().next().ask('setMaxBudget', { usd: 3 }).next()],
  [
    'I15',
    'b is not added',
    () =>
      running()
        .next()
        .ask('update', { change: { kind: 'add', session: { id: 'b' } } })
        .next(),
  ],
  ['I15', 'no answer is journalled', () => awaited().ask('answer', { requestId: 'q' }).next()],
  [
    '§14',
    'run is refused with budget_exhausted at 0 of',
    () => created().ask('run', {}, 'budget_exhausted').next(),
  ],
  ['§14', 'nothing_to_retry, and there are 1', () => failed().ask('retry', {}, 'nothing_to_retry').next()],
  [
    '§14',
    'the answer to q is refused, and it is awaited',
    () => awaited().ask('answer', { requestId: 'q' }, 'no_such_request').next(),
  ],
  [
    '§14',
    'a is held and paused, and cannot be resumed',
    () => held().ask('resumeSession', { session: 'a' }, 'session_not_paused').next(),
  ],
  [
    '§14',
    'a is running, and cannot be paused',
    () => running().start('a').next().ask('pauseSession', { session: 'a' }, 'session_not_pausable').next(),
  ],
  [
    '§14',
    'run fails with disk_full on a sound disk',
    () => {
      const scene = created();
      return scene.answer(scene.request('run'), 'disk_full', 'failed').next();
    },
  ],
  [
    'I12',
    'owned elsewhere, and there is nobody else',
    () => created().ask('open', {}, 'owned_elsewhere').next(),
  ],
  [
    '§14',
    'pauseSession of a is refused as unknown',
    () => running().next().ask('pauseSession', { session: 'a' }, 'unknown_session').next(),
  ],
  [
    '§14',
    'setMaxBudget to 3 is refused as invalid',
    () => created().ask('setMaxBudget', { usd: 3 }, 'invalid_argument').next(),
  ],
  [
    'I15',
    'run is refused, and journals 1 events',
    () =>
      created()
        .ask('run', {}, 'not_in_this_state')
        .event('group_started', { sessionCount: 1, maxConcurrent: 2 })
        .next(),
  ],
  [
    'I15',
    'group_started comes 1 times, and 0 requests',
    () => created().event('group_started', { sessionCount: 1, maxConcurrent: 2 }).next(),
  ],
  [
    'I15',
    'stop by handle was never answered',
    () => {
      const scene = created();
      scene.request('stop');
      return scene.over();
    },
  ],
];

function awaited(): Scene {
  const scene = running().start('a').see({ kind: 'agent.asked', run: 1, requestId: 'q' });
  const why = 'needs approval: Write';
  scene.picture('running', { a: { status: 'awaiting_approval', attempts: 1, why } });
  return scene.event('approval_requested', { sessionId: 'a', requestId: 'q', tool: 'Write' }).next();
}
