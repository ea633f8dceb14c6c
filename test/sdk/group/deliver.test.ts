// @module-tag processes
import { mkdirSync, mkdtempSync, realpathSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { createSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { GroupEvent } from '../../../src/sdk/group/journal/events.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import { type Repository, repository } from '../../support/repository.ts';

let folder = '';
let repo: Repository;
let handle: GroupRunner | undefined;
let events: GroupEvent[] = [];
/** So much has the time of day passed besides. */
let laterMs = 0;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'deliver-')));
  mkdirSync(join(folder, 'home'));
  repo = repository(join(folder, 'repo'));
  repo.write('README.md', 'the project\n');
  repo.commit('first');
  events = [];
  laterMs = 0;
});
afterEach(async () => {
  await handle?.dispose();
  handle = undefined;
});

const script = (id: string, text: string, more: Partial<SessionGroupInput['sessions'][number]> = {}) => ({
  id,
  projectPath: repo.path,
  prompt: 'go',
  agent: { kind: 'command' as const, command: ['sh', '-c', text] as [string, ...string[]] },
  ...more,
});

async function start(sessions: SessionGroupInput['sessions'], config: SessionGroupInput['config']) {
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home') };
  const workspaces = createWorkspaces({
    clock: systemClock,
    env,
    workDir: join(folder, 'work'),
    gate: memoryProjectGate(),
  });
  const group = await createSessionGroup(
    { version: 1, name: 'Deliver', config, sessions },
    {
      ...{ env, workspaces, projects: memoryProjectGate() },
      clock: { ...systemClock, now: () => systemClock.now() + laterMs },
    },
  );
  handle = group;
  group.events$.subscribe(event => events.push(event));
  return group;
}

const filesIn = (ref: string) => repo.git('ls-tree', '--name-only', ref).trim().split('\n');
const types = (...wanted: string[]) =>
  events
    .filter(({ type }) => wanted.includes(type))
    .map(event => ('sessionId' in event ? `${event.type} ${event.sessionId}` : event.type));

describe('a group that delivers', () => {
  test('sessions work at once in one repository, and what they did is merged into a branch of the user', async () => {
    const group = await start(
      [
        script('a', 'echo a > a.txt; pwd'),
        script('b', 'echo b > b.txt; git add -A; git -c user.name=x -c user.email=x@x commit -qm mine'),
        script('c', 'cat a.txt b.txt; echo c > c.txt', { dependsOn: ['a', 'b'] }),
      ],
      {
        workspace: { mode: 'worktree' },
        verify: { commands: ['test -f README.md'] },
        integrate: { mode: 'merge', into: 'main' },
      },
    );
    const result = await group.run();
    expect([result.status, result.sessions]).toMatchObject(['completed', { c: { result: 'a\nb' } }]);
    expect(types('session_integrated', 'group_delivering', 'group_delivered')).toEqual([
      expect.stringMatching(/session_integrated [ab]/),
      expect.stringMatching(/session_integrated [ab]/),
      'session_integrated c',
      'group_delivering',
      'group_delivered',
    ]);
    expect(filesIn('main')).toEqual(['README.md', 'a.txt', 'b.txt', 'c.txt']);
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  test('a check that fails goes back to its session, and fails it in the end', async () => {
    const group = await start([script('a', 'echo again >> a.txt')], {
      workspace: { mode: 'worktree' },
      verify: { commands: ['test "$(wc -l < a.txt)" -ge 2'], attempts: 2 },
    });
    expect((await group.run()).status).toBe('completed');
    expect(types('session_retrying', 'session_verifying', 'session_verified')).toEqual([
      'session_verifying a',
      'session_retrying a',
      'session_verifying a',
      'session_verified a',
    ]);
  });

  test('a conflict pauses, and says which', async () => {
    const group = await start([script('a', 'echo a > same.txt'), script('b', 'echo b > same.txt')], {
      workspace: { mode: 'worktree' },
      integrate: { mode: 'merge', into: 'main' },
    });
    expect(await group.run()).toMatchObject({ status: 'paused', reason: 'conflict' });
    expect(events.find(({ type }) => type === 'session_conflict')).toMatchObject({ files: ['same.txt'] });
    expect(filesIn('main')).toEqual(['README.md']);
  });

  test('a pause during a check ends it; a resume checks again, and counts no attempt', async () => {
    const gate = join(folder, 'gate');
    const group = await start([script('a', 'echo a > a.txt')], {
      workspace: { mode: 'worktree' },
      verify: { commands: [`while [ ! -e '${gate}' ]; do sleep 0.05; done`] },
    });
    const verifying = firstValueFrom(group.events$.pipe(filter(({ type }) => type === 'session_verifying')));
    const run = group.run();
    await verifying;
    await group.pause();
    expect(await run).toMatchObject({ status: 'paused', sessions: { a: { status: 'paused', attempts: 1 } } });
    writeFileSync(gate, '');
    expect(await group.resume()).toMatchObject({
      status: 'completed',
      sessions: { a: { attempts: 1, changedFiles: ['a.txt'] } },
    });
  });

  test('a pause during the check of a merge ends it; a resume goes on with that merge, at any later time', async () => {
    const gate = join(folder, 'gate');
    const waits = `while [ ! -e '${gate}' ]; do sleep 0.05; done`;
    const group = await start([script('a', 'echo a > a.txt'), script('b', 'echo b > b.txt')], {
      workspace: { mode: 'worktree' },
      verify: { commands: [`if [ -e a.txt ] && [ -e b.txt ]; then ${waits}; fi`] },
      integrate: { mode: 'merge' },
    });
    const again = firstValueFrom(
      group.events$.pipe(filter(event => event.type === 'session_verifying' && event.merged === true)),
    );
    const run = group.run();
    await again;
    await group.pause();
    expect((await run).status).toBe('paused');
    writeFileSync(gate, '');
    laterMs = 60_000;
    expect((await group.resume()).status).toBe('completed');
    expect(filesIn(`session-groups/${group.id}/_merged`)).toEqual(['README.md', 'a.txt', 'b.txt']);
  });

  test('checks of a session in the folder of the project decide, too', async () => {
    const group = await start([script('a', 'echo a >> a.txt')], {
      verify: { commands: ['test "$(wc -l < a.txt)" -ge 2', 'pwd'], attempts: 2 },
    });
    expect((await group.run()).status).toBe('completed');
    expect(types('session_retrying', 'session_verified')).toEqual([
      'session_retrying a',
      'session_verified a',
    ]);
  });

  test('checks that stay red fail the session, with their output', async () => {
    const group = await start([script('a', 'echo a > a.txt')], {
      workspace: { mode: 'worktree' },
      verify: { commands: ['echo the reason; exit 7'], attempts: 1 },
    });
    const { status, sessions } = await group.run();
    expect([status, sessions.a?.error]).toEqual([
      'failed',
      { code: 'verify_failed', message: 'echo the reason; exit 7: exit code 7\n\nthe reason' },
    ]);
  });

  test('set-up that fails fails the session, and its tree stays', async () => {
    const group = await start([script('a', 'echo a > a.txt')], {
      workspace: { mode: 'worktree', setup: ['echo no network; exit 1'] },
    });
    const { status, sessions } = await group.run();
    expect([status, sessions.a?.error?.code]).toEqual(['failed', 'setup_failed']);
  });

  test('its author resolves a conflict, in the tree with both changes', async () => {
    const resolving = (word: string) =>
      `if grep -q '<<<<<<<' same.txt 2>/dev/null; then printf 'a\\nb\\n' > same.txt; else echo ${word} > same.txt; fi`;
    const group = await start([script('a', resolving('a')), script('b', resolving('b'))], {
      workspace: { mode: 'worktree' },
      verify: { commands: ['true'], attempts: 1 },
      integrate: { mode: 'merge', onConflict: 'resolve', into: 'main' },
    });
    expect((await group.run()).status).toBe('completed');
    expect(types('session_conflict', 'session_integrated')).toHaveLength(3);
    expect(repo.git('show', 'main:same.txt')).toBe('a\nb\n');
  });

  test('a conflict that its author leaves fails the session once it was told often enough', async () => {
    const group = await start(
      ['a', 'b'].map(id => script(id, `[ -e same.txt ] || echo ${id} > same.txt`)),
      {
        workspace: { mode: 'worktree' },
        integrate: { mode: 'merge', onConflict: 'resolve' },
      },
    );
    const result = await group.run();
    expect([result.status, Object.values(result.sessions).map(({ error }) => error?.code)]).toEqual([
      'failed',
      expect.arrayContaining(['merge_conflict']),
    ]);
  });
});
