// @module-tag processes
import { expect, test } from 'vitest';
import { isSuspended, processStartTime } from '../../../src/sdk/process/process-identity.ts';
import { run } from './process-fixture.ts';

test('a process keeps its start time, and another one has a different one', async () => {
  const child = run('stay.mjs');
  await child.nextLine();
  const pid = child.pid ?? 0;
  const start = processStartTime(pid) ?? '';
  expect(start).not.toBe('');
  expect(processStartTime(pid)).toBe(start);
  expect(processStartTime(process.pid)).not.toBe(start);
  expect(processStartTime(pid)).toBe(start);
  child.kill();
  await child.exited;
  expect(processStartTime(pid)).toBeUndefined();
  expect(processStartTime(pid)).not.toBe(start);
});

test('an invalid pid has no start time', () => {
  expect([0, -1, 1.5, Number.NaN].map(processStartTime)).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test('a process is suspended from a stop signal until it is continued', async () => {
  const child = run('stay.mjs');
  await child.nextLine();
  const pid = child.pid ?? 0;
  expect(isSuspended(pid)).toBe(false);
  process.kill(pid, 'SIGSTOP');
  await expect.poll(() => isSuspended(pid)).toBe(true);
  process.kill(pid, 'SIGCONT');
  await expect.poll(() => isSuspended(pid)).toBe(false);
  child.kill();
  await child.exited;
  expect(isSuspended(pid)).toBe(false);
});
