import { type Illegal, pair, running } from './illegal.ts';

const busy = { status: 'running', attempts: 1 };

/** §10: how long a group and its sessions took. */
export const DURATIONS: readonly Illegal[] = [
  [
    '§10 durations',
    'handle shows that the group took 7 ms, expected 1000',
    () => running().start('a').next(1_000).picture('running', { a: busy }, { elapsedMs: 7 }).next(),
  ],
  [
    '§10 durations',
    'handle shows that a took 7 ms, expected 1000',
    () =>
      running()
        .start('a')
        .next(1_000)
        .picture('running', { a: { ...busy, durationMs: 7 } })
        .next(),
  ],
  [
    '§10 durations',
    'handle shows a duration of b, which never started',
    () =>
      running(pair)
        .start('a')
        .picture('running', { a: busy, b: { status: 'preparing', durationMs: 0 } })
        .next(),
  ],
  [
    '§10 durations',
    'the journal says that a took 7 ms, expected 1000',
    () => {
      const ended = { tokens: TOKENS, durationMs: 7, result: 'done', permissionDenials: [] };
      const scene = running().start('a').next(1_000).agentEnd('a');
      return scene.event('session_completed', { sessionId: 'a', costUsd: 0, ...ended }).next();
    },
  ],
  [
    '§10 durations',
    'handle shows that the group took 61000 ms, expected 1000',
    () =>
      running()
        .start('a')
        .next(1_000)
        .paused('manual', 'a')
        .next(60_000)
        .picture(
          'paused',
          { a: { ...busy, status: 'paused', why: 'paused' } },
          { elapsedMs: 61_000, why: 'paused' },
        )
        .next(),
  ],
  [
    '§10 durations',
    'disk shows that the group took 60000 ms, expected 0',
    () => {
      const scene = running().start('a').next(1_000).crash().next(59_000).heir();
      scene.ask('resume').event('group_resumed').next();
      return scene
        .picture('running', { a: { attempts: 1, why: 'paused' } }, { elapsedMs: 60_000 }, 'disk')
        .next();
    },
  ],
  [
    '§10 durations',
    'handle shows that the group took 3601000 ms, expected 1000',
    () =>
      running()
        .start('a')
        .next()
        .setClock(3_600_000)
        .next(1_000)
        .picture('running', { a: busy }, { elapsedMs: 3_601_000 })
        .next(),
  ],
];

const TOKENS = { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };
