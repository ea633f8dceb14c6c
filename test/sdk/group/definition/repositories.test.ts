// @module-tag processes
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadDefinition } from '../../../../src/sdk/group/definition/definition.ts';
import { DefinitionError } from '../../../../src/sdk/group/document/diagnostics.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { WorkspaceError } from '../../../../src/sdk/workspace/error.ts';
import type { WorkspacePort } from '../../../../src/sdk/workspace/port.ts';
import { openYard, type Yard } from '../../../support/delivering.ts';

let yard: Yard;
beforeEach(() => {
  yard = openYard();
});
afterEach(() => yard.close());

const OWN = { workspace: { mode: 'worktree' } } as const;
const session = (id: string, projectPath: string, more: object = {}) => ({
  id,
  projectPath,
  prompt: 'go',
  ...more,
});

/** What is found in a file, as code and place. */
async function found(
  sessions: readonly object[],
  config: SessionGroupInput['config'] = OWN,
  workspaces: WorkspacePort = yard.workspaces,
) {
  const file = join(yard.folder, 'group.json');
  writeFileSync(file, JSON.stringify({ version: 1, name: 'Deliver', config, sessions }, null, 1));
  const load = loadDefinition(file, { env: yard.env, workspaces });
  const diagnostics = await load.then(
    ({ warnings }) => warnings,
    (error: unknown) => {
      if (error instanceof DefinitionError) return error.diagnostics;
      throw error;
    },
  );
  return diagnostics.map(({ severity, code, path, line, message, suggestion }) => {
    expect(line).toBeGreaterThan(0);
    return { severity, code, at: path.join('.'), message, suggestion };
  });
}

/** A port that notes what it is asked, and may answer otherwise. */
function asked(own: Partial<Pick<WorkspacePort, 'look'>> = {}) {
  const calls: string[] = [];
  const { look, resolve } = { ...yard.workspaces, ...own };
  const workspaces: WorkspacePort = {
    ...yard.workspaces,
    look: site => {
      calls.push(`look ${site.project}`);
      return look(site);
    },
    resolve: (site, name) => {
      calls.push(`resolve ${name}`);
      return resolve(site, name);
    },
  };
  return { calls, workspaces };
}

it('a project that is in no repository is an error where it is named, only for a tree of its own', async () => {
  mkdirSync(join(yard.folder, 'plain'));
  const sessions = [
    session('a', 'plain'),
    session('b', 'plain', { workspace: { mode: 'shared' } }),
    session('c', 'repo'),
    session('d', 'nowhere'),
  ];
  expect(await found(sessions)).toEqual([
    {
      ...{ severity: 'error', code: 'workspace_no_repository', at: 'sessions.0.projectPath' },
      message: `${yard.folder}/plain is not in a git repository`,
      suggestion: expect.stringContaining('`shared`'),
    },
    expect.objectContaining({ code: 'missing_folder', at: 'sessions.3.projectPath' }),
  ]);
});

it('what git does not trust, or is too old for, is an error with its advice; what passes by itself is none', async () => {
  const failing = (error: Error) => asked({ look: () => Promise.reject(error) }).workspaces;
  const only = [session('a', 'repo')];
  const hint = 'If you trust it, run: git config --global --add safe.directory /repo';
  expect(
    await found(only, OWN, failing(new WorkspaceError('workspace_untrusted', 'of another', { hint }))),
  ).toEqual([
    {
      ...{ severity: 'error', code: 'workspace_untrusted', at: 'sessions.0.projectPath' },
      ...{ message: 'of another', suggestion: hint },
    },
  ]);
  expect(
    await found(only, OWN, failing(new WorkspaceError('workspace_failed', 'git 2.1 is too old'))),
  ).toMatchObject([{ severity: 'error', code: 'workspace_failed' }]);
  const locked = new WorkspaceError('workspace_failed', 'locked', { retryable: true });
  for (const error of [locked, new Error('boom')])
    expect(await found(only, OWN, failing(error))).toMatchObject([
      { severity: 'warning', code: 'workspace_failed' },
    ]);
});

it('a base that is no commit is an error at the session or the group that names it; other machines’ branches are', async () => {
  yard.repo.git('update-ref', 'refs/remotes/origin/theirs', 'HEAD');
  const base = (name: string) => ({ workspace: { base: name } });
  const sessions = [
    session('a', 'repo'),
    session('b', 'repo'),
    session('c', 'repo', base('gone')),
    session('d', 'repo', base('theirs')),
    session('e', 'repo', base('HEAD~0')),
    session('f', 'repo', base('-x')),
  ];
  const config = { workspace: { mode: 'worktree', base: 'missing' } } as const;
  const places = (await found(sessions, config)).map(({ severity, code, at }) => [severity, code, at]);
  expect(places).toEqual([
    ['error', 'unknown_base', 'config.workspace.base'],
    ['error', 'unknown_base', 'sessions.2.workspace.base'],
    ['error', 'unknown_base', 'sessions.5.workspace.base'],
  ]);
});

it('a branch to deliver to that is not there yet is a warning, once in each repository that is merged', async () => {
  yard.another('other').git('branch', 'release');
  const config = { ...OWN, integrate: { mode: 'merge', into: 'release' } } as const;
  const sessions = [
    session('a', 'repo'),
    session('b', 'repo'),
    session('c', 'other'),
    session('d', 'other', { integrate: { mode: 'branch' } }),
  ];
  expect(await found(sessions, config)).toMatchObject([
    {
      severity: 'warning',
      code: 'unknown_branch',
      at: 'config.integrate.into',
      message: expect.stringContaining('/repo'),
    },
  ]);
  mkdirSync(join(yard.folder, 'unborn'));
  yard.repo.git('init', '-q', '-b', 'release', join(yard.folder, 'unborn'));
  expect(await found([session('a', 'unborn')], config)).toEqual([]);
});

it('a folder is looked at once for all its sessions; what is to be cloned or shared is not', async () => {
  const base = { workspace: { mode: 'worktree', base: 'main' } } as const;
  const { calls, workspaces } = asked();
  const sessions = [
    session('a', 'repo'),
    session('b', './repo'),
    { id: 'c', project: { git: yard.repo.path }, prompt: 'go' },
    session('d', 'repo', { workspace: { mode: 'shared' } }),
  ];
  expect(await found(sessions, base, workspaces)).toEqual([]);
  expect(calls).toEqual([`look ${yard.repo.path}`, 'resolve main']);
});

it('a group is not created with such a project, nor changed to have one', async () => {
  mkdirSync(join(yard.folder, 'plain'));
  const plain = yard.script('b', 'true', { projectPath: join(yard.folder, 'plain') });
  await expect(yard.group([plain], OWN)).rejects.toThrow('is not in a git repository');
  const group = await yard.group([yard.script('a', 'true')], OWN);
  await expect(group.addSession(plain)).rejects.toThrow('is not in a git repository');
});
