// @module-tag processes
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { createSessionGroup } from '../../../src/sdk/group/api/create.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import { type Repository, repository, repositoryAt } from '../../support/repository.ts';

type Session = SessionGroupInput['sessions'][number];

let folder = '';
let source: Repository;
let url = '';
const handles: GroupRunner[] = [];

beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'clone-')));
  mkdirSync(join(folder, 'home'));
  source = repository(join(folder, 'source'));
  source.write('svc/app.txt', 'one\n');
  source.commit('first');
  source.git('checkout', '-q', '-b', 'next');
  source.write('svc/app.txt', 'two\n');
  source.commit('second');
  source.git('checkout', '-q', 'main');
  source.git('clone', '-q', '--bare', '.', join(folder, 'remote.git'));
  url = `file://${join(folder, 'remote.git')}`;
});
afterEach(async () => {
  for (const handle of handles.splice(0)) await handle.dispose();
  rmSync(folder, { recursive: true, force: true });
});

const session = (id: string, text: string, more: Partial<Session>): Session => ({
  id,
  prompt: 'go',
  agent: { kind: 'command', command: ['sh', '-c', text] },
  ...more,
});

async function create(sessions: Session[], config: SessionGroupInput['config'] = {}) {
  const env = { PATH: process.env.PATH, HOME: join(folder, 'home') };
  const gate = memoryProjectGate();
  const workspaces = createWorkspaces({ clock: systemClock, env, workDir: join(folder, 'work'), gate });
  const definition = { version: 1, name: 'Clone', config, sessions } as const;
  const group = await createSessionGroup(definition, { env, workspaces, baseDir: folder, projects: gate });
  handles.push(group);
  return group;
}

const bare = () => repositoryAt(join(folder, 'remote.git'));

describe('a session whose project is a repository to clone', () => {
  test('works in a clone of it, from its ref, in its subfolder', async () => {
    const group = await create([
      session('api', 'pwd; cat app.txt; echo three > app.txt', {
        project: { git: url, ref: 'next', subdir: 'svc/' },
      }),
    ]);
    expect(group.getProgress().sessions).toMatchObject([
      { projectPath: url, project: { git: url, ref: 'next', subdir: 'svc/' } },
    ]);
    const refs = bare().git('for-each-ref');
    const { status, sessions } = await group.run();
    expect([status, sessions.api?.changedFiles]).toEqual(['completed', ['svc/app.txt']]);
    const [cwd = '', text] = (sessions.api?.result ?? '').split('\n');
    expect([cwd.startsWith(join(folder, 'work')), cwd.endsWith('/svc'), text]).toEqual([true, true, 'two']);
    expect(group.getProgress().sessions).toMatchObject([{ projectPath: cwd }]);
    expect(bare().git('for-each-ref')).toBe(refs);
  });

  test('starts from the HEAD of a repository that is named by its path', async () => {
    const group = await create([session('api', 'cat svc/app.txt', { project: { git: './source' } })]);
    expect(await group.run()).toMatchObject({ status: 'completed', sessions: { api: { result: 'one' } } });
  });

  test('knows its folder in its prompt', async () => {
    const group = await create([
      session('api', 'cat', { project: { git: url }, prompt: 'in {{ session.projectPath }}' }),
    ]);
    const { sessions } = await group.run();
    expect(sessions.api?.result).toBe(`in ${group.getProgress().sessions[0]?.projectPath}`);
  });

  test('starts where the others of its group have started, though the remote has moved on', async () => {
    const move = `cd '${source.path}' && echo later > svc/app.txt && git commit -qam later && git push -q '${url}' main`;
    const group = await create([
      session('first', move, { project: { git: url } }),
      session('second', 'cat svc/app.txt', { project: { git: url }, dependsOn: ['first'] }),
    ]);
    expect(await group.run()).toMatchObject({ sessions: { second: { result: 'one' } } });
  });

  test('needs its remote only once', async () => {
    const away = `mv '${join(folder, 'remote.git')}' '${join(folder, 'away.git')}'`;
    const group = await create([session('api', `${away}; echo x > new.txt`, { project: { git: url } })], {
      verify: { commands: ['test -f new.txt'] },
      integrate: { mode: 'merge' },
    });
    expect(await group.run()).toMatchObject({
      status: 'completed',
      sessions: { api: { changedFiles: ['new.txt'] } },
    });
    renameSync(join(folder, 'away.git'), join(folder, 'remote.git'));
  });

  test.each([
    ['a remote that is not there', () => `file://${folder}/nowhere.git`, {}, 'could not be fetched'],
    ['a ref that is not there', () => url, { ref: 'nope' }, '"nope" is not a commit'],
    ['a subfolder that is a file', () => url, { subdir: 'svc/app.txt' }, 'is not a folder'],
  ])('fails with the reason: %s', async (_, git, more, reason) => {
    const group = await create([session('api', 'true', { project: { git: git(), ...more } })], {
      retry: { maximumAttempts: 1 },
    });
    const { status, sessions } = await group.run();
    expect([status, sessions.api?.error?.message]).toEqual(['failed', expect.stringContaining(reason)]);
  });
});
