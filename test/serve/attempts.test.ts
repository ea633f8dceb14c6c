import { expect, test } from 'vitest';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import { attemptSpans } from '../../src/serve/api/group-detail.ts';

const at = (second: number): string => `2026-01-02T03:04:${String(second).padStart(2, '0')}.000Z`;
let seq = 0;
const event = (second: number, body: object): JournalRecord =>
  ({ seq: seq++, time: at(second), groupId: 'g', ...body }) as JournalRecord;
const begins = (second: number, sessionId: string, attempt: number, type = 'session_started') =>
  event(second, { type, sessionId, attempt, agentSessionId: 'x' });

test.each([
  ['session_completed', 'completed'],
  ['session_failed', 'failed'],
  ['session_paused', 'paused'],
  ['session_retrying', 'retrying'],
  ['session_stopped', 'stopped'],
  ['quota_limited', 'limited'],
])('%s ends an attempt as %s', (type, outcome) => {
  const records = [begins(1, 'a', 1), event(4, { type, sessionId: 'a' })];
  expect(attemptSpans(records, true)).toEqual([
    { sessionId: 'a', attempt: 1, startedAt: at(1), endedAt: at(4), outcome },
  ]);
});

test('attempts are in the order in which they started, across sessions', () => {
  const records = [
    begins(1, 'a', 1),
    begins(2, 'b', 1),
    { type: '_status', sessionId: 'a', status: 'retrying' } as const,
    event(3, { type: 'session_retrying', sessionId: 'a' }),
    begins(4, 'a', 2, 'session_resumed'),
    event(5, { type: 'session_completed', sessionId: 'b' }),
  ];
  expect(attemptSpans(records, true)).toEqual([
    { sessionId: 'a', attempt: 1, startedAt: at(1), endedAt: at(3), outcome: 'retrying' },
    { sessionId: 'b', attempt: 1, startedAt: at(2), endedAt: at(5), outcome: 'completed' },
    { sessionId: 'a', attempt: 2, startedAt: at(4) },
  ]);
});

test('an attempt that a dead engine left open ended with the last record', () => {
  const records = [begins(1, 'a', 1), event(6, { type: 'session_message', sessionId: 'a' })];
  const lost = { sessionId: 'a', attempt: 1, startedAt: at(1), endedAt: at(6), outcome: 'lost' };
  expect(attemptSpans(records, true)).toMatchObject([{ attempt: 1 }]);
  expect(attemptSpans(records, false)).toEqual([lost]);
  const resumed = [...records, event(8, { type: 'group_resumed' }), begins(9, 'a', 2, 'session_resumed')];
  expect(attemptSpans(resumed, true)).toEqual([
    { ...lost, endedAt: at(8) },
    { sessionId: 'a', attempt: 2, startedAt: at(9) },
  ]);
});
