// @module-tag processes
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { mergedBranch } from '../../../src/sdk/workspace/names.ts';
import type { Conflict } from '../../../src/sdk/workspace/port.ts';
import type { Repository } from '../../support/repository.ts';
import {
  type Begun,
  finish,
  GROUP,
  TIME,
  type WorkspaceBench,
  workspaceBench,
} from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
beforeEach(() => {
  bench = workspaceBench();
  repo = bench.repository();
  repo.write('a.txt', 'a\n'.repeat(20));
  repo.write('b.bin', Buffer.from([0, 1, 2]));
  for (const name of ['one', 'two']) repo.write(`dir/${name}.txt`, `${name}\n`.repeat(10));
  repo.commit('first');
});
afterEach(() => bench.close());

type Change = (tree: Repository) => void;

/** Two sessions from the same base; the first is merged. @returns the second, and its conflict. */
async function clash(first: Change, second: Change): Promise<Begun & { conflict: Conflict; result: string }> {
  const { port } = bench;
  const [one, two] = [await bench.begin(repo, 'one'), await bench.begin(repo, 'two')];
  first(one.tree);
  second(two.tree);
  const results = [await finish(port, one.site, one.ready), await finish(port, two.site, two.ready)];
  const plans = [];
  for (const [index, { site, ready }] of [one, two].entries()) {
    const plan = await port.planMerge(site, ready, { result: results[index] ?? '', time: TIME + 2 });
    plans.push(plan);
    if (plan.kind === 'merge') await port.advance(site, GROUP, plan.order);
  }
  const plan = plans[1];
  if (plan?.kind !== 'conflict') throw new Error('a conflict was expected');
  await port.putConflict(two.site, two.ready, plan.conflict);
  return { ...two, conflict: plan.conflict, result: results[1] ?? '' };
}

async function resolved({ site, ready, conflict }: Awaited<ReturnType<typeof clash>>): Promise<string> {
  const { port } = bench;
  const plan = await port.planResult(site, ready, { attempts: 2, time: TIME + 9, resolves: conflict });
  expect(plan.unresolved).toEqual([]);
  await port.takeResult(site, ready, plan.order);
  const merge = await port.planMerge(site, ready, { result: plan.order.commit, time: TIME + 9 });
  if (merge.kind !== 'merge') throw new Error('it was resolved');
  expect(merge.order.commit).toBe(plan.order.commit);
  await port.advance(site, GROUP, merge.order);
  return plan.order.commit;
}

const unresolvedOf = async ({ site, ready, conflict }: Awaited<ReturnType<typeof clash>>) =>
  (await bench.port.planResult(site, ready, { attempts: 2, time: TIME + 9, resolves: conflict })).unresolved;

const KINDS: readonly (readonly [string, Change, Change, readonly string[]])[] = [
  ['content', tree => tree.write('a.txt', 'one\n'), tree => tree.write('a.txt', 'two\n'), ['a.txt']],
  [
    'binary',
    tree => tree.write('b.bin', Buffer.from([0, 9])),
    tree => tree.write('b.bin', Buffer.from([0, 8])),
    ['b.bin'],
  ],
  [
    'modify/delete',
    tree => rmSync(join(tree.path, 'a.txt')),
    tree => tree.write('a.txt', 'two\n'),
    ['a.txt'],
  ],
  [
    'delete/modify',
    tree => tree.write('a.txt', 'one\n'),
    tree => rmSync(join(tree.path, 'a.txt')),
    ['a.txt'],
  ],
  [
    'rename/rename',
    tree => renameSync(join(tree.path, 'a.txt'), join(tree.path, 'one.txt')),
    tree => renameSync(join(tree.path, 'a.txt'), join(tree.path, 'two.txt')),
    ['a.txt', 'one.txt', 'two.txt'],
  ],
  [
    'folder rename',
    tree => renameSync(join(tree.path, 'dir'), join(tree.path, 'moved')),
    tree => tree.write('dir/new.txt', 'new\n'),
    ['moved/new.txt'],
  ],
  [
    'type',
    tree => {
      rmSync(join(tree.path, 'a.txt'));
      symlinkSync('dir/one.txt', join(tree.path, 'a.txt'));
    },
    tree => tree.write('a.txt', 'two\n'),
    [],
  ],
  ['add/add', tree => tree.write('new.txt', 'one\n'), tree => tree.write('new.txt', 'two\n'), ['new.txt']],
];

describe('a conflict', () => {
  it.each(KINDS)(
    "of %s is put into its author's tree, and moves nothing else",
    async (_, first, second, files) => {
      const before = repo.git('status', '--porcelain') + repo.git('rev-parse', 'main');
      const two = await clash(first, second);
      if (files.length > 0) expect(two.conflict.files).toEqual(files);
      expect(repo.git('rev-parse', mergedBranch(GROUP)).trim()).toBe(two.conflict.theirs);
      expect(two.tree.git('rev-parse', 'HEAD').trim()).toBe(two.result);
      expect(two.tree.git('rev-parse', 'MERGE_HEAD').trim()).toBe(two.conflict.theirs);
      const unmerged = two.tree.git('diff', '--name-only', '--diff-filter=U').trim().split('\n');
      expect([...new Set(unmerged)].sort()).toEqual([...two.conflict.files].sort());
      expect(await unresolvedOf(two)).toEqual(two.conflict.files);
      await bench.port.putConflict(two.site, two.ready, two.conflict);
      two.tree.git('add', '-A');
      for (const file of two.conflict.files) {
        if (existsSync(join(two.tree.path, file))) two.tree.write(file, 'of both\n');
      }
      const commit = await resolved(two);
      expect(repo.git('rev-parse', `${commit}^1`, `${commit}^2`)).toBe(
        `${two.result}\n${two.conflict.theirs}\n`,
      );
      expect(two.tree.git('status', '--porcelain')).toBe('');
      expect(
        existsSync(join(repo.path, '.git/worktrees', two.tree.path.split('/').at(-1) ?? '', 'MERGE_HEAD')),
      ).toBe(false);
      expect(repo.git('status', '--porcelain') + repo.git('rev-parse', 'main')).toBe(before);
    },
  );

  it('is not resolved as long as a file has markers, even if it was added', async () => {
    const two = await clash(
      tree => tree.write('a.txt', 'one\n'),
      tree => tree.write('a.txt', 'two\n'),
    );
    two.tree.git('add', 'a.txt');
    expect(await unresolvedOf(two)).toEqual(['a.txt']);
    writeFileSync(join(two.tree.path, 'a.txt'), 'both\n');
    expect(await unresolvedOf(two)).toEqual([]);
  });

  it('that its author commits as a merge is taken as it is', async () => {
    const two = await clash(
      tree => tree.write('a.txt', 'one\n'),
      tree => tree.write('a.txt', 'two\n'),
    );
    two.tree.write('a.txt', 'both\n');
    two.tree.git('commit', '-qam', 'resolved by its author');
    const commit = await resolved(two);
    expect(repo.git('log', '-1', '--format=%s', commit)).toBe('resolved by its author\n');
  });

  it('is not resolved by giving up the merge, which would throw away the other side', async () => {
    const two = await clash(
      tree => tree.write('a.txt', 'one\n'),
      tree => tree.write('a.txt', 'two\n'),
    );
    two.tree.git('merge', '--abort');
    expect(readFileSync(join(two.tree.path, 'a.txt'), 'utf8')).toBe('two\n');
    expect(await unresolvedOf(two)).toEqual(['a.txt']);
    await bench.port.putConflict(two.site, two.ready, two.conflict);
    two.tree.write('a.txt', 'both\n');
    await resolved(two);
  });

  it('between dependencies is found before the tree is made, and goes to the dependent', async () => {
    const { port } = bench;
    const results: string[] = [];
    for (const id of ['one', 'two', 'three']) {
      const { tree, site, ready } = await bench.begin(repo, id);
      tree.write(id === 'three' ? 'c.txt' : 'a.txt', `${id}\n`);
      results.push(await finish(port, site, ready));
    }
    const four = await bench.begin(repo, 'four', { dependencies: results });
    expect(four.missing).toEqual([results[1]]);
    expect(four.conflict?.files).toEqual(['a.txt']);
    expect(existsSync(join(four.tree.path, 'c.txt'))).toBe(true);
    if (!four.conflict) return;
    await port.putConflict(four.site, four.ready, four.conflict);
    four.tree.write('a.txt', 'one and two\n');
    const plan = await port.planResult(four.site, four.ready, {
      attempts: 1,
      time: TIME + 9,
      resolves: four.conflict,
    });
    await port.takeResult(four.site, four.ready, plan.order);
    for (const result of results) repo.git('merge-base', '--is-ancestor', result, plan.order.commit);
  });

  it('does not overwrite what its tree has and no commit has', async () => {
    const { port } = bench;
    repo.write('.gitignore', 'ignored*\n');
    repo.commit('ignore');
    const [one, two] = [await bench.begin(repo, 'one'), await bench.begin(repo, 'two')];
    mkdirSync(join(one.tree.path, 'ignored-folder'));
    one.tree.write('ignored-folder/deep.txt', 'one\n');
    one.tree.write('ignored.txt', 'one\n');
    one.tree.git('add', '-f', 'ignored.txt', 'ignored-folder/deep.txt');
    one.tree.git('commit', '-qm', 'forced');
    two.tree.write('ignored.txt', 'two\n');
    two.tree.write('ignored-folder', 'two\n');
    const [first, second] = [
      await finish(port, one.site, one.ready),
      await finish(port, two.site, two.ready),
    ];
    const merge = await port.planMerge(one.site, one.ready, { result: first, time: TIME });
    if (merge.kind === 'merge') await port.advance(one.site, GROUP, merge.order);
    const plan = await port.planMerge(two.site, two.ready, { result: second, time: TIME });
    if (plan.kind !== 'merge') throw new Error('no conflict was expected');
    const files = ['ignored-folder/deep.txt'];
    await expect(port.takeMerge(two.site, two.ready, plan.order)).rejects.toMatchObject({
      code: 'workspace_moved',
      files,
    });
    rmSync(join(two.tree.path, 'ignored-folder'));
    const next = port.takeMerge(two.site, two.ready, plan.order);
    await expect(next).rejects.toMatchObject({ code: 'workspace_moved', files: ['ignored.txt'] });
    expect(readFileSync(join(two.tree.path, 'ignored.txt'), 'utf8')).toBe('two\n');
    chmodSync(join(two.tree.path, 'ignored.txt'), 0o644);
    rmSync(join(two.tree.path, 'ignored.txt'));
    await port.takeMerge(two.site, two.ready, plan.order);
    expect(two.tree.git('status', '--porcelain')).toBe('');
  });
});
