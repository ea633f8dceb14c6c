// @module-tag processes
// @module-tag long
import { test } from '@fast-check/vitest';
import { describe, expect, it } from 'vitest';
import { openYard } from '../support/delivering.ts';
import { HISTORY, UnmergedHistory } from '../support/unmerged-history.ts';

/*
 * Random groups with random histories, in real repositories, and then the commands that take trees and branches away.
 * More, and others: SEQUENCES=300 SEED=7 npx vitest run test/properties/unmerged-work.test.ts
 */

const seen = new Set<string>();

describe('delete, prune and clean', () => {
  test.prop([HISTORY], {
    numRuns: Number(process.env.SEQUENCES ?? 16),
    seed: Number(process.env.SEED ?? 20_260_101),
  })(
    'lose nothing that is nowhere else, whatever has happened before',
    async history => {
      const yard = openYard();
      try {
        for (const end of await new UnmergedHistory(yard, history).live()) seen.add(end);
      } finally {
        await yard.close();
      }
    },
    7_200_000,
  );

  it('were refused, and done', () => {
    const ends = [
      'delete refused',
      'delete discard done',
      'prune refused',
      'clean refused',
      'clean discard done',
    ];
    expect([...seen]).toEqual(expect.arrayContaining(ends));
  });
});
