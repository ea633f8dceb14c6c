import type { Scene } from '../scene.ts';
import { created, type Illegal, running } from './illegal.ts';

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
