import { expect, test } from 'vitest';
import { applyToSession, newSessionFold } from '../../../../src/sdk/group/journal/fold-session.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import { remoteAttempt } from '../../../../src/sdk/group/journal/session/remote-fold.ts';

const envelope = { seq: 1, time: '2026-01-01T00:00:00.000Z', groupId: 'g', sessionId: 'a' };
const started = {
  ...envelope,
  type: 'session_started' as const,
  attempt: 1,
  agentSessionId: 'c',
};
const status = (to: 'placing' | 'running' | 'paused' | 'pending' | 'preparing') => ({
  type: '_status' as const,
  sessionId: 'a',
  status: to,
});
const message = (report: number) => ({
  ...{ ...envelope, type: 'session_message' as const, role: 'assistant' as const, text: 'hi' },
  report,
});
const ledger = (report: number) => ({
  ...{ type: '_ledger' as const, sessionId: 'a', settled: 1, conversation: 0, unreported: 1, report },
  tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0 },
});
const placed = { type: '_placed' as const, sessionId: 'a', worker: 'w', host: 'h', report: 1 };
const lost = (code: 'worker_lost' | 'worker_drained' | 'process_lost') => ({
  ...{ ...envelope, type: 'session_retrying' as const, attempt: 2, delayMs: 0 },
  error: { code, message: code },
});

const folded = (...records: JournalRecord[]) => {
  const session = newSessionFold();
  for (const record of records) applyToSession(session, record, 0);
  return session;
};

test('an attempt that waits for a worker is carried out elsewhere, any other here', () => {
  expect(remoteAttempt(folded(started))).toBeUndefined();
  expect(remoteAttempt(folded(started, status('placing')))).toEqual({ heard: 0, counted: 0 });
  expect(remoteAttempt(folded(started, status('placing'), { ...started, attempt: 2 }))).toBeUndefined();
});

test('what has been heard and what has been counted are kept apart', () => {
  const session = folded(started, status('placing'), placed, status('running'), message(3), ledger(2));
  expect(remoteAttempt(session)).toEqual({ heard: 3, counted: 2, worker: 'w', host: 'h' });
});

test('an agent that has started over does so in the same attempt, and what comes with that is not heard yet', () => {
  const over = { ...started, startedOver: true, report: 2 };
  const session = folded(started, status('placing'), placed, status('running'), over);
  expect(remoteAttempt(session)).toEqual({ heard: 1, counted: 0, worker: 'w', host: 'h' });
});

test('one that has come to rest, or whose next one is prepared, is nobody’s any more', () => {
  const placing = [started, status('placing'), placed, status('running')];
  for (const to of ['paused', 'pending', 'preparing'] as const)
    expect(remoteAttempt(folded(...placing, status(to)))).toBeUndefined();
  expect(remoteAttempt(folded(...placing, lost('worker_lost')))).toBeUndefined();
});

test('losses in a row are counted, and neither they nor a stopped worker are failures', () => {
  const session = folded(started, lost('worker_lost'), lost('worker_drained'), lost('worker_lost'));
  expect(session).toMatchObject({ losses: 2, failures: 0 });
  expect(folded(started, lost('worker_lost'), lost('process_lost'))).toMatchObject({
    losses: 0,
    failures: 1,
  });
});
