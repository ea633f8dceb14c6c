import { describe, expect, test } from 'vitest';
import { EXCUSED } from './illegal/followers.ts';
import { QUIET } from './legal/quiet.ts';
import { TROUBLED } from './legal/troubled.ts';

/** For each concern, a history that keeps its rules. */
describe('the oracle finds nothing in', () => {
  test.each([...QUIET, ...TROUBLED, ...EXCUSED])('%s', (_, scene) => {
    expect(scene().found).toEqual([]);
  });
});
