import { definition, Scene, session } from '../scene.ts';
import { type Illegal, oneSlot, pair, running, solo } from './illegal.ts';

const inOneProject = definition({
  sessions: [session('a', { project: 'p' }), session('b', { project: 'p' })],
});

/** I1, I3, I6, I7, I12: what lives at one time. */
export const LIVE: readonly Illegal[] = [
  ['I1', 'a runs twice at once', () => running().start('a').agentStart('a').next()],
  ['I12', 'a starts in 2, and 1 runs b', () => running(pair).start('b').next().heir().start('a').next()],
  [
    'I7',
    'of a dead engine is alive',
    () => running(pair).start('b').next().crash(false).heir().start('a').next(),
  ],
  [
    'I6',
    'starts in a process that is frozen',
    () => running().see({ kind: 'process.frozen', pid: 1 }).start('a').next(),
  ],
  ['I3', 'starts as number 2, and 1 may run', () => oneSlot().start('b').next()],
  ['I3', 'number 2 in p, and 1 may run there', () => running(inOneProject).start('a').start('b').next()],
  ['I7', 'a has settled, and a run of it is alive', () => running().start('a').next().completed('a').next()],
  [
    'I6',
    'a starts in a group that is created',
    () => new Scene(solo).created().next().agentStart('a').next(),
  ],
  [
    'I7',
    "outlives its engine's exit",
    () => running().start('a').next().see({ kind: 'process.exited', pid: 1 }).next(1).heir().next(),
  ],
  ['I7', 'more than two seconds after', () => running().start('a').next().crash().next(2_001).heir().next()],
  [
    'I7',
    'a is alive in a group that is paused',
    () => running().start('a').next().pausing().event('group_paused', { reason: 'manual' }).next(),
  ],
  [
    'I7',
    'paused, and a is alive',
    () => running().start('a').next().pausing().event('group_paused', { reason: 'manual' }).next(),
  ],
  [
    'I7',
    'a is paused, and a run of it is alive',
    () => running().start('a').next().pausing().event('session_paused', { sessionId: 'a' }).next(),
  ],
  ['I7', 'a is alive at rest', () => running().start('a').over()],
  [
    'I7',
    'a is alive at rest',
    () => running().start('a').next().crash(false).next().heir().ask('open', {}, undefined, 'manager').over(),
  ],
  [
    'I7',
    'group_completed, and runs are alive',
    () =>
      running(pair)
        .start('a')
        .next()
        .done('a')
        .start('b')
        .next()
        .completed('b')
        .event('group_completed')
        .next(),
  ],
];
