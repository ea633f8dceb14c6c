// @module-tag processes
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { failureOf } from '../../../src/sdk/workspace/git/failure.ts';
import { createWorkspaces } from '../../../src/sdk/workspace/workspaces.ts';
import type { Repository } from '../../support/repository.ts';
import { finish, GROUP, TIME, type WorkspaceBench, workspaceBench } from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
beforeEach(() => {
  bench = workspaceBench();
});
afterEach(() => bench.close());

function filled(): Repository {
  const repo = bench.repository();
  repo.write('a.txt', 'a\n');
  repo.commit('first');
  return repo;
}

describe('a commit to begin from', () => {
  it('without the folder of the project gets one, and none through a link', async () => {
    const repo = filled();
    repo.write('fresh/untracked.txt', 'x');
    const { cwd } = await bench.begin(join(repo.path, 'fresh'), 'one');
    expect(readdirSync(cwd)).toEqual([]);
    symlinkSync(bench.folder, join(repo.path, 'link'));
    repo.git('add', 'link');
    repo.git('commit', '-qm', 'a link');
    rmSync(join(repo.path, 'link'));
    mkdirSync(join(repo.path, 'link'));
    const refused = { code: 'workspace_failed', message: expect.stringContaining('not a folder') };
    await expect(bench.begin(join(repo.path, 'link'), 'two')).rejects.toMatchObject(refused);
  });

  it('that would write into the folder of git is refused', async () => {
    const repo = filled();
    const blob = repo.git('rev-parse', 'HEAD:a.txt').trim();
    const make = (entry: string) =>
      execFileSync('git', ['-C', repo.path, 'mktree'], { input: entry }).toString().trim();
    const tree = make(`040000 tree ${make(`100644 blob ${blob}\tconfig\n`)}\t.git\n`);
    const base = repo.git('commit-tree', tree, '-m', 'evil').trim();
    const refused = { code: 'workspace_failed', message: expect.stringContaining('.git/config') };
    await expect(bench.begin(repo, 'one', { base })).rejects.toMatchObject(refused);
  });

  it('that is not there is refused by its name', async () => {
    const refused = { code: 'workspace_failed', message: expect.stringContaining('"-x"') };
    await expect(bench.begin(filled(), 'one', { base: '-x' })).rejects.toMatchObject(refused);
  });
});

describe('what is no repository to work in', () => {
  it('is refused as such', async () => {
    const path = join(bench.folder, 'plain');
    mkdirSync(path);
    const refused = { code: 'workspace_no_repository', hint: expect.stringContaining('`shared`') };
    await expect(bench.port.look(bench.site(path))).rejects.toMatchObject(refused);
    await expect(bench.port.look(bench.site(join(path, 'missing')))).rejects.toMatchObject(refused);
    const { code } = refused;
    await expect(bench.port.look(bench.site(join(filled().path, '.git')))).rejects.toMatchObject({ code });
  });

  /** A port whose git is a script before the real one. */
  function portWith(script: string) {
    const bin = join(bench.folder, 'bin');
    mkdirSync(bin);
    writeFileSync(join(bin, 'git'), `#!/bin/sh\nPATH=\${PATH#*:}\n${script}\n`, { mode: 0o755 });
    return createWorkspaces({
      ...{ clock: systemClock, workDir: bench.workDir, gate: memoryProjectGate() },
      env: { ...bench.env, PATH: `${bin}:${bench.env.PATH}` },
    });
  }

  it('because another user owns it is refused, with the advice of git', async () => {
    const repo = filled();
    const port = portWith('GIT_TEST_ASSUME_DIFFERENT_OWNER=1 exec git "$@"');
    await expect(port.look(bench.site(repo))).rejects.toMatchObject({
      code: 'workspace_untrusted',
      hint: expect.stringContaining(`git config --global --add safe.directory '${repo.path}`),
    });
  });

  it('because git is too old is refused, with what is needed', async () => {
    const port = portWith('echo git version 2.37.9');
    const refused = { message: expect.stringContaining('2.37.9'), hint: expect.stringContaining('2.38') };
    await expect(port.look(bench.site(filled()))).rejects.toMatchObject(refused);
  });

  it('because its path contains a line break is refused', async () => {
    const repo = bench.repository('line\nbreak');
    repo.commit();
    const refused = { code: 'workspace_failed', message: expect.stringContaining('line break') };
    await expect(bench.port.look(bench.site(repo))).rejects.toMatchObject(refused);
  });

  it('because its configuration leads elsewhere is refused', async () => {
    const repo = filled();
    mkdirSync(join(bench.folder, 'elsewhere'));
    repo.git('config', 'core.worktree', join(bench.folder, 'elsewhere'));
    await expect(bench.begin(repo, 'one')).rejects.toMatchObject({ code: 'workspace_no_repository' });
  });

  it('because a branch has the name that ours are below fails with what git says', async () => {
    const repo = filled();
    repo.git('branch', 'session-groups');
    const refused = {
      code: 'workspace_failed',
      retryable: false,
      message: expect.stringContaining('session-groups'),
    };
    await expect(bench.begin(repo, 'one')).rejects.toMatchObject(refused);
  });

  it('because another git is at work in it can be tried again, and the lock is named', async () => {
    const repo = filled();
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.write('x.txt', 'x');
    const result = await finish(port, site, ready);
    await port.advance(site, GROUP, { result, onto: null, commit: result });
    const lock = join(repo.path, '.git/index.lock');
    writeFileSync(lock, '');
    const delivery = await port.planDelivery(site, { group: GROUP, into: 'main', time: TIME });
    if (delivery.kind !== 'ready') throw new Error(JSON.stringify(delivery));
    const refused = { code: 'workspace_failed', retryable: true, message: expect.stringContaining(lock) };
    await expect(port.deliver(site, delivery.order)).rejects.toMatchObject(refused);
    rmSync(lock);
    await port.deliver(site, delivery.order);
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  it.each([
    'error: unable to write file large.bin\n',
    'fatal: unable to write new index file\n',
    'error: x: No space left on device\n',
  ])('because the disk is full can be tried again: %s', stderr => {
    expect(failureOf(['read-tree'], stderr)).toMatchObject({ code: 'workspace_failed', retryable: true });
  });
});
