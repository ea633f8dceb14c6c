// @module-tag processes
import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, describe, expect, test } from 'vitest';
import { CAP, FaultBench, type Figures, SESSIONS } from './fault-bench.ts';
import type { FaultRow } from './fault-row.ts';
import { ROWS } from './rows.ts';

/*
 * A group over workers, while things break: what its agents have written themselves. All rows, and the table in the
 * documents: npm run faults
 */

const isWhole = process.env.FAULTS === 'all';
const TABLE = new URL('../../../design-docs/fleet-faults.md', import.meta.url);
const found: (readonly [FaultRow, Figures])[] = [];

const usual: Figures = {
  ...{ overlapMs: 0, attempts: SESSIONS.length, endsThrownAway: 0, paidAgain: 0, cut: 0, live: CAP },
  ...{ completed: SESSIONS.length, checks: 0, leaks: 0 },
};
/** Without a guard, agents that nobody ends write on. */
const isControl = ({ expected = {} }: FaultRow): boolean => Number.isNaN(expected.overlapMs);

describe('while a group works', () => {
  test.each(ROWS.filter(({ always }) => isWhole || always).map(row => [row.name, row] as const))(
    '%s',
    { timeout: 180_000 },
    async (_, row) => {
      const bench = await FaultBench.begin();
      try {
        await row.happens(bench);
        const figures = await bench.figures();
        expect(bench.fleet.signs().some(({ word }) => word === 'secret')).toBe(true);
        if (isControl(row)) expect(figures.overlapMs).toBeGreaterThan(0);
        else expect(figures).toEqual({ ...usual, ...row.expected });
        found.push([row, figures]);
      } finally {
        await bench.end();
      }
    },
  );
});

test('the table in the documents has these rows', () => {
  const rows = readFileSync(TABLE, 'utf8')
    .split('\n')
    .filter(line => line.startsWith('| '))
    .slice(2); // below the heading
  if (!isWhole)
    expect(rows.map(line => line.split(' | ')[0]?.slice(2))).toEqual(ROWS.map(({ name }) => name));
});

afterAll(() => {
  if (isWhole && found.length === ROWS.length) writeFileSync(TABLE, textOf(found));
});

function textOf(rows: typeof found): string {
  const lines = rows.map(([{ name }, figures]) => {
    const { overlapMs, attempts, cut, paidAgain, endsThrownAway, live, completed, checks, leaks } = figures;
    const overlap = overlapMs > 0 ? 'yes' : 'none';
    return `| ${[name, overlap, attempts, cut, paidAgain, endsThrownAway, live, completed, checks, leaks].join(' | ')} |`;
  });
  return `${HEAD}\n${lines.join('\n')}\n\n${FOOT}\n`;
}

const HEAD = `# Faults of a fleet

Written by \`npm run faults\`, from what the agents have written themselves: ${SESSIONS.length} sessions of which ${CAP} may be live, in a group, workers and a
Redis that are processes of one machine, with leases of 3 s. Each session has four steps, and what has been done of them is in
its folder, as a conversation is. Things happen while two sessions are in their third step.

| what happens | overlap | attempts | steps begun again that were cut | that were done | ends thrown away | most live | completed | checks | files of Redis with a secret |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |`;

const FOOT = `A step is what an agent pays for: one that was cut is paid twice, and no other is, unless what it had done was on a machine that
is gone. Checks are begun again that the process of a group has not heard the end of. The controls show what is prevented: without the
guard, attempts overlap; without the fence, a worker carries out checks that nobody waits for any more, beside those that were ordered
later (7 in place of 5).`;
