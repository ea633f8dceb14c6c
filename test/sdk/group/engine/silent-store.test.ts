import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { GroupManager } from '../../../../src/sdk/group/manager.ts';
import { createMemoryStore } from '../../../../src/sdk/group/store/memory-store.ts';
import type { GroupStore, OwnedGroup } from '../../../../src/sdk/group/store/store.ts';
import type { SessionGroupInput } from '../../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../../src/sdk/simulated-clock.ts';
import { flush } from '../../../../src/sdk/testing/flush.ts';

/** A store of a host's own that stops answering. */
const definition: SessionGroupInput = {
  version: 1,
  name: 'silent',
  sessions: [
    {
      id: 'a',
      projectPath: '.',
      prompt: 'x',
      agent: { kind: 'scripted', steps: [{ delay: 100 }, { result: 'r' }] },
    },
  ],
};
const FAILED = { code: 'store_failed', message: 'the store has not answered for 30 s' };
type Call = keyof GroupStore | 'release' | 'saveMeta' | 'synced';

function bench() {
  const clock = new SimulatedClock();
  const memory = createMemoryStore({ clock });
  let silent: Call | undefined;
  const held: (() => void)[] = [];
  /** Answers once it is let go. */
  const answer = async <T>(call: Call, work: () => T | Promise<T>): Promise<T> => {
    if (silent === call) await new Promise<void>(resolve => held.push(resolve));
    return work();
  };
  const owned = (group: OwnedGroup): OwnedGroup => ({
    ...group,
    get records() {
      return group.records;
    },
    journal: Object.assign(Object.create(group.journal), {
      synced: () => answer('synced', () => group.journal.synced()),
    }),
    saveMeta: meta => answer('saveMeta', () => group.saveMeta(meta)),
    release: () => answer('release', () => group.release()),
  });
  const store: GroupStore = {
    create: group => answer('create', async () => owned(await memory.create(group))),
    take: (...args) => answer('take', async () => owned(await memory.take(...args))),
    read: id => answer('read', () => memory.read(id)),
    list: options => answer('list', () => memory.list(options)),
    remove: (...args) => answer('remove', () => memory.remove(...args)),
  };
  const until = async <T>(promise: Promise<T>): Promise<T> => {
    let isOver = false;
    const over = (): void => {
      isOver = true;
    };
    promise.then(over, over);
    while (!isOver) {
      await flush();
      if (!isOver) clock.step();
    }
    return promise;
  };
  const manager = new GroupManager({ store, clock, projects: memoryProjectGate() });
  return {
    ...{ clock, manager, memory, until },
    falls: (call: Call) => {
      silent = call;
    },
    answers: async () => {
      silent = undefined;
      for (const resolve of held.splice(0)) resolve();
      await flush();
    },
  };
}

const origin = { baseDir: tmpdir() };

test.each<readonly [Call, 'create' | 'open' | 'archive' | 'delete' | 'list' | 'getGroupStatus']>([
  ['create', 'create'],
  ['take', 'open'],
  ['take', 'archive'],
  ['read', 'archive'],
  ['read', 'getGroupStatus'],
  ['synced', 'archive'],
  ['saveMeta', 'archive'],
  ['release', 'archive'],
  ['list', 'list'],
  ['list', 'delete'],
  ['remove', 'delete'],
])('where %s never answers, %s fails in time, and dispose ends', async (call, verb) => {
  const { manager, until, falls } = bench();
  const group = await until(manager.create(definition, origin));
  await until(group.run());
  await until(group.dispose());
  falls(call);
  const calls = {
    create: () => manager.create(definition, origin),
    open: () => manager.open(group.id),
    archive: () => manager.archive(group.id),
    delete: () => manager.delete(group.id),
    list: () => manager.list(),
    getGroupStatus: () => manager.getGroupStatus(group.id),
  };
  const failing: Promise<unknown> = calls[verb]();
  failing.catch(() => {});
  await until(manager.dispose());
  await expect(until(failing)).rejects.toMatchObject({
    code: expect.stringMatching(/^(store_failed|manager_disposed)$/),
  });
});

test('a group that is never released is said not to be', async () => {
  const { manager, until, falls } = bench();
  const group = await until(manager.create(definition, origin));
  falls('release');
  await expect(until(group.dispose())).rejects.toMatchObject(FAILED);
  await expect(until(manager.dispose())).resolves.toBeUndefined();
});

test('what becomes owned too late is given back, and what is created too late is removed', async () => {
  const { manager, memory, until, falls, answers } = bench();
  const group = await until(manager.create(definition, origin));
  await until(group.dispose());
  falls('take');
  await expect(until(manager.open(group.id))).rejects.toMatchObject(FAILED);
  await answers();
  expect((await memory.read(group.id)).owner).toBeUndefined();
  falls('create');
  await expect(until(manager.create(definition, origin))).rejects.toMatchObject(FAILED);
  await answers();
  expect(await memory.list()).toHaveLength(1);
  expect((await until(manager.open(group.id))).id).toBe(group.id);
});

test('time in which the whole process is frozen does not count', async () => {
  const { manager, clock, until, falls, answers } = bench();
  const group = await until(manager.create(definition, origin));
  await until(group.dispose());
  falls('take');
  const opening = manager.open(group.id);
  opening.catch(() => {});
  await flush();
  clock.freeze(3_600_000);
  clock.step(); // its timer is late, and comes before what the store has to say
  await flush();
  await answers();
  expect((await opening).id).toBe(group.id);
});
