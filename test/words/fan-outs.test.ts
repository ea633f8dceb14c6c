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
    '2 of 6, 1 failed, 1 waiting for approval, 1 running',
  );
  expect(fanOutWords([of('f', 'completed')])).toBe('1 of 1');
});

test('its status is that of the session of which people have to know first, whatever statuses there are', () => {
  expect(fanOutStatus([of('f', 'completed'), of('f', 'failed'), of('f', 'running')])).toBe('failed');
  expect(fanOutStatus([of('f', 'completed'), of('f', 'pending')])).toBe('pending');
  for (const status of SESSION_STATUSES)
    expect(fanOutStatus([of('f', 'completed'), of('f', status)])).toBe(status);
});
