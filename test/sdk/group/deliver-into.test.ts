// @module-tag processes
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { openYard, type Yard } from '../../support/delivering.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

const config = (more: Partial<NonNullable<SessionGroupInput['config']>> = {}) => ({
  workspace: { mode: 'worktree' as const },
  integrate: { mode: 'merge' as const, into: 'main' },
  ...more,
});

/** Moves the user's branch while the session works. */
const movingOn = (file: string) =>
  `echo a > a.txt; cd '${yard.repo.path}' && echo user > ${file} && git add -A && git -c user.name=u -c user.email=u@u commit -qm user`;

describe('delivery into a branch that has moved on', () => {
  test('takes that in, checks both together, and delivers', async () => {
    const group = await yard.group(
      [yard.script('a', movingOn('user.txt'))],
      config({ verify: { commands: ['test -e a.txt'] } }),
    );
    expect((await group.run()).status).toBe('completed');
    expect(yard.repo.git('ls-tree', '--name-only', 'main').trim().split('\n')).toEqual([
      'README.md',
      'a.txt',
      'user.txt',
    ]);
    expect(yard.repo.git('status', '--porcelain')).toBe('');
    expect(yard.repo.git('worktree', 'list').trim().split('\n')).toHaveLength(1);
  });

  test('is refused where the checks fail on both together; the branch stays', async () => {
    const group = await yard.group(
      [yard.script('a', movingOn('user.txt'))],
      config({ verify: { commands: ['if [ -e user.txt ]; then echo both; exit 1; fi'] } }),
    );
    const before = () => yard.repo.git('log', '--format=%s', 'main').trim().split('\n');
    expect(await group.run()).toMatchObject({ status: 'paused', reason: 'delivery_refused' });
    expect(before()).toEqual(['user', 'first']);
  });

  test('pauses where they conflict', async () => {
    const group = await yard.group([yard.script('a', movingOn('a.txt'))], config());
    expect(await group.run()).toMatchObject({ status: 'paused', reason: 'conflict' });
    expect(yard.repo.git('show', 'main:a.txt')).toBe('user\n');
  });
});
