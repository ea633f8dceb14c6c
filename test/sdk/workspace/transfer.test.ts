// @module-tag processes
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { branchOf } from '../../../src/sdk/workspace/names.ts';
import type { Site } from '../../../src/sdk/workspace/port.ts';
import type { TransferPort } from '../../../src/sdk/workspace/transfer/transfer-port.ts';
import type { Repository } from '../../support/repository.ts';
import { finish, GROUP, TIME, type WorkspaceBench, workspaceBench } from '../../support/workspace-bench.ts';

let bench: WorkspaceBench;
let repo: Repository;
beforeEach(() => {
  bench = workspaceBench();
  repo = bench.repository();
  repo.write('a.txt', 'a\n');
  repo.commit('first');
});
afterEach(() => bench.close());

const transferOf = ({ port }: WorkspaceBench): TransferPort => {
  if (!port.transfer) throw new Error('it has none');
  return port.transfer;
};
const head = () => repo.git('rev-parse', 'HEAD').trim();

/** The repository for it on another machine, which has nothing yet. */
async function elsewhere(): Promise<Site> {
  const site = bench.site('');
  return { ...site, project: await transferOf(bench).place(site, { repository: 'repo-1', format: 'sha1' }) };
}

/** Sends a commit, and says how many bytes that took. */
async function send(from: Site, to: Site, commit: string): Promise<number> {
  const transfer = transferOf(bench);
  const lacks = await transfer.lacking(to, [commit]);
  const pack = await transfer.pack(from, lacks, await transfer.tips(to));
  await transfer.unpack(to, pack);
  return pack.length;
}

test('a place is made once, and keeps what it has', async () => {
  const there = await elsewhere();
  await send(bench.site(repo), there, head());
  expect(await elsewhere()).toMatchObject({ project: there.project });
  expect(await transferOf(bench).lacking(there, [head()])).toEqual([]);
});

test('what is lacking comes with all that it consists of, also again', async () => {
  const [here, there] = [bench.site(repo), await elsewhere()];
  expect(await transferOf(bench).lacking(there, [head(), head()])).toEqual([head()]);
  await send(here, there, head());
  const pack = await transferOf(bench).pack(here, [head()], []);
  await transferOf(bench).unpack(there, pack);
  const order = await bench.port.planWorkspace(there, {
    ...{ mode: 'worktree', group: GROUP, session: 'a', base: head(), time: 1 },
  });
  expect((await bench.port.prepare(there, order)).ready.commit).toBe(head());
});

test('a later pack has only what is new, and what its receiver says to have need not be here', async () => {
  repo.write('large.txt', Array.from({ length: 4_000 }, (_, line) => `line ${line * 7919}\n`).join(''));
  repo.commit('large');
  const [here, there] = [bench.site(repo), await elsewhere()];
  const all = await send(here, there, head());
  await transferOf(bench).moveRefs(there, {}, { [branchOf(GROUP, 'a')]: head() });
  const own = repo.git('commit-tree', '-m', 'elsewhere only', `${head()}^{tree}`).trim();
  repo.write('b.txt', 'b\n');
  repo.commit('second');
  const pack = await transferOf(bench).pack(here, [head()], [own.replaceAll(/./g, 'f'), own, `${head()}`]);
  expect(pack.length).toBeLessThan(100);
  expect(await send(here, there, head())).toBeLessThan(all / 10);
  expect(await transferOf(bench).lacking(there, [head()])).toEqual([]);
});

describe('refs of a session', () => {
  test('are its branch, its checkpoint and what is kept of it, and no other session’s', async () => {
    const { ready, site, tree } = await bench.begin(repo, 'a');
    await bench.begin(repo, 'a2');
    tree.write('a.txt', 'more\n');
    const { commit: saved } = await bench.port.checkpoint(site, ready, TIME);
    const result = await finish(bench.port, site, ready);
    const refs = await transferOf(bench).refs(site, GROUP, 'a');
    expect(Object.values(refs).sort()).toEqual([saved, result].sort());
  });

  test('move by compare-and-swap, and to where they are already', async () => {
    const there = await elsewhere();
    await send(bench.site(repo), there, head());
    const before = head();
    const ref = branchOf(GROUP, 'a');
    await transferOf(bench).moveRefs(there, {}, { [ref]: before });
    await transferOf(bench).moveRefs(there, {}, { [ref]: before });
    repo.write('b.txt', 'b\n');
    repo.commit('second');
    await send(bench.site(repo), there, head());
    const stale = transferOf(bench).moveRefs(there, {}, { [ref]: head() });
    await expect(stale).rejects.toMatchObject({ code: 'workspace_moved' });
    await transferOf(bench).moveRefs(there, { [ref]: before }, {});
    expect(await transferOf(bench).refs(there, GROUP, 'a')).toEqual({});
  });
});
