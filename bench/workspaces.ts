import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { GROUP, TIME, workspaceBench } from '../test/support/workspace-bench.ts';

// What each step of a workspace takes, with the real git, in repositories of so many files (default 5000 50000):
// node scripts/run-ts.mjs bench/workspaces.ts [FILES…]
const sizes = process.argv.slice(2).map(Number);
for (const files of sizes.length > 0 ? sizes : [5_000, 50_000]) {
  const bench = workspaceBench();
  try {
    const repo = bench.repository();
    for (let n = 0; n < files; n++) {
      const folder = join(repo.path, `part-${String(n % 100)}`, `deep-${String(n % 1_000)}`);
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, `file-${String(n)}.txt`), `${'a line of text\n'.repeat(300)}${String(n)}\n`);
    }
    repo.commit('first');
    const step = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
      const start = performance.now();
      const answer = await work();
      process.stdout.write(
        `${String(files).padStart(6)} files  ${name.padEnd(38)} ${((performance.now() - start) / 1_000).toFixed(3).padStart(8)} s\n`,
      );
      return answer;
    };
    const { port } = bench;
    const begin = (session: string) => bench.begin(repo, session);
    const one = await step('plan and prepare the first tree', () => begin('one'));
    const two = await step('plan and prepare the second tree', () => begin('two'));
    one.tree.write('new.txt', 'new\n');
    two.tree.write('part-1/other.txt', 'other\n');
    await step('checkpoint, the first', () => port.checkpoint(one.site, one.ready, TIME));
    await step('checkpoint, a later one', () => port.checkpoint(one.site, one.ready, TIME + 1));
    for (const { site, ready } of [one, two]) {
      const { order: result } = await step('plan a result', () =>
        port.planResult(site, ready, { attempts: 1, time: TIME + 60 }),
      );
      await step('take a result', () => port.takeResult(site, ready, result));
      const plan = await step('plan a merge', () =>
        port.planMerge(site, ready, { result: result.commit, time: TIME + 90 }),
      );
      if (plan.kind !== 'merge') throw new Error('a conflict');
      await step(plan.differs ? 'take a merge that differs' : 'take a merge that adds nothing', () =>
        port.takeMerge(site, ready, plan.order),
      );
      await step('advance the branch of the group', () => port.advance(site, GROUP, plan.order));
    }
    const delivery = await step('plan a delivery', () =>
      port.planDelivery(one.site, { group: GROUP, into: 'main', time: TIME }),
    );
    if (delivery.kind !== 'ready') throw new Error('not ready');
    await step('deliver into what is checked out', () => port.deliver(one.site, delivery.order));
    const release = await step('plan a release', () => port.planRelease(one.site, one.ready));
    if (release === null) throw new Error('nothing to release');
    await step('release', () => port.release(one.site, one.ready, release));
  } finally {
    bench.close();
  }
}
