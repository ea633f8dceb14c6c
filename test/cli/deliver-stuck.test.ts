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
      return io.stdout.text;
    };
    const config = {
      workspace: { mode: 'worktree' },
      integrate: { mode: 'merge', into: 'nowhere' },
    } as const;
    const refused = await yard.ran([yard.script('a', 'echo a > a.txt')], config);
    expect(await shown(refused.group.id)).toContain(`\n  ${yard.repo.path}: there is no branch nowhere\n`);
    const { group } = await yard.ran(
      [yard.script('b', 'echo b > f'), yard.script('c', 'echo c > f')],
      config,
    );
    expect(await shown(group.id)).toMatch(
      new RegExp(
        `\n  [bc]: resolve it in .*/sgw-.*: git merge session-groups/${group.id}/_merged, then commit\n`,
      ),
    );
  } finally {
    await yard.close();
  }
});
