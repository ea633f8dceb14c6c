import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/sdk/clock.ts';
import { GroupManager } from '../../src/sdk/group/manager.ts';
import type { GroupRunner } from '../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { deferred } from '../../src/sdk/process/deferred.ts';
import { Residents } from '../../src/serve/live/residents.ts';
import { scripted } from './serve-world.ts';

/* Requests that use a group at the same time (RESIDENT-3). */

const store = createMemoryStore();
let manager: GroupManager;
let residents: Residents;
let id: string;
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'session-groups-residents-'));
  await mkdir(join(folder, 'a'));
  manager = new GroupManager({ store });
  residents = new Residents(manager, systemClock);
  const group = await manager.create(scripted(folder, { one: { steps: [{ hang: true }] } }));
  id = group.id;
  await group.dispose();
});
afterEach(async () => {
  await manager.dispose();
  await rm(folder, { recursive: true });
});

const isOwned = async () => (await store.read(id)).owner !== undefined;

/** A request that uses the group until it is told to end. */
interface User {
  readonly group: Promise<GroupRunner>;
  /** Ends it; resolves when it is over. */
  end(): Promise<void>;
}

const user = (use: (work: (group: GroupRunner) => Promise<void>) => Promise<void>): User => {
  const [has, may] = [deferred<GroupRunner>(), deferred<void>()];
  const over = use(async group => {
    has.resolve(group);
    await may.promise;
  });
  return {
    group: has.promise,
    end: async () => {
      may.resolve();
      await over;
    },
  };
};

const borrows = (): User => user(work => residents.borrow(id, {}, work));

/** Its work lasts until it is told to end; what it begins is up to the group. */
const hosts = (): User =>
  user(async work => {
    await (await residents.host(id, {}, work)).rest;
  });

const KINDS = { borrows, hosts };
const pairs = (['borrows', 'hosts'] as const).flatMap(first =>
  (['borrows', 'hosts'] as const).flatMap(second =>
    (['first', 'second'] as const).map(earlier => [first, second, earlier] as const),
  ),
);

describe('two requests for one group', () => {
  test.each(pairs)('one %s it, one %s it, and the %s one is over earlier', async (first, second, earlier) => {
    const users = [KINDS[first](), KINDS[second]()] as const;
    const [a, b] = await Promise.all(users.map(user => user.group));
    const [early, late] = earlier === 'first' ? users : [users[1], users[0]];
    const group = earlier === 'first' ? b : a;
    await early.end();
    expect(await isOwned()).toBe(true);
    await expect(group?.setMaxBudget(7)).resolves.toBeUndefined();
    await late.end();
    await residents.settled();
    expect(await isOwned()).toBe(false);
    expect(residents.hosted).toEqual([]);
  });

  test('one comes while the other gives the group back, and gets a handle of its own', async () => {
    const before = borrows();
    const old = await before.group;
    const ending = before.end();
    const next = borrows();
    await ending;
    const group = await next.group;
    await expect(group.setMaxBudget(7)).resolves.toBeUndefined();
    await next.end();
    expect(await isOwned()).toBe(false);
    await expect(old.setMaxBudget(7)).rejects.toMatchObject({ code: 'disposed' });
  });
});

test('a handle that the host of the manager has opened stays open', async () => {
  const own = await manager.open(id);
  for (const user of [borrows(), hosts()]) {
    await user.group;
    await user.end();
  }
  await residents.settled();
  await expect(own.setMaxBudget(7)).resolves.toBeUndefined();
  expect(await isOwned()).toBe(true);
});

test('a request whose turn comes when the manager is disposed of is refused, and nothing stays owned', async () => {
  const user = borrows();
  await user.group;
  const disposing = manager.dispose();
  await expect(residents.borrow(id, {}, async () => {})).rejects.toMatchObject({ code: 'manager_disposed' });
  await user.end();
  await disposing;
  expect(await isOwned()).toBe(false);
});
