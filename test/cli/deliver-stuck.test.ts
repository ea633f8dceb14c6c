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
    expect(stuck).toContain(`group integrate ${refused.group.id} --dry-run\n`);
    expect(stuck).not.toContain('--undo'); // nothing has moved
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

test('a failed group that delivers by request says what it has, and exits as the delivery went; why a session failed is one line', async () => {
  const yard = openYard();
  try {
    const cli = async (...args: string[]) => {
      const io = new FakeIo({ env: yard.env, cwd: yard.folder, now: Date.now });
      return { code: await main(args, io), out: io.stdout.text, err: io.stderr.text };
    };
    const { group } = await yard.ran(
      [
        yard.script('a', 'echo a > a.txt'),
        yard.script('b', 'true', { verify: { commands: ['echo "the\nreason"; exit 7'], attempts: 1 } }),
      ],
      { workspace: { mode: 'worktree', keep: 'always' }, integrate: { mode: 'merge' } },
    );
    const waits = `the sessions that did not complete: session-groups group retry ${group.id}
What was merged so far is in session-groups/${group.id}/_merged. Deliver that with: session-groups group integrate ${group.id} --into BRANCH
`;
    for (const verb of ['show', 'watch']) expect((await cli('group', verb, group.id)).err).toContain(waits);
    const refused = await cli('group', 'integrate', group.id, '--into', 'nowhere', '--plain');
    expect(refused.code).toBe(5);
    const done = await cli('group', 'integrate', group.id, '--into', 'main', '--plain');
    expect(done.code).toBe(0);
    expect(yard.repo.git('show', 'main:a.txt')).toBe('a\n');
    expect((await cli('group', 'show', group.id)).err).not.toContain('What was merged');
    const { out, err } = await cli('session', 'why', group.id, 'b');
    expect(out).toMatch(/^.*verify_failed: .*: exit code 7 …\n$/);
    expect(err).toBe(
      `All of it: session-groups session show ${group.id} b\nRetry it: session-groups group retry ${group.id} --session b\n`,
    );
    expect((await cli('group', 'show', group.id)).out).not.toContain('\nreason');
    expect((await cli('session', 'show', group.id, 'b')).out).toContain('\nthe\nreason\n');
  } finally {
    await yard.close();
  }
});
