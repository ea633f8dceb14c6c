import { expect, test } from 'vitest';
import type { SessionDelivery } from '../../src/serve/delivery-types.ts';
import { workMarks } from '../../src/serve/page/work/work-marks.ts';

const delivery: SessionDelivery = {
  ...{ id: 'a', repository: '/r/.git', mode: 'worktree', integrate: 'merge', branch: 'b', from: 'c' },
  ...{ isMerged: false, isReleased: false },
};
const words = (status: 'completed' | 'failed' | 'stopped' | 'interrupted', look = { status: true }) =>
  workMarks(delivery, { status }, look).map(({ word }) => word);

test('a session that has not completed is marked with its status where that is shown nowhere else', () => {
  expect(words('completed')).toEqual(['set up', 'not merged yet']);
  expect(words('failed')).toEqual(['failed', 'set up', 'not merged yet']);
  expect(words('interrupted')).toEqual(['interrupted', 'set up', 'not merged yet']);
  expect(words('stopped', { status: false })).toEqual(['set up', 'not merged yet']);
});
