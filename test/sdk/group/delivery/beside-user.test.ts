// @module-tag processes
// @module-tag long
import { expect, test } from 'vitest';
import { busyUser, fillForUser } from '../../../support/busy-user.ts';
import { openYard } from '../../../support/delivering.ts';

test('twelve sessions of a group work in one repository beside a user at work, and neither side has a failure', async () => {
  const yard = openYard();
  try {
    const repo = yard.another('busy');
    fillForUser(repo);
    const ids = Array.from({ length: 12 }, (_, index) => `s${index}`);
    const commit = 'git add -A && git commit -qm mine';
    const sessions = ids.map((id, index) =>
      yard.script(id, `echo ${id} > ${id}.txt${index % 2 === 0 ? ` && ${commit}` : ''}`, {
        projectPath: repo.path,
      }),
    );
    const group = await yard.group(sessions, {
      concurrency: { maxConcurrent: 12 },
      retry: { maximumAttempts: 1 },
      workspace: { mode: 'worktree', base: 'main' },
      verify: { commands: ['test -e src/0/0.txt'] },
      integrate: { mode: 'merge' },
    });
    const done = new AbortController();
    const user = busyUser(repo, done.signal);
    const result = await group.run().finally(() => done.abort());
    expect(await user).toEqual([]);
    expect(result.status).toBe('completed');
    const merged = `session-groups/${group.id}/_merged`;
    expect(repo.git('diff', '--name-only', 'main', merged).trim().split('\n')).toEqual(
      ids.map(id => `${id}.txt`).sort(),
    );
    expect(repo.git('fsck', '--no-dangling')).toBe('');
  } finally {
    await yard.close();
  }
});
