import { after, definition, session } from '../scene.ts';
import { type Illegal, oneSlot, pair, running } from './illegal.ts';

const shown = { a: { attempts: 0, why: 'waiting for a slot (0 of 2 busy)' } };
const onBoth = ['a', 'c'].map(id => ({ session: id, when: 'completed' as const }));
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
      oneSlot()
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
      oneSlot()
        .picture('running', { a: busy, b: { why: 'waiting for a slot (0 of 1 busy)' } })
        .next(),
  ],
  [
    'I13',
    'there are 1 slots',
    () =>
      oneSlot()
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
    'it does not wait for a in that way',
    () =>
      running(definition({ sessions: [session('a'), after('b', 'a')] }))
        .start('a')
        .picture('running', { a: busy, b: { why: 'waiting for a to fail' } })
        .next(),
  ],
  [
    'I13',
    'it waits for a,c',
    () =>
      running(definition({ sessions: [session('a'), session('b', { dependsOn: onBoth }), session('c')] }))
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
        .picture('running', { a: { why: 'held' } })
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
  [
    'I11',
    'shows that pending is 0, and shows 1',
    () =>
      running()
        .picture('running', shown, { counts: { pending: 0 } })
        .next(),
  ],
  [
    '§5 retries',
    'handle shows a as retrying 59000 ms after its retry was due',
    () =>
      running()
        .start('a')
        .next()
        .agentEnd('a', 'failed', { code: 'agent_error' })
        .retrying('a')
        .next(60_000)
        .picture('running', { a: { status: 'retrying', attempts: 1, why: 'retry 2 in 0s: agent error' } })
        .next(),
  ],
];
