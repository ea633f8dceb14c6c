import { expect, test } from 'vitest';
import { SESSION_STATUSES, type SessionStatus } from '../../machines/vocabulary.ts';
import { fanOutStatus, fanOutWords, foldedRows } from '../../src/words/fan-outs.ts';

const of = (name: string | undefined, status: SessionStatus, value = status) =>
  name === undefined ? { status } : { status, forEach: { of: name, value } };

test('a fan-out is one row, where its first session stands; a single session is itself', () => {
  const [a, x, b, y, only] = [
    of('f', 'failed'),
    of(undefined, 'pending'),
    of('f', 'completed'),
    of('g', 'running'),
    of('h', 'pending'),
  ];
  const z = of('g', 'paused');
  expect(foldedRows([a, x, b, y, only, z])).toEqual([
    { kind: 'fan-out', name: 'f', sessions: [a, b] },
    { kind: 'session', session: x },
    { kind: 'fan-out', name: 'g', sessions: [y, z] },
    { kind: 'session', session: only },
  ]);
});

test('its words say how many of it are completed, and what of the others people have to know', () => {
  const statuses: SessionStatus[] = [
    'completed',
    'completed',
    'failed',
    'running',
    'pending',
    'awaiting_approval',
  ];
  expect(fanOutWords(statuses.map(status => of('f', status)))).toBe(
    '2 of 6 done, 1 waiting for approval, 1 failed, 1 running',
  );
  expect(fanOutWords([of('f', 'completed')])).toBe('1 of 1 done');
  expect(fanOutWords([{ status: 'completed' }, { status: 'suspended' }])).toBe('1 of 2 done, 1 suspended');
});

test.each<[SessionStatus | 'suspended', (SessionStatus | 'suspended')[]]>([
  ['failed', ['completed', 'failed', 'running']],
  ['awaiting_approval', ['failed', 'awaiting_approval', 'running']],
  ['pending', ['completed', 'pending']],
  // A single one does not stand for the others.
  ['running', ['paused', 'running', 'pending']],
  ['pending', ['paused', 'pending', 'completed']],
  ['retrying', ['stopped', 'paused', 'retrying']],
  ['paused', ['completed', 'paused', 'skipped']],
  ['suspended', ['pending', 'suspended', 'completed']],
])('it is %s if its sessions are %j', (expected, statuses) => {
  expect(fanOutStatus(statuses.map(status => ({ status })))).toBe(expected);
});

test('it is like any of its sessions besides completed ones, whatever statuses there are', () => {
  for (const status of SESSION_STATUSES)
    expect(fanOutStatus([of('f', 'completed'), of('f', status)])).toBe(status);
});
