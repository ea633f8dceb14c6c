// @module-tag processes
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { branchOf, mergedBranch } from '../../../src/sdk/workspace/names.ts';
import type { WorkspaceWish } from '../../../src/sdk/workspace/port.ts';
import { type Repository, repositoryAt } from '../../support/repository.ts';
import { finish, GROUP, TIME, type WorkspaceBench, workspaceBench } from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
beforeEach(() => {
  bench = workspaceBench();
});
afterEach(() => bench.close());

function filled(name = 'repo', ...options: string[]): Repository {
  const repo = bench.repository(name, ...options);
  repo.write('a.txt', 'a\n');
  repo.write('sub/dir/b.txt', 'b\n');
  repo.commit('first');
  return repo;
}

/** A session's work from beginning to merge. */
async function throughout(project: Repository | string, wish: Partial<WorkspaceWish> = {}, session = 'one') {
  const { port } = bench;
  const begun = await bench.begin(project, session, wish);
  begun.tree.write('work.txt', 'work\n');
  const result = await finish(port, begun.site, begun.ready);
  const plan = await port.planMerge(begun.site, begun.ready, { result, time: TIME + 2 });
  if (plan.kind !== 'merge') throw new Error('no conflict was expected');
  await port.takeMerge(begun.site, begun.ready, plan.order);
  await port.advance(begun.site, GROUP, plan.order);
  expect(begun.tree.git('status', '--porcelain')).toBe('');
  return {
    ...begun,
    result,
    changes: await port.changes(begun.site, { from: begun.ready.commit, to: result }),
  };
}

const ADDED = [{ path: 'work.txt', status: 'added', added: 1, deleted: 0 }];

describe('a repository', () => {
  it('without commits gets a root commit of ours, the same for each session; its branch stays unborn', async () => {
    const repo = bench.repository();
    const first = await throughout(repo);
    expect(first.changes).toMatchObject(ADDED);
    expect(await bench.port.look(first.site)).toMatchObject({ head: null, branch: 'refs/heads/main' });
    const second = await throughout(repo, { base: first.ready.order.base }, 'two');
    expect(repo.git('merge-base', mergedBranch(GROUP), second.ready.order.base).trim()).toBe(
      first.ready.order.base,
    );
    const delivery = await bench.port.planDelivery(first.site, { group: GROUP, into: 'main', time: TIME });
    if (delivery.kind !== 'ready') throw new Error(JSON.stringify(delivery));
    await bench.port.deliver(first.site, delivery.order);
    expect(repo.git('status', '--porcelain', '--branch')).toBe('## main\n');
    expect(readFileSync(join(repo.path, 'work.txt'), 'utf8')).toBe('work\n');
  });

  it('with a detached HEAD is worked in from there', async () => {
    const repo = filled();
    repo.git('checkout', '-q', '--detach');
    const { changes, site } = await throughout(repo);
    expect(changes).toMatchObject(ADDED);
    expect(await bench.port.look(site)).toMatchObject({ branch: null, identity: true });
    expect(await bench.port.measure(site)).toEqual({ files: 2, bytes: 4 });
    expect(repo.git('status', '--porcelain')).toBe('');
  });

  it('that is bare is worked in, and is delivered to', async () => {
    const path = join(bench.folder, 'bare.git');
    filled().git('clone', '-q', '--bare', '.', path);
    const { changes, site } = await throughout(path);
    expect(changes).toMatchObject(ADDED);
    expect(await bench.port.look(site)).toMatchObject({ bare: true, inner: '' });
    const delivery = await bench.port.planDelivery(site, { group: GROUP, into: 'main', time: TIME });
    expect(delivery.kind).toBe('ready');
  });

  it('with SHA-256 has its results in it', async () => {
    const { changes, site, result } = await throughout(filled('repo', '--object-format=sha256'));
    expect(changes).toMatchObject(ADDED);
    expect(result).toMatch(/^[0-9a-f]{64}$/);
    expect(await bench.port.look(site)).toMatchObject({ format: 'sha256' });
  });

  it('that is shallow is worked in', async () => {
    const origin = filled();
    for (let count = 0; count < 3; count += 1) origin.commit(`more ${count}`);
    const path = join(bench.folder, 'shallow');
    origin.git('clone', '-q', '--depth=1', `file://${origin.path}`, path);
    const { changes, site } = await throughout(path);
    expect(changes).toMatchObject(ADDED);
    expect(await bench.port.look(site)).toMatchObject({ shallow: true });
  });

  it('that is a partial clone is refused while files are missing, and nothing is fetched', async () => {
    const origin = filled();
    origin.git('config', 'uploadpack.allowFilter', 'true');
    const path = join(bench.folder, 'partial');
    origin.git('clone', '-q', '--filter=blob:none', '--no-checkout', `file://${origin.path}`, path);
    const objects = () => repositoryAt(path).git('count-objects', '-v');
    const before = objects();
    const refused = { code: 'workspace_incomplete', message: expect.stringContaining('2 of the files') };
    await expect(bench.begin(path, 'one')).rejects.toMatchObject(refused);
    expect(objects()).toBe(before);
    repositoryAt(path).git('checkout', '-q', 'main');
    expect((await throughout(path)).changes).toMatchObject(ADDED);
  });

  it('that is sparse has complete trees for its sessions, and is not delivered into by us', async () => {
    const repo = filled();
    repo.git('sparse-checkout', 'set', '--cone', 'nothing');
    expect(existsSync(join(repo.path, 'sub'))).toBe(false);
    const { changes, tree, site } = await throughout(repo);
    expect(changes).toMatchObject(ADDED);
    expect(existsSync(join(tree.path, 'sub/dir/b.txt'))).toBe(true);
    expect(await bench.port.look(site)).toMatchObject({ sparse: true });
    const delivery = await bench.port.planDelivery(site, { group: GROUP, into: 'main', time: TIME });
    expect(delivery).toMatchObject({ kind: 'refused', reason: expect.stringContaining('sparse') });
  });

  it('whose session makes its own tree sparse loses no file by that', async () => {
    const repo = filled();
    const { port } = bench;
    const { site, ready, tree } = await bench.begin(repo, 'one');
    tree.git('sparse-checkout', 'set', '--cone', 'nothing');
    expect(existsSync(join(tree.path, 'sub'))).toBe(false);
    tree.write('work.txt', 'work\n');
    const result = await finish(port, site, ready);
    expect(await port.changes(site, { from: ready.commit, to: result })).toMatchObject(ADDED);
  });

  it('with submodules has its trees without their files, and says so of one that a session clones', async () => {
    const repo = filled();
    const allowed = ['-c', 'protocol.file.allow=always', 'submodule', '--quiet'];
    repo.git(...allowed, 'add', filled('library').path, 'lib');
    repo.commit('with a library');
    const { changes, site } = await throughout(repo);
    expect(changes).toMatchObject(ADDED);
    expect(await bench.port.look(site)).toMatchObject({ submodules: true });
    const { site: at, ready, tree } = await bench.begin(repo, 'two');
    tree.git(...allowed, 'update', '--init');
    tree.git('-C', 'lib', 'commit', '-q', '--allow-empty', '-m', 'inner');
    tree.git('commit', '-qam', 'refers to it');
    const plan = await bench.port.planResult(at, ready, { attempts: 1, time: TIME + 1 });
    expect(plan.warnings).toEqual([expect.stringMatching(/^submodules were cloned in its tree/)]);
    expect(await bench.port.planRelease(at, ready)).toBeNull();
  });

  it.each([
    ['without commits', false],
    ['with commits', true],
  ])('whose session makes a repository %s in its tree has it left out and kept', async (_, commits) => {
    const { site, ready, tree } = await bench.begin(filled(), 'one');
    const nested = bench.repository('elsewhere');
    nested.write('inner.txt', 'x');
    if (commits) nested.commit();
    mkdirSync(join(tree.path, 'new/deep'), { recursive: true });
    nested.git('init', '-q', join(tree.path, 'new/deep/nested'));
    if (commits)
      tree.git('-C', join(tree.path, 'new/deep/nested'), 'commit', '-q', '--allow-empty', '-m', 'x');
    tree.write('new/deep/nested/inner.txt', 'x');
    tree.write('new/own.txt', 'x');
    const plan = await bench.port.planResult(site, ready, { attempts: 1, time: TIME + 1 });
    expect(plan.warnings).toEqual([expect.stringMatching(/^new\/deep\/nested is a repository of its own/)]);
    await bench.port.takeResult(site, ready, plan.order);
    const changes = await bench.port.changes(site, { from: ready.commit, to: plan.order.commit });
    expect(changes).toMatchObject([{ path: 'new/own.txt', status: 'added' }]);
    expect(await bench.port.standing(site, ready)).toMatchObject({ only: ['new/deep/nested'] });
    expect(await bench.port.planRelease(site, ready)).toBeNull();
  });

  it('with pointers of large files has them as they are', async () => {
    const repo = filled();
    repo.write('.gitattributes', '*.bin filter=lfs diff=lfs merge=lfs -text\n');
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 12\n`;
    repo.write('large.bin', pointer);
    repo.commit('a pointer');
    const { changes, tree } = await throughout(repo);
    expect(changes).toMatchObject(ADDED);
    expect(readFileSync(join(tree.path, 'large.bin'), 'utf8')).toBe(pointer);
  });

  it('whose user has no identity gets commits of ours', async () => {
    const repo = filled();
    repo.git('config', '--unset', 'user.name');
    repo.git('config', '--unset', 'user.email');
    repo.git('config', 'user.useConfigOnly', 'true');
    const { result, site } = await throughout(repo);
    expect(await bench.port.look(site)).toMatchObject({ identity: false });
    const author = 'session-groups <session-groups@localhost> 1767225660';
    expect(repo.git('log', '-1', '--format=%an <%ae> %at%n%(trailers)', result)).toBe(
      `${author}\nSession-Group: ${GROUP}\nSession: one\nSession-Attempts: 1\n\n`,
    );
  });

  it('with a subfolder as the project is worked in as a whole, from there', async () => {
    const repo = filled();
    const { cwd, ready, changes } = await throughout(join(repo.path, 'sub/dir'));
    expect(cwd).toBe(join(bench.workDir, ready.order.folder, 'sub/dir'));
    expect(existsSync(join(cwd, 'b.txt'))).toBe(true);
    expect(changes).toMatchObject(ADDED);
  });

  it("in a linked tree of the user's is the same repository, from that tree's commit", async () => {
    const repo = filled();
    const linked = join(bench.folder, 'linked');
    repo.git('worktree', 'add', '-q', '-b', 'other', linked);
    repositoryAt(linked).git('commit', '-q', '--allow-empty', '-m', 'other');
    const [one, two] = [await throughout(linked), await bench.begin(repo, 'two')];
    expect(one.ready.order.repository).toBe(two.ready.order.repository);
    expect(one.ready.order.base).toBe(repo.git('rev-parse', 'other').trim());
  });

  it.each(['re po\'s "ünï" $x', '-x', 'a:b', 'x.lock'])(
    'in a folder %j is worked in, and delivered to',
    async name => {
      const repo = filled(name);
      const { changes, site } = await throughout(repo);
      expect(changes).toMatchObject(ADDED);
      const delivery = await bench.port.planDelivery(site, { group: GROUP, into: 'main', time: TIME });
      if (delivery.kind !== 'ready') throw new Error(JSON.stringify(delivery));
      await bench.port.deliver(site, delivery.order);
      expect(repo.git('status', '--porcelain')).toBe('');
    },
  );

  it('with names that differ in case only, and others that are odd, keeps them', async () => {
    const repo = filled();
    const names = ['Readme', 'README', '-rf', 'line\nbreak', 'quo"te', 'ünï', ' blank '];
    for (const name of names) repo.write(name, `${name}\n`);
    repo.commit('odd');
    const { changes, ready, site } = await throughout(repo);
    expect(changes).toMatchObject(ADDED);
    const { tree } = await bench.begin(repo, 'One');
    for (const name of names) tree.write(name, 'changed\n');
    const other = await bench.port.planWorkspace(site, {
      mode: 'worktree',
      group: GROUP,
      session: 'One',
      time: TIME,
    });
    expect(other.folder.toLowerCase()).not.toBe(ready.order.folder.toLowerCase());
    expect(branchOf(GROUP, 'One').toLowerCase()).not.toBe(branchOf(GROUP, 'one').toLowerCase());
    const result = await finish(bench.port, site, { ...ready, order: other });
    const found = await bench.port.changes(site, { from: ready.commit, to: result });
    expect(found.map(({ path }) => path)).toEqual([...names].sort());
  });
});
