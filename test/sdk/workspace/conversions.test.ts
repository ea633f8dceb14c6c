// @module-tag processes
import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '../../support/repository.ts';
import { finish, GROUP, TIME, type WorkspaceBench, workspaceBench } from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
beforeEach(() => {
  bench = workspaceBench();
  repo = bench.repository();
});
afterEach(() => bench.close());

/** A session that adds a file, up to a branch that is checked out. @returns what changed. */
async function throughout(work: (tree: Repository) => void = () => {}) {
  const { port } = bench;
  const { site, ready, tree } = await bench.begin(repo, 'one');
  expect(tree.git('status', '--porcelain')).toBe('');
  tree.write('work.txt', 'work\n');
  work(tree);
  const result = await finish(port, site, ready);
  expect(tree.git('status', '--porcelain')).toBe('');
  await port.advance(site, GROUP, { result, onto: null, commit: result });
  const plan = await port.planDelivery(site, { group: GROUP, into: 'main', time: TIME });
  if (plan.kind !== 'ready') throw new Error(JSON.stringify(plan));
  await port.deliver(site, plan.order);
  expect(repo.git('status', '--porcelain')).toBe('');
  const changes = await port.changes(site, { from: ready.commit, to: result });
  return { tree, result, paths: changes.map(({ path }) => path) };
}

describe('files that a repository stores in another form', () => {
  it('because of ends of lines are no changes, by its configuration or attributes', async () => {
    repo.git('config', 'core.autocrlf', 'true');
    repo.write('.gitattributes', '*.sh text eol=lf\n*.dat -text\n');
    repo.write('a.txt', 'one\r\ntwo\r\n');
    repo.write('b.sh', 'one\ntwo\n');
    repo.write('c.dat', 'one\r\ntwo\n');
    repo.commit('first');
    expect(repo.git('show', 'HEAD:a.txt')).toBe('one\ntwo\n');
    const { tree, paths } = await throughout(one => one.write('a.txt', 'one\r\ntwo\r\nthree\r\n'));
    expect(paths).toEqual(['a.txt', 'work.txt']);
    expect(readFileSync(join(tree.path, 'c.dat'), 'utf8')).toBe('one\r\ntwo\n');
    expect(readFileSync(join(repo.path, 'a.txt'), 'utf8')).toBe('one\r\ntwo\r\nthree\r\n');
  });

  it('because the user has a filter for all repositories go through it, as everywhere', async () => {
    const filter = (name: string, from: string, to: string) => `\t${name} = sed s/${from}/${to}/\n`;
    const section = `[filter "mine"]\n${filter('clean', 'plain', 'stored')}${filter('smudge', 'stored', 'plain')}`;
    writeFileSync(join(bench.folder, 'home/.gitconfig'), section);
    process.env.GIT_CONFIG_GLOBAL = join(bench.folder, 'home/.gitconfig');
    try {
      repo.write('.gitattributes', '*.txt filter=mine\n');
      repo.write('a.txt', 'plain\n');
      repo.commit('first');
      expect(repo.git('show', 'HEAD:a.txt')).toBe('stored\n');
      const { tree, result, paths } = await throughout(one => one.write('b.txt', 'plain too\n'));
      expect(paths).toEqual(['b.txt', 'work.txt']);
      expect(readFileSync(join(tree.path, 'a.txt'), 'utf8')).toBe('plain\n');
      expect(repo.git('cat-file', 'blob', `${result}:b.txt`)).toBe('stored too\n');
      expect(readFileSync(join(repo.path, 'b.txt'), 'utf8')).toBe('plain too\n');
    } finally {
      delete process.env.GIT_CONFIG_GLOBAL;
    }
  });

  it('with their mode keep it, and change it only where the repository records that', async () => {
    repo.write('tool.sh', '#!/bin/sh\n');
    chmodSync(join(repo.path, 'tool.sh'), 0o755);
    repo.write('a.txt', 'a\n');
    repo.commit('first');
    repo.git('config', 'core.fileMode', 'false');
    const { tree, paths } = await throughout(one => chmodSync(join(one.path, 'a.txt'), 0o755));
    expect(paths).toEqual(['work.txt']);
    expect(statSync(join(tree.path, 'tool.sh')).mode & 0o100).toBe(0o100);
    repo.git('config', 'core.fileMode', 'true');
    const { ready, site } = await bench.begin(repo, 'two');
    chmodSync(join(bench.workDir, ready.order.folder, 'a.txt'), 0o755);
    const result = await finish(bench.port, site, ready);
    expect(await bench.port.changes(site, { from: ready.commit, to: result })).toMatchObject([
      { path: 'a.txt', status: 'modified' },
    ]);
  });
});
