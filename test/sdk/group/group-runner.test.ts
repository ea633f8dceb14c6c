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
});
