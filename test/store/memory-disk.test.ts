import { describe, expect, test } from 'vitest';
import { history, newGroup } from '../../src/store/conformance/sample-group.ts';
import { fileStore } from '../../src/store/file-store.ts';
import type { Durability } from '../../src/store/journal/file-journal.ts';
import { storeConformance } from '../../src/store/store-conformance.ts';
import { MemoryDisk } from '../support/memory-disk.ts';
import { memoryProcesses } from '../support/memory-processes.ts';

/** A file store on another disk and machine than the system's. */

function machine(disk = new MemoryDisk()) {
  const start = memoryProcesses();
  /** A store of another process. */
  const process = (durability: Durability = 'process') => {
    const self = start();
    const store = fileStore({ disk, machine: self }, { dataDir: '/data', durability });
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

test('of two owners in one process one has the group, until it ends', async () => {
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

describe('a power cut', () => {
  test('leaves every record that was acknowledged, and the group can be taken', async () => {
    const { disk, process } = machine();
    for (const path of ['/data', '/data/groups']) disk.makeFolder(path);
    for (const path of ['/', '/data']) disk.syncFolder(path);
    const first = process('power');
    const { group, journal } = await first.store.create(newGroup());
    const all = history(group.id);
    for (const record of all.slice(0, 4)) journal.append(record);
    await journal.synced();
    for (const record of all.slice(4)) journal.append(record);
    disk.crash();
    first.end();
    const { store } = process('power');
    expect((await store.read(group.id)).records).toEqual(all.slice(0, 4));
    const taken = await store.take(group.id);
    for (const record of all.slice(4)) taken.journal.append(record);
    await taken.release();
    expect((await store.read(group.id)).records).toEqual(all);
  });

  test('forgets what was not synced: the same without waiting loses records', async () => {
    const { disk, process } = machine();
    const first = process('process');
    const { group, journal } = await first.store.create(newGroup());
    for (const record of history(group.id)) journal.append(record);
    disk.crash();
    expect(await process().store.list()).toEqual([]);
  });
});
