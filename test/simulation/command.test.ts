import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { numberOf, UsageError } from './command.ts';
import { readPlan } from './plan/kept-plan.ts';

const folder = mkdtempSync(join(tmpdir(), 'plans-'));
afterAll(() => rmSync(folder, { recursive: true }));

test.each(['x', '', ' ', '-1', '1.5', 'NaN', 'Infinity', '11', '1e99'])('%j is no number of seeds', text => {
  expect(() => numberOf('seeds', text, { most: 10 })).toThrow(UsageError);
});

test('a number may have a fraction where it need not be whole', () => {
  expect(numberOf('days', '0.5', { whole: false })).toBe(0.5);
  expect(() => numberOf('days', 'x', { whole: false })).toThrow('--days x: expected a number');
});

test.each(['{"seed":', '{"seed":1}', '[]'])('what is no plan is named: %s', text => {
  const path = join(folder, 'broken.json');
  writeFileSync(path, text);
  expect(() => readPlan(path)).toThrow(`${path} is not a plan: `);
});
