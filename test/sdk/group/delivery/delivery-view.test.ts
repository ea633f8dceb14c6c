// @module-tag processes
import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { viewDelivery } from '../../../../src/sdk/group/delivery/delivery-view.ts';
import type { StoredGroup } from '../../../../src/sdk/group/store/store.ts';
import { openYard, type Yard } from '../../../support/delivering.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

const view = (stored: StoredGroup) => viewDelivery(stored, { workspaces: yard.workspaces, env: yard.env });
const tree = { mode: 'worktree' } as const;

describe('what a group delivers', () => {
  test('a session: its branch, commits, checks and changes, without what was brought along', async () => {
    yard.repo.write('.gitignore', '.env\n');
    yard.repo.commit('ignore');
    yard.repo.write('.env', 'SECRET=1\n');
    const stored = await yard.ran(
      [
        yard.script(
          'a',
          "echo a > a.txt; printf 'x\\n\\0' > b.bin; rm README.md; git add -f .env; git commit -qm leak; rm .gitignore",
        ),
      ],
      {
        workspace: { ...tree, include: ['.env'] },
        verify: { commands: ['echo checked'] },
        integrate: { mode: 'merge' },
      },
    );
    const [session] = view(stored).sessions();
    expect(session).toMatchObject({
      ...{
        id: 'a',
        mode: 'worktree',
        integrate: 'merge',
        checks: 'green',
        isMerged: true,
        isReleased: true,
      },
      branch: `session-groups/${stored.group.id}/a`,
      from: yard.repo.git('rev-parse', 'main').trim(),
    });
    expect(readFileSync(session?.verifyLog ?? '', 'utf8')).toContain('checked');
    const changes = await view(stored).sessionChanges('a');
    expect(changes?.files.map(({ path, status }) => `${status} ${path}`)).toEqual([
      'deleted .gitignore',
      'deleted README.md',
      'added a.txt',
      'added b.bin',
    ]);
    expect([changes?.added, changes?.deleted, changes?.moreFiles]).toEqual([1, 2, 0]);
    const diff = await view(stored).sessionDiff('a');
    expect([diff?.text, diff?.cut]).toEqual([expect.stringContaining('+a\n'), true]);
    expect(diff?.text).not.toContain('SECRET');
    expect(await view(stored).sessionDiff('nobody')).toBeUndefined();
  });

  test('each repository: what was merged, and which refs would move', async () => {
    const api = yard.another('api');
    const stored = await yard.ran(
      [
        yard.script('a', 'echo a > a.txt'),
        yard.script('b', 'echo b > b.txt', { projectPath: api.path }),
        yard.script('c', 'echo c > c.txt', { dependsOn: ['a'] }),
      ],
      { workspace: tree, integrate: { mode: 'merge' } },
    );
    const main = yard.repo.git('rev-parse', 'main').trim();
    const [first, second] = await view(stored).repositories();
    expect(first).toMatchObject({ sessions: ['a', 'c'], base: main, delivery: 'none', moves: [] });
    expect(second).toMatchObject({ project: api.path, sessions: ['b'] });
    const [diff, other] = await view(stored).diffs();
    expect([diff?.text, other?.text]).toEqual([
      expect.stringMatching(/\+a\n[\s\S]*\+c\n/),
      expect.stringContaining('+b\n'),
    ]);
    const [into, nowhere] = [
      await view(stored).repositories('main'),
      await view(stored).repositories('no-such-branch'),
    ];
    expect(into[0]).toMatchObject({
      delivery: 'ready',
      into: 'main',
      moves: [{ ref: 'refs/heads/main', from: main, to: first?.merged }],
    });
    expect(nowhere[0]).toMatchObject({ delivery: 'refused', reason: 'there is no branch no-such-branch' });
    expect(yard.repo.git('rev-parse', 'main').trim()).toBe(main);

    yard.repo.write('more.txt', 'more\n');
    yard.repo.commit('the user goes on');
    const [behind] = await view(stored).repositories('main');
    expect([behind?.delivery, behind?.moves.map(({ ref }) => ref)]).toEqual([
      'behind',
      [`refs/heads/session-groups/${stored.group.id}/_merged`, 'refs/heads/main'],
    ]);
    yard.repo.write('a.txt', 'mine\n');
    yard.repo.commit('the user writes the same file');
    const [conflict] = await view(stored).repositories('main');
    expect(conflict).toMatchObject({ delivery: 'conflict', files: ['a.txt'], moves: [] });
  });

  test('a conflict: its files, and whose change it is', async () => {
    const stored = await yard.ran(
      [
        yard.script('a', 'echo a > same.txt'),
        yard.script('b', 'echo b > other.txt'),
        yard.script('c', 'echo c > same.txt', { priority: -1 }),
      ],
      { workspace: tree, integrate: { mode: 'merge' }, concurrency: { maxConcurrent: 1 } },
    );
    const sessions = view(stored).sessions();
    expect(sessions.find(({ id }) => id === 'c')).toMatchObject({
      conflict: { files: ['same.txt'], with: ['a'] },
      isMerged: false,
    });
  });

  test('checks that are red, and set-up', async () => {
    const stored = await yard.ran([yard.script('a', 'echo a > a.txt')], {
      workspace: { ...tree, setup: ['echo prepared'] },
      verify: { commands: ['echo why; false'], attempts: 1 },
    });
    const [session] = view(stored).sessions();
    expect([session?.checks, session?.isMerged]).toEqual(['red', false]);
    expect(readFileSync(session?.setupLog ?? '', 'utf8')).toContain('prepared');
    expect(readFileSync(session?.verifyLog ?? '', 'utf8')).toContain('why');
  });

  test('what no branch of the user contains, and what is in no commit', async () => {
    const nothing = yard.script('b', 'true', { integrate: { mode: 'branch' } });
    const stored = await yard.ran([yard.script('a', 'echo a > a.txt'), nothing], {
      workspace: tree,
      integrate: { mode: 'merge' },
    });
    const [a, ...others] = await view(stored).unmerged();
    expect([a, others]).toMatchObject([{ session: 'a', dirty: [], commit: expect.any(String) }, []]);
    yard.repo.git('merge', '-q', '--ff-only', `session-groups/${stored.group.id}/_merged`);
    expect(await view(stored).unmerged()).toEqual([]);
  });

  test('a group that runs in another process shows what its checkpoints have, and is left alone', async () => {
    const group = await yard.group(
      [yard.script('a', `touch started; while [ ! -e '${join(yard.folder, 'gate')}' ]; do sleep 0.05; done`)],
      { workspace: tree },
    );
    const ready = firstValueFrom(group.events$.pipe(filter(({ type }) => type === 'session_started')));
    const run = group.run();
    await ready;
    const live = view(await yard.store.read(group.id));
    expect(live.sessions()).toMatchObject([{ id: 'a', isMerged: false }]);
    expect([await live.unmerged(), await live.diffs()]).toEqual([[], []]);
    await group.stop();
    await run;
    expect(existsSync(join(yard.folder, 'gate'))).toBe(false);
  });

  test('a repository that has gone is said to be unreadable', async () => {
    const stored = await yard.ran([yard.script('a', 'echo a > a.txt')], {
      workspace: tree,
      integrate: { mode: 'merge', into: 'main' },
    });
    renameSync(yard.repo.path, `${yard.repo.path}-away`);
    expect(await view(stored).repositories()).toMatchObject([
      { delivery: 'unreadable', merged: null, reason: expect.any(String) },
    ]);
    expect(await view(stored).unmerged()).toMatchObject([{ session: 'a', problem: expect.any(String) }]);
  });
});
