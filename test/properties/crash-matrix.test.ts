// @module-tag long
import { expect, test, vi } from 'vitest';
import { DoomedGroup, REQUESTS, type Request } from '../support/crash-matrix.ts';
import { CRASH_SCENARIOS } from '../support/crash-scenarios.ts';

/*
 * The engine of a small group dies after each record that it writes; another one opens the group, is asked for something,
 * and the group is brought to its end. Here every second record meets one of the requests, in turn. Every record with every
 * request, and a second death at each record of the second engine: MATRIX=all npx vitest run test/properties/crash-matrix.test.ts
 */

// Opening a group looks through all processes of the machine for its agents, which here are none.
vi.mock('../../src/sdk/process/orphans.ts', () => ({ endOrphans: async () => {} }));

const ALL = process.env.MATRIX === 'all';
const EACH = ALL ? Object.keys(REQUESTS).length : Number(process.env.MATRIX ?? 1);
const AT_MOST = process.env.MATRIX === undefined ? 600_000 : 7_200_000;
const STEP = process.env.MATRIX === undefined ? 2 : 1;
const FIRST = Number(process.env.FIRST ?? 0);

test.each(Object.entries(CRASH_SCENARIOS))('%s', { timeout: AT_MOST }, async (_, scenario) => {
  const [records = 0] = await new DoomedGroup(scenario).live([]);
  expect(records).toBeGreaterThan(10);
  const failures: string[] = [];
  const dies = async (...deaths: Parameters<DoomedGroup['live']>[0]) => {
    const where = deaths.map(({ records, request }) => `after ${records}, ${request}`).join(', then ');
    try {
      return await new DoomedGroup(scenario).live(deaths);
    } catch (error) {
      failures.push(`${where}: ${error}`.slice(0, 400));
      return [];
    }
  };
  for (let record = 1; record <= records; record += STEP) {
    for (let nth = 0; nth < EACH; nth++) {
      const first = { records: record, request: requestAt(FIRST + record * 3 + nth) };
      const [, second = 0] = await dies(first);
      const again = ALL && record % 5 === 0 ? upTo(second) : record % 3 === 0 ? [1 + (record % 17)] : [];
      for (const next of again) await dies(first, { records: next, request: requestAt(record + next) });
    }
  }
  expect(failures.slice(0, 12)).toEqual([]);
});

const upTo = (last: number) => Array.from({ length: last }, (_, at) => at + 1);

function requestAt(index: number): Request {
  const request = Object.keys(REQUESTS)[index % Object.keys(REQUESTS).length];
  return request as Request;
}
