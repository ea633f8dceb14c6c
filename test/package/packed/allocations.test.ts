import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import budgets from '../budgets.json' with { type: 'json' };

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
/** Nothing is optimised or collected, so that every allocation is seen, and is the same in every run. */
const FLAGS = ['--expose-gc', '--no-opt', '--min-semi-space-size=256', '--max-semi-space-size=256'];

/** Bytes per usage report, of a group with so many live sessions. */
function allocatedBy(sessions: number): number {
  const script = join(ROOT, 'test/fixtures/usage-allocations.mjs');
  const args = [...FLAGS, script, join(ROOT, 'dist'), String(sessions)];
  return Number(execFileSync(process.execPath, args, { encoding: 'utf8' }));
}

it('a usage report allocates as little in a group of 1,000 live sessions as in one of 10', () => {
  const few = allocatedBy(10);
  expect(few).toBeGreaterThan(100); // it is measured
  expect(few).toBeLessThanOrEqual(budgets.bytesPerUsageReport);
  expect(allocatedBy(1_000) / few).toBeLessThan(1.05);
});
