import { expect, test } from 'vitest';
import type { SessionProgress } from '../../src/sdk/group/progress/progress.ts';
import { SessionDelta } from '../../src/serve/live/session-delta.ts';

const row = (id: string, messageCount = 0, durationMs = 0) =>
  ({ id, status: 'running', messageCount, durationMs }) as SessionProgress;
const group = (totalSessions: number, elapsedMs = 0) => ({ totalSessions, elapsedMs });
const ids = (sessions: readonly SessionProgress[]) => sessions.map(({ id }) => id);

test('takes the sessions that may have changed, and knows the others', () => {
  const delta = new SessionDelta();
  expect(delta.take([row('a'), row('b'), row('c')], group(3))).toBe(true);
  expect(delta.take([row('b', 1)], group(3, 100))).toBe(true);
  expect(delta.take([row('c', 0, 100)], group(3, 200))).toBe(false);
  expect(delta.version).toBe(2);
  expect(ids(delta.since(1))).toEqual(['b']);
  expect(ids(delta.since(2))).toEqual([]);
  // Whoever sees it for the first time gets the latest of each, in order.
  expect(delta.since(0)).toEqual([row('a'), row('b', 1), row('c', 0, 100)]);
});

test('takes all sessions of a new definition: those that have gone are not sent any more', () => {
  const delta = new SessionDelta();
  delta.take([row('a'), row('b')], group(2));
  expect(delta.take([row('new'), row('b')], group(2))).toBe(true);
  expect(ids(delta.since(0))).toEqual(['new', 'b']);
  expect(ids(delta.since(1))).toEqual(['new']);
});
