// @module-tag processes
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { createGit, GitError } from '../../../src/sdk/project/git.ts';
import { changedSince, MOST_DIRTY, treeState } from '../../../src/sdk/project/working-tree.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { type Repository, repository } from '../../support/repository.ts';

const git = createGit({ clock: systemClock, env: process.env });
let folder: string;
let repo: Repository;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tree-'));
  repo = repository(join(folder, 'repo'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));

const state = () => treeState(git, repo.path);

describe('files that changed', () => {
  it('are those committed, changed, staged, new, renamed and deleted, however they are named', async () => {
    for (const name of ['kept', 'edited', 'staged', 'committed', 'old name', 'deleted', 'dropped']) {
      repo.write(`${name}.txt`, `${name}\n`);
    }
    repo.write('.gitignore', 'build/\n');
    repo.commit();
    const before = await state();
    expect(before).toEqual({ head: repo.git('rev-parse', 'HEAD').trim(), dirty: {} });

    repo.write('committed.txt', 'other');
    rmSync(join(repo.path, 'dropped.txt'));
    repo.commit();
    repo.write('edited.txt', 'other');
    repo.write('staged.txt', 'other');
    repo.git('add', 'staged.txt');
    renameSync(join(repo.path, 'old name.txt'), join(repo.path, 'new "name".txt'));
    rmSync(join(repo.path, 'deleted.txt'));
    repo.write('build/ignored.js', 'x');
    for (const name of [
      'deep/er/ünï😀.md',
      'line\nbreak',
      '-rf',
      ' blank ',
      '--',
      'quo"te\'s',
      'back\\slash',
    ]) {
      repo.write(name, 'new');
    }
    expect(await changedSince(git, repo.path, before)).toEqual(
      [
        ...['committed.txt', 'dropped.txt', 'edited.txt', 'staged.txt', 'deleted.txt'],
        ...['old name.txt', 'new "name".txt', 'deep/er/ünï😀.md', 'line\nbreak'],
        ...['-rf', ' blank ', '--', 'quo"te\'s', 'back\\slash'],
      ].sort(),
    );
  });

  it('exclude those that were dirty before and have not changed since', async () => {
    for (const name of ['edited', 'edited again', 'reverted', 'clean']) repo.write(name, name);
    repo.commit();
    repo.write('edited', '1');
    repo.write('edited again', '1');
    repo.write('reverted', '1');
    for (const name of ['new', 'new and changed', 'new and gone', 'new and executable'])
      repo.write(name, '1');
    repo.write('large', 'a'.repeat(3_000_000));
    repo.write('large and changed', 'a'.repeat(3_000_000));
    symlinkSync('clean', join(repo.path, 'link'));
    const before = await state();
    expect(Object.keys(before.dirty)).toHaveLength(10);

    repo.write('edited again', '2');
    repo.git('checkout', 'reverted');
    repo.write('new and changed', '2');
    rmSync(join(repo.path, 'new and gone'));
    chmodSync(join(repo.path, 'new and executable'), 0o755);
    writeFileSync(join(repo.path, 'large and changed'), 'b', { flag: 'a' });
    rmSync(join(repo.path, 'link'));
    symlinkSync('edited', join(repo.path, 'link'));
    expect(await changedSince(git, repo.path, JSON.parse(JSON.stringify(before)))).toEqual(
      [
        ...['edited again', 'reverted', 'new and changed', 'new and gone', 'new and executable'],
        ...['large and changed', 'link'],
      ].sort(),
    );
  });

  it('are detected before a first commit, and across it', async () => {
    repo.write('there', '1');
    const before = await state();
    expect(before).toEqual({ head: null, dirty: { there: expect.stringMatching(/^file /) } });
    expect(await changedSince(git, repo.path, before)).toEqual([]);
    repo.write('added', '1');
    repo.commit();
    repo.write('later', '1');
    expect(await changedSince(git, repo.path, before)).toEqual(['added', 'later', 'there']);
  });

  it('are relative to the project, even in a folder of the repository or through a link', async () => {
    repo.write('packages/a/x', '1');
    repo.write('packages/b/y', '1');
    repo.commit();
    const link = join(folder, 'link');
    symlinkSync(join(repo.path, 'packages/a'), link);
    const before = await treeState(git, link);
    repo.write('packages/a/x', '2');
    repo.write('packages/b/y', '2');
    repo.write('packages/a/new/z', '2');
    expect(await changedSince(git, link, before)).toEqual(['../b/y', 'new/z', 'x']);
  });

  it('are distinguished in a linked working tree, and after a change of branch', async () => {
    repo.write('a', '1');
    repo.commit();
    const linked = join(folder, 'linked');
    repo.git('worktree', 'add', '-q', '-b', 'side', linked);
    const before = await treeState(git, linked);
    writeFileSync(join(linked, 'a'), '2');
    repo.write('b', 'of the other tree');
    expect(await changedSince(git, linked, before)).toEqual(['a']);
    execFileSync('git', ['-C', linked, 'checkout', '-q', '-b', 'third']);
    execFileSync('git', ['-C', linked, 'commit', '-q', '-a', '-m', 'x'], { stdio: 'pipe' });
    expect(await changedSince(git, linked, before)).toEqual(['a']);
  });

  it('may have names that are not UTF-8', async () => {
    repo.commit();
    const before = await state();
    writeFileSync(Buffer.concat([Buffer.from(`${repo.path}/odd`), Buffer.from([0xff, 0xfe])]), 'x');
    expect(await changedSince(git, repo.path, before)).toEqual(['odd\ufffd\ufffd']);
    const dirty = await state();
    expect(await changedSince(git, repo.path, dirty)).toEqual([]);
  });

  it('are unknown if too many were changed before', async () => {
    repo.commit();
    for (let number = 0; number <= MOST_DIRTY; number++) repo.write(`new/${number}`, '');
    await expect(state()).rejects.toMatchObject({ name: 'GitError', kind: 'too_large' });
  });

  it('are unknown if the earlier commit no longer exists', async () => {
    repo.commit();
    const before = { head: 'f'.repeat(40), dirty: {} };
    await expect(changedSince(git, repo.path, before)).rejects.toMatchObject({ kind: 'refused' });
  });
});

describe('a hostile repository', () => {
  /** A program that leaves a trace when it runs, and works as a filter. */
  const trap = (name: string) => {
    const path = join(folder, `trap-${name}`);
    writeFileSync(path, `#!/bin/sh\ntouch '${join(folder, `sprung-${name}`)}'\ncat\n`, { mode: 0o755 });
    return path;
  };
  const sprung = (name: string) => existsSync(join(folder, `sprung-${name}`));

  it("runs nothing: no monitor, hook, filter, external diff, pager, nor a submodule's program", async () => {
    const inner = repository(join(repo.path, 'inner'));
    inner.write('file', '1');
    inner.commit();
    repo.write('.gitattributes', '*.txt filter=evil diff=evil\n*.md filter=a.b\n');
    repo.write('a.txt', '1');
    repo.write('a.md', '1');
    execFileSync('git', ['-C', repo.path, 'submodule', 'add', './inner'], { stdio: 'pipe' });
    repo.commit();
    inner.git('config', 'core.fsmonitor', trap('inner'));
    for (const [key, name] of [
      ['core.fsmonitor', 'monitor'],
      ['filter.evil.clean', 'clean'],
      ['filter.evil.smudge', 'smudge'],
      ['filter.a.b.process', 'process'],
      ['diff.external', 'external'],
      ['diff.evil.command', 'command'],
      ['diff.evil.textconv', 'textconv'],
      ['core.pager', 'pager'],
    ] as const) {
      repo.git('config', key, trap(name));
    }
    repo.git('config', 'filter.evil.required', 'true');
    repo.git('config', 'filter.a.b.required', 'true');
    repo.git('config', 'status.submoduleSummary', 'true');
    repo.git('config', 'core.hooksPath', folder);
    renameSync(trap('post-index-change'), join(folder, 'post-index-change'));
    // Unhardened, git runs them: these traps are real.
    const naive = () => {
      repo.write('a.txt', '3');
      spawnSync('git', ['-C', repo.path, 'status']);
    };
    const before = await state();
    repo.write('a.txt', '2');
    repo.write('a.md', '2');
    repo.write('inner/file', '2');
    repo.write('b.txt', '2');
    expect(await changedSince(git, repo.path, before)).toEqual(['a.md', 'a.txt', 'b.txt']);
    const names = [
      'monitor',
      'clean',
      'smudge',
      'process',
      'external',
      'command',
      'textconv',
      'pager',
      'inner',
    ];
    expect(names.filter(sprung)).toEqual([]);
    expect(sprung('post-index-change')).toBe(false);
    for (const key of ['filter.a.b.process', 'filter.a.b.required']) repo.git('config', '--unset', key);
    naive();
    expect(['monitor', 'clean'].filter(sprung)).toEqual(['monitor', 'clean']);
  });

  it('changes neither the index nor anything else', async () => {
    repo.write('a', '1');
    repo.commit();
    repo.write('a', '1'); // the index is to be refreshed
    const list = () => execFileSync('find', [repo.path, '-printf', '%p %T@ %s\\n']).toString();
    const before = list();
    await changedSince(git, repo.path, await state());
    expect(list()).toBe(before);
  });

  it("is rejected if a filter can't be disabled", async () => {
    repo.commit();
    writeFileSync(join(repo.path, '.git/config'), '[filter "a=b"]\nclean = false\n', { flag: 'a' });
    await expect(state()).rejects.toThrow("this filter can't be disabled: a=b");
  });

  it('is rejected if its working tree is another folder', async () => {
    repo.git('config', 'core.worktree', '/usr');
    await expect(state()).rejects.toThrow(GitError);
  });

  it('is rejected if a folder only looks like a repository', async () => {
    const bare = join(folder, 'bare');
    execFileSync('git', ['init', '-q', '--bare', bare]);
    execFileSync('git', ['-C', bare, 'config', 'core.fsmonitor', trap('bare')]);
    execFileSync('git', ['-C', bare, 'config', 'core.bare', 'false']);
    execFileSync('git', ['-C', bare, 'config', 'core.worktree', bare]);
    await expect(treeState(git, bare)).rejects.toThrow(GitError);
    expect(sprung('bare')).toBe(false);
  });
});

describe('git', () => {
  it('is killed and reported if it takes too long', async () => {
    const slow = join(folder, 'bin');
    execFileSync('mkdir', [slow]);
    const pidFile = join(folder, 'pid');
    writeFileSync(
      join(slow, 'git'),
      `#!/bin/sh\necho $$ > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; exec sleep 600\n`,
      {
        mode: 0o755,
      },
    );
    const clock = new SimulatedClock();
    const answer = createGit({ clock, env: { PATH: `${slow}:${process.env.PATH}` } }).ask(repo.path, [
      'status',
    ]);
    answer.catch(() => {});
    await expect.poll(() => existsSync(pidFile), { timeout: 60_000 }).toBe(true);
    clock.advance(9_999);
    clock.advance(1);
    await expect(answer).rejects.toMatchObject({ kind: 'timeout', message: 'git took longer than 10 s' });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    await expect.poll(() => existsSync(`/proc/${pid}/exe`), { timeout: 60_000 }).toBe(false);
  });

  it('may be canceled, or missing', async () => {
    const controller = new AbortController();
    const asked = createGit({ clock: systemClock, env: process.env, signal: controller.signal });
    const answer = asked.ask(repo.path, ['status']);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ kind: 'aborted' });
    const nowhere = createGit({ clock: systemClock, env: { PATH: folder } });
    await expect(nowhere.ask(repo.path, ['status'])).rejects.toMatchObject({
      kind: 'missing',
      message: 'git was not found',
    });
  });

  it('is not looked up in the project', async () => {
    writeFileSync(join(repo.path, 'git'), `#!/bin/sh\ntouch ${folder}/sprung-git\n`, { mode: 0o755 });
    const relativePath = createGit({ clock: systemClock, env: { PATH: `.:${process.env.PATH}` } });
    await relativePath.ask(repo.path, ['status']);
    expect(existsSync(join(folder, 'sprung-git'))).toBe(false);
  });
});
