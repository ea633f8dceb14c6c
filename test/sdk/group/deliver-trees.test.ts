// @module-tag processes
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { GroupEvent } from '../../../src/sdk/group/journal/events.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { openYard, type Yard } from '../../support/delivering.ts';

let yard: Yard;
let events: GroupEvent[] = [];
beforeEach(() => {
  yard = openYard();
  events = [];
});
afterEach(() => yard.close());

const own = { workspace: { mode: 'worktree' } } as const;
const merged = { ...own, integrate: { mode: 'merge' } } as const;

async function watched(...parts: Parameters<Yard['group']>): Promise<GroupRunner> {
  const group = await yard.group(...parts);
  group.events$.subscribe(event => events.push(event));
  return group;
}

const of = <T extends GroupEvent['type']>(type: T) =>
  events.filter((event): event is Extract<GroupEvent, { readonly type: T }> => event.type === type);
const warnings = () => of('session_warning').map(({ message }) => message);
const refs = (prefix: string) =>
  yard.repo.git('for-each-ref', '--format=%(refname)', prefix).trim().split('\n').filter(Boolean);

/** Ends once the file is there, or when it is interrupted. */
const untilThere = (file: string) => `while [ ! -e '${file}' ]; do sleep 0.05; done`;

describe('the tree of a session', () => {
  test('is saved when its attempt is interrupted, and is there when it goes on', async () => {
    const gate = join(yard.folder, 'gate');
    const begun = join(yard.folder, 'begun');
    const text = `if [ -e half ]; then cat half; else echo half > half; touch '${begun}'; fi; ${untilThere(gate)}`;
    const group = await watched([yard.script('a', text)], own);
    const run = group.run();
    while (!existsSync(begun)) await new Promise(resolve => setImmediate(resolve));
    await group.pause();
    await run;
    const [checkpoint = ''] = refs('refs/session-groups/');
    expect(yard.repo.git('show', `${checkpoint}:half`)).toBe('half\n');
    writeFileSync(gate, '');
    expect((await group.resume()).sessions.a).toMatchObject({ result: 'half', changedFiles: ['half'] });
  });

  test("keeps its agent's lock of git while the work of another is saved", async () => {
    const gate = join(yard.folder, 'gate');
    const held = join(yard.folder, 'held');
    const holds = `lock="$(git rev-parse --git-dir)/index.lock"; touch "$lock" '${held}'; ${untilThere(gate)}; rm "$lock"`;
    const group = await watched([yard.script('a', holds), yard.script('b', untilThere(held))], own);
    group.events$.subscribe(({ type }) => {
      if (type === 'session_completed' || type === 'session_failed') writeFileSync(gate, '');
    });
    expect((await group.run()).sessions).toMatchObject({
      a: { status: 'completed', attempts: 1 },
      b: { status: 'completed', attempts: 1 },
    });
  });

  test('is made again from what was saved, if its folder has gone', async () => {
    const gate = join(yard.folder, 'gate');
    const begun = join(yard.folder, 'begun');
    const text = `[ -e half ] && cat half; echo half > half; touch '${begun}'; ${untilThere(gate)}`;
    const group = await watched([yard.script('a', text)], own);
    const run = group.run();
    while (!existsSync(begun)) await new Promise(resolve => setImmediate(resolve));
    await group.pause();
    await run;
    rmSync(of('workspace_ready')[0]?.path ?? 'none', { recursive: true });
    writeFileSync(gate, '');
    expect((await group.resume()).sessions.a).toMatchObject({ status: 'completed', result: 'half' });
    expect(warnings()).toEqual([expect.stringContaining('made again from its last checkpoint')]);
  });

  test('goes once it is merged, and its branch stays', async () => {
    const group = await watched([yard.script('a', 'echo a > a.txt')], merged);
    expect((await group.run()).status).toBe('completed');
    expect(existsSync(of('workspace_ready')[0]?.path ?? '/')).toBe(false);
    expect(of('workspace_removed')).toHaveLength(1);
    expect(yard.repo.git('show', `session-groups/${group.id}/a:a.txt`)).toBe('a\n');
  });

  test('stays, if it is to be kept', async () => {
    const workspace = { mode: 'worktree', keep: 'always' } as const;
    const group = await watched([yard.script('a', 'echo a > a.txt')], { ...merged, workspace });
    expect((await group.run()).status).toBe('completed');
    expect(readFileSync(join(of('workspace_ready')[0]?.path ?? '', 'a.txt'), 'utf8')).toBe('a\n');
  });

  test('starts over from its base: what was in it is kept under a ref', async () => {
    const group = await watched([yard.script('a', '[ -e ../fail ] && exit 0; ls; echo x > left; exit 1')], {
      ...own,
      retry: { maximumAttempts: 1 },
    });
    expect((await group.run()).status).toBe('failed');
    const [first] = of('workspace_ready');
    writeFileSync(join(first?.path ?? '', '../fail'), '');
    await group.retry({ fresh: true });
    const ready = (await yard.store.read(group.id)).records.filter(({ type }) => type === 'workspace_ready');
    expect(ready).toMatchObject([first, { path: first?.path, commit: first?.commit }]);
    expect(existsSync(join(first?.path ?? '', 'left'))).toBe(false);
    const [kept = ''] = refs('refs/session-groups/archive/');
    expect(yard.repo.git('show', `${kept}:left`)).toBe('x\n');
  });

  test('is the same for the next engine, and its sessions have one base however the branch moves', async () => {
    const gate = join(yard.folder, 'gate');
    const begun = join(yard.folder, 'begun');
    const sessions = [
      yard.script('a', `echo a > a.txt; touch '${begun}'; ${untilThere(gate)}`),
      yard.script('b', 'ls', { dependsOn: ['a'] }),
    ];
    const first = await watched(sessions, merged);
    const run = first.run();
    while (!existsSync(begun)) await new Promise(resolve => setImmediate(resolve));
    await first.pause();
    await run;
    await first.dispose();
    yard.repo.write('later.txt', 'later\n');
    yard.repo.commit('later');
    writeFileSync(gate, '');
    const { store, env, workspaces } = yard;
    const next = await openSessionGroup(first.id, { store, env, workspaces, projects: memoryProjectGate() });
    const result = await next.resume();
    await next.dispose();
    expect([result.status, result.sessions.b?.result]).toEqual(['completed', 'README.md\na.txt']);
  });

  test('has a name for commits where git knows none', async () => {
    for (const key of ['user.name', 'user.email']) yard.repo.git('config', '--unset', key);
    const group = await watched(
      [yard.script('a', 'echo a > a.txt; git add -A; git commit -qm mine')],
      merged,
    );
    expect((await group.run()).sessions.a).toMatchObject({ status: 'completed' });
    const log = yard.repo.git('log', '--format=%an %s', `session-groups/${group.id}/a`);
    expect(log.split('\n')[0]).toBe('session-groups mine');
  });

  test('shares what all trees of a repository share: changes there are told', async () => {
    const group = await watched(
      [yard.script('a', 'git config core.hooksPath /tmp/evil; echo a > a.txt')],
      own,
    );
    expect((await group.run()).status).toBe('completed');
    expect(warnings()).toEqual([expect.stringMatching(/changed, by it or by another: config/)]);
  });

  test('cannot be ordered otherwise once it is there', async () => {
    const sessions = [yard.script('a', 'exit 1')];
    const config = { ...own, retry: { maximumAttempts: 1 } } as const;
    const group = await watched(sessions, config);
    await group.run();
    const next = (more: object) => ({
      version: 1 as const,
      name: 'Deliver',
      config: { ...config, ...more },
      sessions,
    });
    await expect(group.update(next({ verify: { commands: ['true'] } }))).rejects.toMatchObject({
      code: 'sessions_in_the_way',
      message: expect.stringContaining('a has a workspace'),
    });
    await group.update(next({ concurrency: { maxConcurrent: 2 } }));
  });
});

describe('what a session begins with', () => {
  const branch = { workspace: { mode: 'worktree' }, integrate: { mode: 'branch' } } as const;

  test('is the work of all sessions that it depends on, also through another repository', async () => {
    const other = yard.another('other');
    const { sessions } = await (
      await yard.group(
        [
          yard.script('a', 'echo a > a.txt'),
          yard.script('b', 'echo b > b.txt', { projectPath: other.path, dependsOn: ['a'] }),
          yard.script('c', 'ls', { dependsOn: ['b'] }),
          yard.script('d', 'ls', { projectPath: other.path, dependsOn: ['c'] }),
        ],
        branch,
      )
    ).run();
    expect([sessions.c?.result, sessions.d?.result]).toEqual(['README.md\na.txt', 'README.md\nb.txt']);
  });

  test('is not the work of one whose checks have failed', async () => {
    const { sessions } = await (
      await yard.group(
        [
          yard.script('a', 'echo a > a.txt', { verify: { commands: ['false'], attempts: 1 } }),
          yard.script('b', 'ls', { dependsOn: [{ session: 'a', when: 'failed' }] }),
        ],
        branch,
      )
    ).run();
    expect(sessions).toMatchObject({
      a: { status: 'failed' },
      b: { status: 'completed', result: 'README.md' },
    });
  });
});

describe('checks in the folder of the project', () => {
  test('that change files are told, and their changes count', async () => {
    const group = await watched([yard.script('a', 'echo a > a.txt')], {
      verify: { commands: ['echo made > made.txt'] },
    });
    await group.run();
    expect(warnings()).toEqual(['its checks have changed files of the project: made.txt']);
  });
});

describe('a conflict', () => {
  test('says with whom, and the session that waits for somebody says so, also once it is saved', async () => {
    const group = await watched(
      ['a', 'b'].map(id => yard.script(id, `[ -e same.txt ] || echo ${id} > same.txt`)),
      merged,
    );
    expect(await group.run()).toMatchObject({ status: 'paused', reason: 'conflict' });
    const [{ sessionId = '', with: others = [] } = {}] = of('session_conflict');
    expect([sessionId, ...others].sort()).toEqual(['a', 'b']);
    expect(group.why(sessionId)).toEqual({ kind: 'conflict', files: ['same.txt'], with: others });
  });

  test('that is resolved leaves each session its own changes', async () => {
    const resolving = (id: string) =>
      `if grep -q '<<<<<<<' same.txt 2>/dev/null; then printf 'a\\nb\\n' > same.txt; else echo ${id} > same.txt; fi; echo ${id} > ${id}.txt`;
    const group = await watched(
      ['a', 'b'].map(id => yard.script(id, resolving(id))),
      { ...own, integrate: { mode: 'merge', onConflict: 'resolve' } },
    );
    const { sessions } = await group.run();
    expect(of('session_conflict')).toHaveLength(1);
    expect([sessions.a?.changedFiles, sessions.b?.changedFiles]).toEqual([
      ['a.txt', 'same.txt'],
      ['b.txt', 'same.txt'],
    ]);
  });

  test('of what a session depends on is its own to resolve, from the beginning', async () => {
    const resolving = `grep -q '<<<<<<<' same.txt && cat > said.txt && printf 'a\\nb\\n' > same.txt`;
    const group = await watched(
      [
        ...['a', 'b'].map(id => yard.script(id, `echo ${id} > same.txt`)),
        yard.script('c', resolving, { dependsOn: ['a', 'b'] }),
      ],
      own,
    );
    expect((await group.run()).sessions.c).toMatchObject({ status: 'completed', attempts: 1 });
    const branch = (id: string) => `session-groups/${group.id}/${id}`;
    for (const id of ['a', 'b']) yard.repo.git('merge-base', '--is-ancestor', branch(id), branch('c'));
    expect(yard.repo.git('show', `${branch('c')}:same.txt`)).toBe('a\nb\n');
    expect(yard.repo.git('show', `${branch('c')}:said.txt`)).toMatch(/conflict with [ab] in same.txt/);
  });

  test('that a person has resolved, in the tree, is merged by a resume once it is checked', async () => {
    const group = await watched(
      ['a', 'b'].map(id => yard.script(id, `[ -e same.txt ] || echo ${id} > same.txt`)),
      { ...merged, verify: { commands: ['test -e same.txt'] } },
    );
    expect(await group.run()).toMatchObject({ status: 'paused', reason: 'conflict' });
    expect(await group.resume()).toMatchObject({ status: 'paused', reason: 'conflict' });
    const { sessionId = '' } = of('session_conflict')[0] ?? {};
    const tree = of('workspace_ready').find(event => event.sessionId === sessionId)?.path ?? '';
    const git = (...args: string[]) => spawnSync('git', ['-C', tree, ...args], { env: process.env });
    git('merge', `session-groups/${group.id}/_merged`);
    writeFileSync(join(tree, 'same.txt'), 'both\n');
    git('commit', '-qam', 'resolved');
    const checks = of('session_verified').length;
    expect((await group.resume()).status).toBe('completed');
    expect(of('session_verified').length).toBe(checks + 1);
    expect(yard.repo.git('show', `session-groups/${group.id}/_merged:same.txt`)).toBe('both\n');
  });
});
