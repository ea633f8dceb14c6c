import { describe, expect, test } from 'vitest';
import { foldJournal } from '../../src/sdk/group/journal/fold.ts';
import { FORMAT } from '../../src/sdk/group/journal/format.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import {
  definition,
  head,
  history,
  larger,
  newGroup,
  updated,
} from '../../src/store/conformance/sample-group.ts';
import { fileStore } from '../../src/store/file-store.ts';
import type { Durability } from '../../src/store/journal/file-journal.ts';
import { storeConformance } from '../../src/store/store-conformance.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import { memoryProcesses } from '../support/memory-processes.ts';
import { appender } from './records.ts';

/** The file store on a simulated disk and machine. */

function machine(disk = new MemoryDisk()) {
  const start = memoryProcesses();
  /** The store of another process. */
  const process = (durability: Durability = 'process') => {
    const self = start();
    const store = fileStore({ disk, machine: self, format: FORMAT }, { dataDir: '/data', durability });
    return { store, end: self.end };
  };
  return { disk, process };
}

for (const durability of ['process', 'power'] as const) {
  storeConformance(
    `file store in memory (${durability})`,
    () => {
      const start = memoryProcesses();
      let now = start();
      const store = fileStore(
        {
          disk: new MemoryDisk(),
          format: FORMAT,
          machine: {
            ...now,
            get pid() {
              return now.pid;
            },
          },
        },
        { dataDir: '/data', durability },
      );
      const killOwner = () => {
        now.end();
        now = start();
      };
      return { store, killOwner };
    },
    { test },
  );
}

test('of two simulated processes one owns the group, until it dies', async () => {
  const { process } = machine();
  const [first, second] = [process(), process()];
  const { group } = await first.store.create(newGroup());
  await expect(second.store.take(group.id)).rejects.toMatchObject({ code: 'owned_elsewhere' });
  first.end();
  expect((await second.store.read(group.id)).owner?.alive).toBe(false);
  const taken = await second.store.take(group.id);
  await expect(first.store.take(group.id)).rejects.toMatchObject({ code: 'owned_elsewhere' });
  await taken.release();
});

test('a record that the journal refused is in no snapshot (SNAPSHOT-1)', async () => {
  const { disk, process } = machine();
  const { store } = process();
  const owned = await store.create(newGroup());
  const { id } = owned.group;
  const [created, ...rest] = history(id);
  const fold = foldJournal([]);
  const append = appender(owned, fold);
  append(created ?? head(id)[0]);
  disk.before = (step, path) => {
    if (step === 'write' && path.endsWith('journal.ndjson')) throw new Error('no');
  };
  expect(() => owned.journal.append(head(id)[0])).toThrow('no');
  foldJournal(rest, fold); // what has happened stays buffered until the disk accepts it
  await owned.release();
  disk.before = () => {};
  expect((await store.read(id)).fold).toEqual(foldJournal(head(id)));
});

/** What was acknowledged as durable. */
interface Acknowledged {
  id: string | undefined;
  readonly records: JournalRecord[];
}

const FILES = {
  templates: { 'review/deep': 'Look at {{ it }}.' },
  sharedConfig: { 'rules/a.md': 'Be kind.' },
};

/** Creates a group, writes, updates its definition and releases it; records what was acknowledged in `kept`. */
async function life({ store }: ReturnType<ReturnType<typeof machine>['process']>, kept: Acknowledged) {
  const owned = await store.create({ ...newGroup(), files: FILES });
  const { id } = owned.group;
  kept.id = id;
  const append = async (...records: JournalRecord[]) => {
    for (const record of records) owned.journal.append(record);
    await owned.journal.synced();
    kept.records.push(...records);
  };
  await append(...history(id).slice(0, 2));
  owned.saveMeta({ ...(await store.read(id)).meta, status: 'running' });
  await append(...history(id).slice(2));
  owned.redefine(1, { definition: larger, files: FILES });
  await append(...updated(id, 4, 1));
  await owned.release();
}

class PowerCut extends Error {}

describe('a power failure at any disk operation', () => {
  test('leaves every record that was acknowledged, and a whole group (JOURNAL-3, STORE-2)', async () => {
    const steps: string[] = [];
    const counted = machine();
    counted.disk.before = step => void steps.push(step);
    await life(counted.process('power'), { id: undefined, records: [] });
    expect(new Set(steps)).toEqual(new Set(['open', 'write', 'fsync', 'rename', 'link', 'unlink', 'mkdir']));

    for (let cut = 0; cut <= steps.length; cut += 1) {
      const { disk, process } = machine();
      const kept: Acknowledged = { id: undefined, records: [] };
      let left = cut;
      disk.before = () => {
        if (left === 0) throw new PowerCut();
        left -= 1;
      };
      const first = process('power');
      await life(first, kept).catch(() => expect(cut).toBeLessThan(steps.length));
      disk.before = () => {};
      disk.crash();
      first.end();

      const { store } = process('power');
      const listed = (await store.list()).map(({ id }) => id);
      if (kept.id !== undefined) expect([cut, listed]).toEqual([cut, [kept.id]]);
      for (const id of listed) {
        const { records, group } = await store.read(id);
        expect([cut, records.slice(0, kept.records.length)]).toEqual([cut, kept.records]);
        const renamed = records.some(record => record.type === 'group_updated');
        expect([cut, group.definition, group.files]).toEqual([cut, renamed ? larger : definition, FILES]);
        const owned = await store.take(id);
        void owned.journal.append({
          ...head(id)[0],
          seq: records.filter(({ type }) => !type.startsWith('_')).length,
        });
        await owned.release();
      }
    }
  });

  test('does not bring back a group that has been removed', async () => {
    const { disk, process } = machine();
    const first = process('power');
    const { group, journal, release } = await first.store.create(newGroup());
    for (const record of history(group.id)) void journal.append(record);
    await journal.synced();
    await release();
    await first.store.remove(group.id);
    disk.crash();
    first.end();
    expect(await process().store.list({ archived: true })).toEqual([]);
  });

  test('loses what was not synced: the same test without waiting loses records', async () => {
    const { disk, process } = machine();
    const first = process('process');
    const { group, journal } = await first.store.create(newGroup());
    for (const record of history(group.id)) void journal.append(record);
    disk.crash();
    expect(await process().store.list()).toEqual([]);
  });

  test('keeps a share of what was not synced, if writes are torn', () => {
    const disk = new MemoryDisk();
    const file = disk.open('/a', 'a');
    file.write(Buffer.from('synced'), 0);
    file.sync();
    disk.syncFolder('/');
    file.write(Buffer.from('half'), 0);
    disk.crash(0.5);
    expect(disk.stat('/a')?.size).toBe('syncedha'.length);
  });
});

describe('a list with a limit', () => {
  const created = ['00', '01', '02', '02', '03'];
  const at = (second: string) => ({
    ...newGroup(),
    createdAt: Date.parse(`2031-02-03T04:05:${second}.000Z`),
  });

  test('has the newest groups, in order, and reads the metas of no others', async () => {
    const disk = new MemoryDisk();
    const { store } = machine(disk).process();
    for (const second of created) await (await store.create(at(second))).release();
    const opened: string[] = [];
    const open = disk.open.bind(disk);
    disk.open = (path, how) => {
      if (path.endsWith('meta.json')) opened.push(path);
      return open(path, how);
    };
    const all = await store.list();
    expect(opened.splice(0)).toHaveLength(created.length);
    for (const [limit, reads] of [
      [1, 1],
      [2, 3], // the next one is of the same second
      [3, 3],
      [4, 4],
      [9, 5],
    ] as const) {
      expect(await store.list({ limit })).toEqual(all.slice(0, reads));
      expect(opened.splice(0)).toHaveLength(reads);
    }
  });

  test('passes over archived groups, and reads whatever has no date in its name', async () => {
    const disk = new MemoryDisk();
    const { store } = machine(disk).process();
    for (const second of created) await (await store.create(at(second))).release();
    for (const newest of (await store.list()).slice(0, 1)) {
      const owned = await store.take(newest.id);
      await owned.saveMeta({ ...newest, archivedAt: '2031-02-04T00:00:00.000Z' });
      await owned.release();
    }
    disk.makeFolder('/data/groups/odd');
    const listed = await store.list({ limit: 1 });
    expect(listed.map(({ id }) => id.slice(0, 15))).toEqual(['20310203-040502', '20310203-040502', 'odd']);
  });
});
