import { createRequire } from 'node:module';
import { expect, test, vi } from 'vitest';
import { DoomedGroup, REQUESTS, type Request } from '../support/crash-matrix.ts';
import { CRASH_SCENARIOS } from '../support/crash-scenarios.ts';
import { runs } from '../support/runs.ts';

/*
 * The engine of a small group dies after each record that it writes; another one opens the group, is asked for something,
 * and goes on to the end. Here each record meets a few requests; all of them, and a second death at each record of the
 * second life: MATRIX=all npx vitest run test/properties/crash-matrix.test.ts
 */

// Opening a group looks through all processes of the machine for its agents, which here are none.
vi.mock('../../src/sdk/process/orphans.ts', () => ({ endOrphans: async () => {} }));

const require = createRequire(import.meta.url);
const ALL = process.env.MATRIX === 'all';
const requests = Object.keys(REQUESTS) as Request[];

test.each(Object.entries(CRASH_SCENARIOS))('%s', { timeout: 600_000 }, async (name, scenario) => {
  const [records = 0] = await new DoomedGroup(scenario).live([]);
  expect(records).toBeGreaterThan(10);
  const failures: string[] = [];
  let tried = 0;
  for (let record = 1; record <= records; record++) {
    for (const request of requests) {
      tried++;
      if (process.env.TRACE) require("node:fs").writeSync(1, `${name} ${record} ${request}\n`);
      await new DoomedGroup(scenario)
        .live([{ records: record, request }])
        .catch(error => failures.push(`${record} ${request}: ${error.message}`.slice(0, 400)));
    }
  }
  console.log(name, records, tried, failures.length);
  expect(failures.slice(0, 12)).toEqual([]);
});
