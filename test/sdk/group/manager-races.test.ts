import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { SessionGroupsError } from '../../../src/sdk/errors.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import type { GroupRunner } from '../../../src/sdk/group/runner.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import type { GroupStore, OwnedGroup } from '../../../src/sdk/group/store/store.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { deferred } from '../../../src/sdk/process/deferred.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';
import { runs } from '../../support/runs.ts';

const project = mkdtempSync(join(tmpdir(), 'manager-races-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const one = (id: string) => ({ id, projectPath: project, prompt: `do ${id}` });
const definition = (name: string): SessionGroupInput => ({
  version: 1,
  name,
  config: { agent: 'scripted' },
  sessions: [one('a')],
});

/** The store, each of whose steps takes as long as the scheduler likes. */
function scheduled(store: GroupStore, scheduler: fc.Scheduler): GroupStore {
  const around = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve(), `before ${step}`);
    try {
      return await work();
    } finally {
      await scheduler.schedule(Promise.resolve(), `after ${step}`);
    }
  };
  const owned = (group: OwnedGroup): OwnedGroup => ({
    ...group,
    release: () => around('release', () => group.release()),
  });
  return {
    create: group => around('create', async () => owned(await store.create(group))),
    take: id => around('take', async () => owned(await store.take(id))),
    read: id => around('read', () => store.read(id)),
    list: options => around('list', () => store.list(options)),
    remove: id => around('remove', () => store.remove(id)),
  };
}

type Call = readonly [verb: Verb, group: number];
const VERBS = [
  'create',
  'open',
  'update',
  'list',
  'status',
  'archive',
  'delete',
  'close',
  'dispose',
] as const;
type Verb = (typeof VERBS)[number];

const callsOf = (verbs: readonly Verb[]) =>
  fc.array(fc.tuple(fc.constantFrom(...verbs), fc.nat(1)), { minLength: 2, maxLength: 8 });

/** Two saved groups, and a manager that gets all calls at once. */
async function race(calls: readonly Call[], scheduler: fc.Scheduler) {
  const clock = new SimulatedClock();
  const store = createMemoryStore({ clock });
  const newManager = (its: GroupStore) =>
    new GroupManager({
      store: its,
      clock,
      projects: memoryProjectGate(),
      quota: new QuotaGate(clock, () => 0),
    });
  const before = newManager(store);
  const ids: string[] = [];
  for (const name of ['One', 'Two']) ids.push((await before.create(definition(name))).id);
  await before.dispose();

  const manager = newManager(scheduled(store, scheduler));
  const given: GroupRunner[] = [];
  /** Whether `dispose` was called before a handle was given. */
  let disposed = false;
  const afterDispose: string[] = [];
  const give = (handle: GroupRunner) => {
    given.push(handle);
    if (disposed) afterDispose.push(handle.id);
  };
  const call = async ([verb, at]: Call): Promise<unknown> => {
    const id = ids[at] ?? '';
    switch (verb) {
      case 'create':
        return give(await manager.create(definition('New')));
      case 'open':
        return give(await manager.open(id));
      case 'update':
        return manager.updateSession(id, 'a', { prompt: 'do it well' });
      case 'list':
        return manager.list();
      case 'status':
        return manager.getGroupStatus(id);
      case 'archive':
        return manager.archive(id);
      case 'delete':
        return manager.delete(id);
      case 'close':
        return (await manager.opened(id))?.dispose();
      case 'dispose':
        disposed = true;
        await manager.dispose();
        expect(await owners(store)).toEqual([]);
        return undefined;
    }
  };
  const all = Promise.allSettled(
    calls.map(async each => {
      await scheduler.schedule(Promise.resolve(), each.join(' '));
      return call(each);
    }),
  );
  await scheduler.waitFor(all);
  const failures = (await all).flatMap(result => (result.status === 'rejected' ? [result.reason] : []));
  return { store, manager, ids, given, afterDispose, failures, scheduler };
}

const owners = async (store: GroupStore) => {
  const stored = await Promise.all((await store.list({ archived: true })).map(({ id }) => store.read(id)));
  return stored.flatMap(({ group, owner }) => (owner ? [group.id] : []));
};

/** What a handle answers if it is alive. */
const asked = (handle: GroupRunner, scheduler: fc.Scheduler) =>
  scheduler.waitFor(handle.updateSession('a', { prompt: 'do it' }, { dryRun: true }));

describe('calls of a manager that race each other', () => {
  test('give a live handle at every moment of the end of a change', async () => {
    for (let moment = 0; moment < 30; moment++) {
      const store = createMemoryStore();
      const saved = deferred<void>();
      const told: GroupStore = {
        ...store,
        take: async id => {
          const owned = await store.take(id);
          const redefine: typeof owned.redefine = (...next) => {
            saved.resolve();
            return owned.redefine(...next);
          };
          return { ...owned, redefine };
        },
      };
      const manager = new GroupManager({ store: told, projects: memoryProjectGate() });
      const { id, dispose } = await manager.create(definition('One'));
      await dispose();
      const changing = manager.updateSession(id, 'a', { prompt: 'do it well' });
      await saved.promise;
      for (let turn = 0; turn < moment; turn++) await null;
      const handle = await manager.open(id);
      await changing;
      const answer = await handle.updateSession('a', { prompt: 'do it' }, { dryRun: true });
      expect(answer.changed, `${moment} turns after it was saved`).toEqual(['a']);
      await manager.dispose();
    }
  });

  test('give live handles, one per group, while none closes a group (MANAGER-1, MANAGER-4)', async () => {
    const calls = callsOf(['create', 'open', 'update', 'list', 'status']);
    await fc.assert(
      fc.asyncProperty(calls, fc.scheduler(), async (chosen, scheduler) => {
        const { store, given, failures, manager } = await race(chosen, scheduler);
        expect(failures).toEqual([]);
        for (const handle of given) {
          expect(await manager.opened(handle.id)).toBe(handle);
          expect(await asked(handle, scheduler)).toMatchObject({ changed: ['a'] });
        }
        expect((await owners(store)).sort()).toEqual([...new Set(given.map(({ id }) => id))].sort());
      }),
      { numRuns: runs(40) },
    );
  }, 60_000);

  test('leave what is open alive, and nothing else owned, when some close or delete it', async () => {
    const calls = callsOf(VERBS.filter(verb => verb !== 'dispose'));
    await fc.assert(
      fc.asyncProperty(calls, fc.scheduler(), async (chosen, scheduler) => {
        const { store, manager, failures } = await race(chosen, scheduler);
        for (const failure of failures) {
          expect(failure).toBeInstanceOf(SessionGroupsError);
          expect(['unknown_group', 'archived']).toContain(failure.code);
        }
        const open: string[] = [];
        for (const { id } of await store.list({ archived: true })) {
          const handle = await manager.opened(id);
          if (handle === undefined) continue;
          open.push(id);
          const answer = await asked(handle, scheduler).catch(error => error.code);
          expect([{ added: [], removed: [], changed: ['a'], settings: [] }, 'archived']).toContainEqual(
            answer,
          );
        }
        expect((await owners(store)).sort()).toEqual(open.sort());
      }),
      { numRuns: runs(40) },
    );
  }, 60_000);

  test('own nothing once it is disposed of, and give no handle afterwards (MANAGER-5)', async () => {
    const calls = callsOf(VERBS).map(chosen => [...chosen, ['dispose', 0] as const]);
    await fc.assert(
      fc.asyncProperty(calls, fc.scheduler(), async (chosen, scheduler) => {
        const { store, failures, afterDispose } = await race(chosen, scheduler);
        for (const failure of failures) {
          expect(failure).toBeInstanceOf(SessionGroupsError);
          expect(['unknown_group', 'archived', 'manager_disposed']).toContain(failure.code);
        }
        expect(afterDispose).toEqual([]);
        expect(await owners(store)).toEqual([]);
      }),
      { numRuns: runs(40) },
    );
  }, 60_000);
});
