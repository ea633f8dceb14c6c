import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { addedTo, sizeOf } from '../../../src/sdk/process/log-end.ts';

let folder: string;
let log: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'log-end-'));
  log = join(folder, 'log');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('what was added since is told, and nothing of before', () => {
  expect([sizeOf(log), addedTo(log, 0, 100)]).toEqual([0, '']);
  writeFileSync(log, 'before\n');
  const size = sizeOf(log);
  expect(addedTo(log, size, 100)).toBe('');
  appendFileSync(log, 'one\ntwo\n');
  expect(addedTo(log, size, 100)).toBe('one\ntwo\n');
});

test('of what is longer, the last whole lines, and how much is missing', () => {
  writeFileSync(log, 'one\ntwo\nthree\n');
  expect(addedTo(log, 0, 8)).toBe('[session-groups] 8 bytes were left out here.\nthree\n');
});

test('a log that has become shorter meanwhile is told from its beginning', () => {
  writeFileSync(log, 'anew\n');
  expect(addedTo(log, 1_000, 100)).toBe('anew\n');
});
