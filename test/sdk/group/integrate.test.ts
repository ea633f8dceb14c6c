// @module-tag processes
import { existsSync, mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { filter, firstValueFrom } from 'rxjs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { createSessionGroup, openSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import { type Repository, repository } from '../../support/repository.ts';

let folder = '';
let repo: Repository;
let handle: GroupRunner | undefined;

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'deliver-')));
  mkdirSync(join(folder, 'home'));
  repo = repository(join(folder, 'repo'));
  repo.write('README.md', 'the project\n');
  repo.commit('first');
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

const store = createMemoryStore();

const options = () => {
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home') };
  const gate = memoryProjectGate();
  const workspaces = createWorkspaces({ clock: systemClock, env, workDir: join(folder, 'work'), gate });
  return { env, workspaces, store, projects: memoryProjectGate() };
};

const watched = (group: GroupRunner) => {
  handle = group;
  return group;
};

const start = async (sessions: SessionGroupInput['sessions'], integrate: { into?: string } = {}) =>
  watched(
    await createSessionGroup(
      {
        version: 1,
        name: 'Integrate',
        config: {
          retry: { maximumAttempts: 1 },
          workspace: { mode: 'worktree' },
          integrate: { mode: 'merge', ...integrate },
        },
        sessions,
      },
      options(),
    ),
  );

const good = () => script('a', 'echo a > a.txt');
const bad = () => script('b', 'exit 1');
const filesIn = (ref: string) => repo.git('ls-tree', '--name-only', ref).trim().split('\n');
const saidBy = async (group: GroupRunner) => {
  const types: string[] = [];
  for await (const { type } of group.history()) if (/^(group|delivery)_/.test(type)) types.push(type);
  return types;
};

describe('a group that is asked to deliver', () => {
  test('delivers what has been merged of a group that has failed, and has failed again', async () => {
    const group = await start([good(), bad()]);
    expect((await group.run()).status).toBe('failed');
    expect(filesIn('main')).toEqual(['README.md']);
    await expect(group.integrate()).rejects.toMatchObject({ code: 'branch_required' });
    expect(await group.integrate({ into: 'main' })).toMatchObject({
      status: 'failed',
      reason: 'sessions_failed',
    });
    expect((await saidBy(group)).slice(-3)).toEqual(['group_delivering', 'group_delivered', 'group_failed']);
    expect(filesIn('main')).toEqual(['README.md', 'a.txt']);
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  test('delivers a completed one into another branch, or says why not, and it is as complete as before', async () => {
    repo.git('branch', 'release');
    const group = await start([good()], { into: 'main' });
    expect((await group.run()).status).toBe('completed');
    expect((await group.integrate({ into: 'release' })).status).toBe('completed');
    expect(filesIn('release')).toEqual(['README.md', 'a.txt']);
    expect((await group.integrate({ into: 'nowhere' })).status).toBe('completed');
    expect((await saidBy(group)).slice(-3)).toEqual([
      'group_delivering',
      'delivery_refused',
      'group_completed',
    ]);
  });

  test('refuses where nothing has been merged', async () => {
    const group = await start([bad()], { into: 'main' });
    expect((await group.run()).status).toBe('failed');
    await expect(group.integrate()).rejects.toMatchObject({ code: 'nothing_to_deliver' });
  });

  test('completes a paused one by another branch than the definition names', async () => {
    const group = await start([good()], { into: 'nowhere' });
    expect(await group.run()).toMatchObject({ status: 'paused', reason: 'delivery_refused' });
    expect((await group.integrate({ into: 'main' })).status).toBe('completed');
    expect(filesIn('main')).toEqual(['README.md', 'a.txt']);
  });

  test('refuses while sessions are unfinished, and says how to go on', async () => {
    const gate = join(folder, 'gate');
    const group = await start([good(), script('b', `while [ ! -e '${gate}' ]; do sleep 0.05; done`)]);
    const merged = firstValueFrom(group.events$.pipe(filter(({ type }) => type === 'session_completed')));
    const run = group.run();
    await merged;
    await group.pause();
    expect((await run).status).toBe('paused');
    await expect(group.integrate({ into: 'main' })).rejects.toMatchObject({
      code: 'not_in_this_state',
      hint: expect.stringContaining('Resume it'),
    });
    expect(existsSync(gate)).toBe(false);
  });

  test.each(['before', 'after'] as const)(
    'goes on after its engine has died %s the branch moved, and has failed again',
    async when => {
      const group = await start([good(), bad()]);
      expect((await group.run()).status).toBe('failed');
      const asked = group.integrate({ into: 'main', wait: false });
      if (when === 'after')
        await firstValueFrom(group.events$.pipe(filter(({ type }) => type === 'group_delivered')));
      store.crash(group.id);
      await asked;
      await group.dispose().catch(() => {}); // what it would still journal is refused
      const again = watched(await openSessionGroup(group.id, options()));
      expect(again.getProgress().status).toBe('delivering');
      expect(await again.resume()).toMatchObject({ status: 'failed', reason: 'sessions_failed' });
      expect(filesIn('main')).toEqual(['README.md', 'a.txt']);
    },
  );
});
