import { expect, test } from 'vitest';
import type { ErrorCode } from '../../machines/vocabulary.ts';
import { heldIn, nextStep, resumedIn, retryOfSession } from '../../src/cli/advice.ts';
import { given } from '../../src/sdk/given.ts';
import { sessionProgress } from './fakes.ts';

const paused = { groupId: 'g', status: 'paused', reason: 'sessions_paused', totalCostUsd: 0 } as const;

test('where only held sessions remain, resuming the group alone leads nowhere', () => {
  const steps = (id: string) =>
    `Let a held session go on: session-groups session resume g ${id}\nThen resume it with: session-groups group resume g`;
  const why = { kind: 'paused', reason: 'held' } as const;
  const held = heldIn([sessionProgress('a'), sessionProgress('b', { why })]);
  expect(nextStep({ ...paused, held })).toBe(steps('b'));
  const { status, attempts, costUsd } = sessionProgress('c', { status: 'paused' });
  expect(nextStep({ ...paused, sessions: { c: { status, attempts, costUsd } } })).toBe(steps('c'));
  expect(nextStep(paused)).toBe(steps('SESSION'));
});

test('of a group that was stopping when its process ended, that is to be finished', () => {
  const interrupted = { ...paused, status: 'interrupted' } as const;
  expect(nextStep({ ...interrupted, wasStopping: true })).toBe(
    'It was stopping when its process ended. Finish that with: session-groups group resume g',
  );
  expect(nextStep(interrupted)).toContain('Resume it with:');
});

test('of a conversation that its agent refuses, first that it is begun anew, then what a retry helps', () => {
  const session = (status: 'failed' | 'completed', code?: 'prompt_too_long' | 'agent_error') => ({
    ...{ status, attempts: 2, costUsd: 0 },
    ...(code === undefined ? {} : { error: { code, message: 'no' } }),
  });
  const failed = { groupId: 'g', status: 'failed', reason: 'sessions_failed', totalCostUsd: 0 } as const;
  const refused = { a: session('failed', 'prompt_too_long'), c: session('completed') };
  expect(nextStep({ ...failed, sessions: refused })).toBe(
    'Begin a refused conversation anew: session-groups group retry g --session a --fresh',
  );
  const both = { ...refused, b: session('failed', 'agent_error') };
  expect(nextStep({ ...failed, sessions: both })).toBe(
    'Begin a refused conversation anew: session-groups group retry g --session a --fresh\n' +
      'Retry the others that did not complete: session-groups group retry g --session b',
  );
  const names = ['c', 'd', 'e', 'f', 'g'];
  const many = { ...both, ...Object.fromEntries(names.map(id => [id, session('failed', 'agent_error')])) };
  expect(nextStep({ ...failed, sessions: many })).toContain(
    'Retry all that did not complete: session-groups group retry g',
  );
});

test('no retry is named where none is possible, no held session where there is none, nothing to take back where nothing moved', () => {
  const a = { status: 'completed', attempts: 1, costUsd: 0 } as const;
  const stopped = { ...paused, status: 'stopped', sessions: { a } } as const;
  expect(nextStep(stopped)).toBeUndefined();
  expect(nextStep({ ...stopped, toDeliver: true, into: 'main' })).toBe(
    'What was merged so far is in session-groups/g/_merged. Deliver that with: session-groups group integrate g',
  );
  expect(nextStep({ ...paused, held: [] })).toBe(
    'No session is held any more. Resume it with: session-groups group resume g',
  );
  const stuck = { ...paused, reason: 'delivery_refused', sessions: { a } } as const;
  expect(nextStep(stuck)).toContain('--undo');
  expect(nextStep({ ...stuck, hasMoved: false })).not.toContain('--undo');
});

test('what a rehearsal fails with comes again, unless the definition changes; what was stopped does not', () => {
  const a = {
    status: 'failed',
    attempts: 1,
    costUsd: 0,
    error: { code: 'output_invalid', message: 'no' },
  } as const;
  const failed = {
    groupId: 'g',
    status: 'failed',
    totalCostUsd: 0,
    sessions: { a },
    rehearsal: true,
  } as const;
  expect(nextStep(failed)).toBe(
    'What is rehearsed fails again as it is. Change the definition, then: session-groups group update g FILE && session-groups group retry g',
  );
  expect(nextStep({ ...failed, status: 'stopped', sessions: {} })).toMatch(/^Retry /);
});

test('a conversation that was just begun anew is not begun anew again', async () => {
  const error = { code: 'prompt_too_long', message: 'no' } as const;
  const sessions = { a: { status: 'failed', attempts: 2, costUsd: 0, error } } as const;
  const failed = { groupId: 'g', status: 'failed', reason: 'sessions_failed', totalCostUsd: 0 } as const;
  const attempt = (type: 'session_started' | 'session_resumed', seq: number) =>
    ({ type, seq, time: '', groupId: 'g', sessionId: 'a', attempt: seq, agentSessionId: `${seq}` }) as const;
  const stepAfter = async (...types: readonly Parameters<typeof attempt>[0][]) => {
    const resumed = await resumedIn(sessions, () => types.map(attempt));
    return nextStep({ ...failed, sessions, ...given({ resumed }) });
  };
  expect(await stepAfter('session_started', 'session_resumed')).toContain('--fresh');
  expect(await stepAfter('session_started', 'session_resumed', 'session_started')).toBe(
    'Retry the sessions that did not complete: session-groups group retry g',
  );
});

test('what was merged before it was stopped can be delivered', () => {
  const stopped = { groupId: 'g', status: 'stopped', totalCostUsd: 0 } as const;
  const retry = 'Retry the sessions that did not complete: session-groups group retry g';
  expect(nextStep(stopped)).toBe(retry);
  expect(nextStep({ ...stopped, toDeliver: true })).toBe(
    `${retry}\nWhat was merged so far is in session-groups/g/_merged. Deliver that with: session-groups group integrate g --into BRANCH`,
  );
});

test('a failed session is retried as its group would be: once that rests, with a new conversation or login if need be', () => {
  const again = (
    code: ErrorCode,
    attempts: number,
    status: 'failed' | 'running' = 'failed',
    rehearsal = false,
  ) =>
    retryOfSession(
      'g',
      'a',
      { status: 'failed', attempts, costUsd: 0, error: { code, message: '' } },
      { status, rehearsal },
    );
  const retry = 'session-groups group retry g --session a';
  expect(again('max_turns', 1)).toBe(`Retry it: ${retry}`);
  expect(again('max_turns', 1, 'running')).toBe(
    `Retry it, once the group has settled or is paused: ${retry}`,
  );
  expect(again('prompt_too_long', 2)).toBe(`Begin its conversation anew: ${retry} --fresh`);
  expect(again('max_turns', 1, 'failed', true)).toContain('Change the definition, then: ');
});
