// @module-tag processes
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { branchOf, mergedBranch } from '../../../src/sdk/workspace/names.ts';
import type { Repository } from '../../support/repository.ts';
import { finish, GROUP, TIME, type WorkspaceBench, workspaceBench } from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
beforeEach(() => {
  bench = workspaceBench();
  repo = bench.repository();
  repo.write('src/a.ts', 'a\n');
  repo.write('src/b.ts', 'b\n');
  repo.commit('first');
});
afterEach(() => bench.close());

describe('the life of sessions in one repository', () => {
  it('two work in trees of their own, are merged one after the other, and delivered', async () => {
    const { port } = bench;
    const [one, two] = [await bench.begin(repo, 'one'), await bench.begin(repo, 'two')];
    expect(one.tree.git('status', '--porcelain', '--branch')).toBe(
      `## ${branchOf(GROUP, 'one').slice(11)}\n`,
    );
    one.tree.write('src/a.ts', 'one\n');
    one.tree.write('new.txt', 'new\n');
    two.tree.write('src/b.ts', 'two\n');
    two.tree.commit('mine');
    two.tree.write('src/b.ts', 'two again\n');
    repo.write('dirty.txt', 'of the user\n');
    const before = repo.git('status', '--porcelain') + repo.git('rev-parse', 'HEAD');

    const results = [await finish(port, one.site, one.ready), await finish(port, two.site, two.ready)];
    for (const [index, { site, ready, tree }] of [one, two].entries()) {
      expect(tree.git('status', '--porcelain')).toBe('');
      const plan = await port.planMerge(site, ready, { result: results[index] ?? '', time: TIME + 90 });
      if (plan.kind !== 'merge') throw new Error('no conflict was expected');
      expect(plan.differs).toBe(index === 1);
      await port.takeMerge(site, ready, plan.order);
      expect(tree.git('status', '--porcelain')).toBe('');
      await port.advance(site, GROUP, plan.order);
    }
    expect(readFileSync(join(two.tree.path, 'src/a.ts'), 'utf8')).toBe('one\n');
    expect(repo.git('ls-tree', '-r', '--name-only', mergedBranch(GROUP))).toBe(
      'new.txt\nsrc/a.ts\nsrc/b.ts\n',
    );
    expect(repo.git('status', '--porcelain') + repo.git('rev-parse', 'HEAD')).toBe(before);

    const delivery = await port.planDelivery(one.site, { group: GROUP, into: 'main', time: TIME });
    if (delivery.kind !== 'ready') throw new Error(JSON.stringify(delivery));
    await port.deliver(one.site, delivery.order);
    expect(repo.git('status', '--porcelain')).toBe('?? dirty.txt\n');
    expect(readFileSync(join(repo.path, 'src/b.ts'), 'utf8')).toBe('two again\n');
    expect(repo.git('rev-parse', 'main')).toBe(repo.git('rev-parse', mergedBranch(GROUP)));
  });
});
