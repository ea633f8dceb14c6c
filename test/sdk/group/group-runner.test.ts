import { firstValueFrom } from 'rxjs';
import { describe, expect, it } from 'vitest';
import {
  createGroupMachine,
  createSessionGroup,
  openSessionGroup,
} from '../../../src/sdk/group/api/create.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { GroupRunner } from '../../../src/sdk/group/runner.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';
import { definitionOf, scripted } from '../../support/bench.ts';

const options = () => ({ store: createMemoryStore(), projects: memoryProjectGate() });
const definition = definitionOf([scripted('a', [{ result: 'done' }])]);

describe('a GroupRunner', () => {
  it('is what every way to a group gives', async () => {
    const shared = options();
    const created = await createSessionGroup(definition, shared);
    expect(created).toBeInstanceOf(GroupRunner);
    await created.dispose();
    const opened = await openSessionGroup(created.id, shared);
    expect(opened).toBeInstanceOf(GroupRunner);
    await opened.dispose();
    const manager = new GroupManager(shared);
    const managed = await manager.open(created.id);
    expect(managed).toBeInstanceOf(GroupRunner);
    expect(await manager.open(created.id)).toBe(managed);
    await manager.dispose();
    expect((await createGroupMachine(definition, shared)).group).toBeInstanceOf(GroupRunner);
  });

  it('can be driven by its methods alone', async () => {
    const group = await createSessionGroup(definition, options());
    const { run, getProgress, getResult, retryPlan, why, dispose } = group;
    expect(await run()).toMatchObject({ status: 'completed', sessions: { a: { result: 'done' } } });
    expect([getProgress().status, getResult().status]).toEqual(['completed', 'completed']);
    expect([retryPlan(), why()]).toEqual([[], undefined]);
    await dispose();
    await expect(group.retry()).rejects.toMatchObject({ code: 'disposed' });
  });

  it('that a manager has open is disposed of once, by whoever does it first', async () => {
    const manager = new GroupManager(options());
    const group = await manager.create(definition);
    const { dispose } = group;
    const over = dispose();
    expect(group.dispose()).toBe(over);
    expect(manager.opened(group.id)).toBeUndefined();
    await over;
    expect(await manager.open(group.id)).not.toBe(group);
    await manager.dispose();
  });

  it('has Symbol.asyncDispose, as its manager has', async () => {
    const manager = new GroupManager(options());
    const group = await manager.create(definition);
    await group[Symbol.asyncDispose]();
    await expect(group.run()).rejects.toMatchObject({ code: 'disposed' });
    await manager[Symbol.asyncDispose]();
    await expect(manager.list()).rejects.toMatchObject({ code: 'manager_disposed' });
  });
});

describe('groups$ of a manager', () => {
  it('has the groups that are open, for late subscribers too, and completes with the manager', async () => {
    const manager = new GroupManager(options());
    const seen: (readonly string[])[] = [];
    let over = false;
    manager.groups$.subscribe({
      next: groups => seen.push(groups.map(({ id }) => id)),
      complete: () => {
        over = true;
      },
    });
    const [a, b] = [await manager.create(definition), await manager.create(definition)];
    await a.dispose();
    const reopened = await manager.open(a.id);
    const late = await firstValueFrom(manager.groups$);
    expect(late).toEqual([b, reopened]);
    await manager.archive(b.id);
    expect(over).toBe(false);
    await manager.dispose();
    expect(seen).toEqual([[], [a.id], [a.id, b.id], [b.id], [b.id, a.id], [a.id], []]);
    expect(over).toBe(true);
  });
});
