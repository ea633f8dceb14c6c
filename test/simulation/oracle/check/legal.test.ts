import { describe, expect, test } from 'vitest';
import { EARLY } from './delivery/bases.ts';
import { DELIVERS } from './delivery/work.ts';
import { FANNED_OUT } from './illegal/fan-outs.ts';
import { EXCUSED } from './illegal/followers.ts';
import { QUIET } from './legal/quiet.ts';
import { TROUBLED } from './legal/troubled.ts';

/** For each concern, a history that keeps its rules. */
describe('the oracle finds nothing in', () => {
  test.each([
    ...QUIET,
    ...TROUBLED,
    ...EXCUSED,
    ...EARLY,
    ...FANNED_OUT,
    ['a session that is saved, checked, merged and delivered', DELIVERS] as const,
  ])('%s', (_, scene) => {
    expect(scene().found).toEqual([]);
  });
});
