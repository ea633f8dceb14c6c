import { expect, test } from 'vitest';
import { heldIn, nextStep } from '../../src/cli/advice.ts';
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
