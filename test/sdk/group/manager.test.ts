import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import { GroupOwnedError } from '../../../src/sdk/group/store/store.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { createScriptedAgent } from '../../../src/sdk/session/scripted/scripted.ts';
import { SimulatedClock } from '../../../src/sdk/simulated-clock.ts';

const project = mkdtempSync(join(tmpdir(), 'manager-'));
const elsewhere = mkdtempSync(join(tmpdir(), 'manager-'));
afterAll(() => {
  for (const folder of [project, elsewhere]) rmSync(folder, { recursive: true, force: true });
});

function world() {
  const clock = new SimulatedClock();
  const store = createMemoryStore({ clock });
  const newManager = (its = clock) =>
    new GroupManager({
      store,
      clock: its,
      projects: memoryProjectGate(),
      quota: new QuotaGate(its, () => 0),
      agents: { scripted: createScriptedAgent(its) },
    });
  const settle = async <T>(promise: Promise<T>, its = clock): Promise<T> => {
    let pending = true;
    const done = () => {
      pending = false;
    };
    promise.then(done, done);
    while (pending) {
      for (let turn = 0; turn < 50 && pending; turn++) await null;
      if (pending && !its.step()) await new Promise(resolve => setImmediate(resolve));
    }
    return promise;
  };
  return { clock, store, manager: newManager(), newManager, settle };
}

const definition = (name: string, over: Partial<SessionGroupInput> = {}): SessionGroupInput => ({
  version: 1,
  name,
  config: { agent: { kind: 'scripted', steps: [{ delay: '10s' }, { result: 'done' }] } },
  sessions: [{ id: 'a', projectPath: project, prompt: 'do a' }],
  ...over,
});

describe('a manager of groups', () => {
  test('creates groups, runs them, and reports the status of each', async () => {
    const { manager, settle } = world();
    const group = await manager.create(definition('One'));
    expect(await manager.getGroupStatus('one')).toMatchObject({ status: 'created', pending: 1 });
    expect((await settle(group.run())).status).toBe('completed');
    expect(await manager.get(group.id)).toMatchObject({
      status: 'completed',
      group: { id: group.id, definition: { name: 'One' } },
      owner: { alive: true },
    });
    await manager.dispose();
    await expect(manager.list()).rejects.toMatchObject({ code: 'manager_disposed' });
  });

  test('has one handle per open group, and a new one after that was disposed of (MANAGER-1)', async () => {
    const { manager, settle } = world();
    const group = await manager.create(definition('One'));
    expect(await manager.open(group.id)).toBe(group);
    expect(await manager.open('one')).toBe(group);
    const closing = group.dispose();
    const [first, second] = await settle(Promise.all([manager.open('one'), manager.open(group.id)]));
    await closing;
    expect(first).toBe(second);
    expect(first).not.toBe(group);
    expect((await settle(first.run())).status).toBe('completed');
  });

  test('opens a group that another manager runs only after that has released it', async () => {
    const { manager, newManager, settle } = world();
    const group = await manager.create(definition('One'));
    const other = newManager();
    await expect(settle(other.open('one'))).rejects.toBeInstanceOf(GroupOwnedError);
    await expect(other.delete('one')).rejects.toBeInstanceOf(GroupOwnedError);
    await expect(other.archive('one')).rejects.toBeInstanceOf(GroupOwnedError);
    await group.dispose();
    expect((await settle(other.open('one'))).id).toBe(group.id);
  });

  test('lists groups by status, age and project, newest first, up to a limit', async () => {
    const { manager, clock, settle } = world();
    const ids: string[] = [];
    for (const name of ['One', 'Two', 'Three']) {
      const at = name === 'Two' ? elsewhere : project;
      const sessions = [{ id: 'a', projectPath: at, prompt: 'do a' }];
      ids.push((await manager.create(definition(name, { sessions }))).id);
      clock.advance(60_000);
    }
    const [one, two, three] = ids;
    await settle((await manager.open('two')).run());
    const listed = async (filter: Parameters<typeof manager.list>[0]) =>
      (await manager.list(filter)).map(({ id }) => id);
    expect(await listed({})).toEqual([three, two, one]);
    expect(await listed({ limit: 2 })).toEqual([three, two]);
    expect(await listed({ status: 'completed' })).toEqual([two]);
    expect(await listed({ status: ['created', 'failed'] })).toEqual([three, one]);
    expect(await listed({ status: 'created', limit: 1 })).toEqual([three]);
    expect(await listed({ since: Date.UTC(2026, 0, 1, 0, 1) })).toEqual([three, two]);
    expect(await listed({ project: elsewhere })).toEqual([two]);
    expect(await listed({ project: tmpdir() })).toEqual([three, two, one]);
    expect(await listed({ project: `${project}x` })).toEqual([]);
  });

  test('reports a group whose engine died as interrupted, and takes it over', async () => {
    const { manager, newManager, store, clock, settle } = world();
    const group = await manager.create(definition('One'));
    void group.run();
    for (let turn = 0; turn < 50; turn++) await null;
    clock.advance(4_000);
    expect(await newManager().list()).toMatchObject([{ status: 'running', owner: { alive: true } }]);
    store.crash(group.id);
    const later = new SimulatedClock(clock.now()); // that of the dead one stands still
    const next = newManager(later);
    expect(await next.list({ status: 'interrupted' })).toMatchObject([{ id: group.id }]);
    expect(await next.get('one')).toMatchObject({ status: 'interrupted', owner: { alive: false } });
    expect(await next.getGroupStatus('one')).toMatchObject({ status: 'interrupted', totalSessions: 1 });
    await expect(next.archive('one')).rejects.toMatchObject({ code: 'not_in_this_state' });
    const taken = await settle(next.open('one'), later);
    expect((await settle(taken.resume(), later)).status).toBe('completed');
  });

  test('archives groups that are settled or not started; running one lists it again', async () => {
    const { manager, settle } = world();
    const config = { agent: { kind: 'scripted' as const, steps: [{ failure: 'max_turns' as const }] } };
    const group = await manager.create(definition('One', { config }));
    await settle(group.run());
    await manager.create(definition('Two'));
    await manager.archive('one');
    await manager.archive('one');
    await manager.archive('two');
    expect(await manager.list()).toEqual([]);
    expect(await manager.list({ archived: true })).toHaveLength(2);
    expect(await manager.get('one')).toMatchObject({
      status: 'failed',
      meta: { archivedAt: expect.any(String) },
    });
    const again = await settle(manager.open('one'));
    expect(await manager.list()).toEqual([]);
    const events: string[] = [];
    again.journal$().subscribe(({ type }) => events.push(type));
    await settle(again.retry());
    expect(events.filter(type => type === 'group_archived')).toHaveLength(1);
    expect(await manager.list()).toMatchObject([{ id: group.id, status: 'failed' }]);
  });

  test('neither archives nor deletes a live group, and archives none that can continue (MANAGER-2)', async () => {
    const { manager, clock, settle } = world();
    const group = await manager.create(definition('One'));
    const running = group.run();
    for (let turn = 0; turn < 50; turn++) await null;
    clock.advance(1_000);
    await expect(manager.delete('one')).rejects.toMatchObject({ name: 'RefusedError', code: 'group_live' });
    await expect(manager.archive('one')).rejects.toMatchObject({ name: 'RefusedError', code: 'group_live' });
    await settle(group.pause());
    await running;
    await expect(manager.archive('one')).rejects.toMatchObject({ code: 'not_in_this_state' });
    expect(manager.opened(group.id)).toBeDefined(); // a refused request changes nothing
    await settle(manager.delete('one'));
    expect(await manager.list({ archived: true })).toEqual([]);
    await expect(manager.get('one')).rejects.toMatchObject({ code: 'unknown_group' });
  });

  test('deletes a group while it owns it, after the agents of a dead engine have ended', async () => {
    const { store, clock, settle } = world();
    const steps: string[] = [];
    const remove: typeof store.remove = (id, options, before) =>
      store.remove(id, options, async () => {
        await before?.();
        steps.push('ended', (await store.read(id)).owner?.alive ? 'owned' : 'free');
      });
    const manager = new GroupManager({ store: { ...store, remove }, clock });
    const group = await manager.create(definition('One'));
    await settle(manager.delete(group.id));
    expect(steps).toEqual(['ended', 'owned']);
    await expect(manager.open('one')).rejects.toMatchObject({ code: 'unknown_group' });
  });

  test('releases all its groups when it is disposed of', async () => {
    const { manager, newManager, settle } = world();
    await manager.create(definition('One'));
    await manager.create(definition('Two'));
    await settle(manager.dispose());
    const other = newManager();
    for (const word of ['one', 'two']) expect((await other.get(word)).owner).toBeUndefined();
  });
});
