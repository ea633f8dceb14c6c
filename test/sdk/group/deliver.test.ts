// @module-tag processes
import { mkdirSync, mkdtempSync, realpathSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { createSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { SessionGroupHandle } from '../../../src/sdk/group/api/handle.ts';
import type { GroupEvent } from '../../../src/sdk/group/journal/events.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import { type Repository, repository } from '../../support/repository.ts';

let folder = '';
let repo: Repository;
let handle: SessionGroupHandle | undefined;
let events: GroupEvent[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'deliver-')));
  mkdirSync(join(folder, 'home'));
  repo = repository(join(folder, 'repo'));
  repo.write('README.md', 'the project\n');
  repo.commit('first');
  events = [];
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
    { env, workspaces, projects: memoryProjectGate() },
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
});
