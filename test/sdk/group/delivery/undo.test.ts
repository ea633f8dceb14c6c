// @module-tag processes
import { writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { main } from '../../../../src/cli/main.ts';
import { createSessionGroup, openSessionGroup } from '../../../../src/sdk/group/api/create.ts';
import { viewDelivery } from '../../../../src/sdk/group/delivery/delivery-view.ts';
import type { GroupEvent } from '../../../../src/sdk/group/journal/events.ts';
import type { JournalRecord } from '../../../../src/sdk/group/journal/records.ts';
import { GroupManager } from '../../../../src/sdk/group/manager.ts';
import type { GroupRunner } from '../../../../src/sdk/group/runner.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import type { WorkspacePort } from '../../../../src/sdk/workspace/port.ts';
import { FakeIo } from '../../../cli/fakes.ts';
import { openYard, type Yard } from '../../../support/delivering.ts';
import type { Repository } from '../../../support/repository.ts';

let yard: Yard;
let first: Repository;
let second: Repository;
let handle: GroupRunner | undefined;
let events: GroupEvent[] = [];
beforeEach(() => {
  yard = openYard();
  first = yard.repo;
  second = yard.another('second');
  events = [];
});
afterEach(async () => {
  await handle?.dispose();
  await yard.close();
});

const parts = (workspaces: WorkspacePort = yard.workspaces) => ({
  ...{ env: yard.env, store: yard.store, workspaces, projects: memoryProjectGate() },
});
const managed = (workspaces?: WorkspacePort) => new GroupManager(parts(workspaces));

/** A group whose delivery stops between its repositories: the user commits in the second, after both were looked at. */
async function stopped(): Promise<string> {
  const { workspaces } = yard;
  const deliver: WorkspacePort['deliver'] = async (site, order) => {
    if (site.project === second.path) {
      second.write('user.txt', 'of the user\n');
      second.commit('of the user');
    }
    return workspaces.deliver(site, order);
  };
  const group = await createSessionGroup(
    {
      version: 1,
      name: 'Undo',
      config: { workspace: { mode: 'worktree' }, integrate: { mode: 'merge', into: 'main' } },
      sessions: [
        yard.script('a', 'echo a > a.txt'),
        yard.script('b', 'echo b > b.txt', { projectPath: second.path }),
      ],
    },
    parts({ ...workspaces, deliver }),
  );
  handle = group;
  group.events$.subscribe(event => events.push(event));
  expect(await group.run()).toMatchObject({ status: 'paused', reason: 'delivery_refused' });
  await group.dispose();
  return group.id;
}
const commits = () => [first, second].map(({ git }) => git('rev-parse', 'main').trim());
const status = () => [first, second].map(({ git }) => git('status', '--porcelain', '--branch')).join('');
const CLEAN = '## main\n## main\n';
const recorded = async (id: string): Promise<JournalRecord[]> => {
  const records: JournalRecord[] = [];
  for await (const record of (await yard.store.read(id)).history()) records.push(record);
  return records;
};
const last = (id: string, ...types: string[]) =>
  recorded(id).then(records => records.filter(({ type }) => types.includes(type)));
const planned = async (id: string) => viewDelivery(await yard.store.read(id), parts()).undo();
async function cli(...argv: string[]) {
  const io = new FakeIo({ env: yard.env, cwd: yard.folder, now: Date.now });
  const code = await main(argv, io);
  return { code, out: io.stdout.text, err: io.stderr.text };
}

describe('a delivery that stopped between two repositories', () => {
  test('says so, can be taken back, and is delivered by a later resume', async () => {
    const [before = ''] = commits();
    const id = await stopped();
    expect(events.find(({ type }) => type === 'delivery_refused')).toMatchObject({
      message: expect.stringContaining('--undo'),
    });
    const [moved = '', users = ''] = commits();
    expect(moved).not.toBe(before);
    const repository = expect.any(String);
    const back = { repository, into: 'main', project: first.path, undo: 'ready', files: [] };
    const plan = [
      { ...back, moves: [{ ref: 'refs/heads/main', from: moved, to: before }] },
      { ...back, project: second.path, undo: 'done', moves: [] },
    ];
    expect(await planned(id)).toEqual(plan);
    const manager = managed();
    expect(await manager.undoDelivery(id)).toEqual(plan);
    expect([commits(), status()]).toEqual([[before, users], CLEAN]);
    expect(await last(id, '_undoing', 'delivery_undone')).toMatchObject([
      { type: '_undoing', order: { into: 'refs/heads/main', from: moved, to: before } },
      { type: 'delivery_undone', repositories: [{ into: 'main', from: moved, to: before }] },
    ]);
    expect(await planned(id)).toEqual([]);
    await expect(manager.undoDelivery(id)).rejects.toMatchObject({ code: 'not_in_this_state' });
    expect(await manager.getGroupStatus(id)).toMatchObject({ status: 'paused' });
    await manager.dispose();

    handle = await openSessionGroup(id, parts());
    expect((await handle.resume()).status).toBe('completed');
    const files = [first, second].map(({ git }) => git('ls-tree', '--name-only', 'main').trim().split('\n'));
    expect(files).toEqual([
      ['README.md', 'a.txt'],
      ['README.md', 'b.txt', 'user.txt'],
    ]);
    expect(await planned(id)).toEqual([]);
  });

  test('stays where a branch has moved on, or a file would be overwritten: nothing moves', async () => {
    const id = await stopped();
    writeFileSync(join(first.path, 'a.txt'), 'mine\n');
    const dirty = await cli('group', 'integrate', id, '--undo', '--dry-run');
    expect([dirty.code, dirty.out]).toEqual([5, expect.stringContaining('  a.txt\n')]);
    first.git('-c', 'user.name=u', '-c', 'user.email=u@u', 'commit', '-qam', 'mine');
    const before = commits();
    await expect(managed().undoDelivery(id)).rejects.toMatchObject({
      code: 'workspace_moved',
      message: expect.stringContaining('main has moved on since'),
    });
    const refused = await cli('group', 'integrate', id, '--undo');
    expect([refused.code, refused.err]).toEqual([5, expect.stringContaining('has moved on')]);
    expect(commits()).toEqual(before);
    expect(await last(id, '_undoing', 'delivery_undone')).toEqual([]);
  });

  test.each(['undone', 'resumed'])('was cut off while it was taken back, and is %s', async end => {
    const [before = ''] = commits();
    const id = await stopped();
    const [moved = '', users = ''] = commits();
    const broken = managed({
      ...yard.workspaces,
      async deliver(site, order) {
        await yard.workspaces.deliver(site, order);
        throw new Error('cut off');
      },
    });
    await expect(broken.undoDelivery(id)).rejects.toThrow('cut off');
    expect(await last(id, '_undoing', 'delivery_undone')).toMatchObject([{ type: '_undoing' }]);
    if (end === 'undone') {
      await managed().undoDelivery(id);
      expect(await last(id, '_undoing', 'delivery_undone')).toMatchObject([
        { type: '_undoing' },
        { type: 'delivery_undone', repositories: [{ into: 'main', from: moved, to: before }] },
      ]);
      expect(commits()).toEqual([before, users]);
    } else {
      handle = await openSessionGroup(id, parts());
      expect((await handle.resume()).status).toBe('completed');
      expect(commits()[0]).toBe(moved);
    }
    expect(status()).toBe(CLEAN);
  });

  test('is taken back by the command line, which lists the refs first', async () => {
    const [before = ''] = commits();
    const id = await stopped();
    const [moved = '', users = ''] = commits();
    const text = [
      `${basename(first.path)}: main goes back`,
      `  refs/heads/main  ${moved.slice(0, 12)} → ${before.slice(0, 12)}`,
      `${basename(second.path)}: main has nothing of it`,
      '',
    ].join('\n');
    expect(await cli('group', 'integrate', id, '--undo', '--dry-run')).toMatchObject({ code: 0, out: text });
    expect(commits()).toEqual([moved, users]);
    expect((await cli('group', 'show', id)).err).toContain(`group integrate ${id} --undo`);
    expect(await cli('group', 'integrate', id, '--undo')).toMatchObject({ code: 0, out: text });
    expect([commits(), status()]).toEqual([[before, users], CLEAN]);
    const nothing = await cli('group', 'integrate', id, '--undo');
    expect([nothing.code, nothing.err]).toEqual([5, expect.stringContaining('no delivery that stopped')]);
    expect((await cli('group', 'integrate', id, '--undo', '--into', 'main')).code).toBe(2);
  });
});
