// @module-tag processes
import { expect, test } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { openYard } from '../support/delivering.ts';
import { FakeIo } from './fakes.ts';

test('group show says why a group that cannot deliver waits, and where a conflict is resolved', async () => {
  const yard = openYard();
  try {
    const shown = async (id: string) => {
      const io = new FakeIo({ env: yard.env, cwd: yard.folder, now: Date.now });
      expect(await main(['group', 'show', id], io)).toBe(0);
      return io.stdout.text + io.stderr.text;
    };
    const config = {
      workspace: { mode: 'worktree' },
      integrate: { mode: 'merge', into: 'nowhere' },
    } as const;
    const refused = await yard.ran([yard.script('a', 'echo a > a.txt')], config);
    const stuck = await shown(refused.group.id);
    expect(stuck).toContain(`\n  ${yard.repo.path}: there is no branch nowhere\n`);
    expect(stuck).toContain('--undo');
    const { group } = await yard.ran(
      [yard.script('b', 'echo b > f'), yard.script('c', 'echo c > f')],
      config,
    );
    const conflict = await shown(group.id);
    expect(conflict).toContain(`Then resume it with: session-groups group resume ${group.id}`);
    expect(conflict).not.toContain('group integrate');
    expect(conflict).toMatch(
      new RegExp(
        `\n  [bc]: resolve it in .*/sgw-.*: git merge session-groups/${group.id}/_merged, then commit\n`,
      ),
    );
  } finally {
    await yard.close();
  }
});
