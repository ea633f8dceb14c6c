// @module-tag long
import { afterAll, beforeAll, expect, test } from 'vitest';
import { violationWords } from '../report.ts';
import { findMutant } from '../runs.ts';
import { interception } from '../world/simulation.ts';
import { ALL_MUTANTS } from './all.ts';

/* The test of the test: faults that are planted in the engine, each found by one of the first 500 seeds, or by its own if that is later. */

beforeAll(() => interception.install());
afterAll(() => interception.remove());

test.each(ALL_MUTANTS.map(mutant => [mutant.name, mutant] as const))('%s', async (_, mutant) => {
  const found = await findMutant(mutant, 1, 500);
  expect(found && violationWords(found.violation)).toEqual(expect.any(String));
});
