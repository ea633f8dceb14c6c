import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/sdk/clock.ts';
import { openSessionGroup } from '../../../src/sdk/group/api/create.ts';
import { GroupManager } from '../../../src/sdk/group/manager.ts';
import { QuotaGate } from '../../../src/sdk/group/schedule/quota-gate.ts';
import { createMemoryStore } from '../../../src/sdk/group/store/memory-store.ts';
import type { GroupStore } from '../../../src/sdk/group/store/store.ts';
import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import { memoryProjectGate } from '../../../src/sdk/project/project-gate.ts';

const project = mkdtempSync(join(tmpdir(), 'manager-update-'));
afterAll(() => rmSync(project, { recursive: true, force: true }));

const newManager = (store: GroupStore) =>
  new GroupManager({ store, projects: memoryProjectGate(), quota: new QuotaGate(systemClock, () => 0) });

const one = (id: string, more: object = {}) => ({ id, projectPath: project, prompt: `do ${id}`, ...more });
const definition = (...sessions: SessionGroupInput['sessions']): SessionGroupInput => ({
  version: 1,
  name: 'Demo',
  config: { agent: 'scripted', concurrency: { maxPerProject: 9 } },
  sessions,
});

/** A saved group that isn't open. */
async function kept(...sessions: SessionGroupInput['sessions']) {
  const store = createMemoryStore();
  const manager = newManager(store);
  const group = await manager.create(definition(...sessions));
  await group.dispose();
  return { store, manager, id: group.id };
}

describe('a manager', () => {
  test('changes a group that is not open, and closes it again', async () => {
    const { store, manager, id } = await kept(one('a'));
    expect(await manager.addSession('demo', one('b', { dependsOn: ['a'] }))).toMatchObject({ added: ['b'] });
    expect(await manager.updateSession(id, 'b', { prompt: 'do it well' })).toMatchObject({ changed: ['b'] });
    expect(await manager.addSession(id, one('c'))).toMatchObject({ added: ['c'] });
    expect(await manager.removeSession(id, 'c')).toMatchObject({ removed: ['c'] });
    expect(manager.opened(id)).toBeUndefined();
    const { group, owner, meta } = await store.read(id);
    expect([group.revision, owner, meta.counts.total]).toEqual([4, undefined, 2]);
    expect(group.definition.sessions[1]?.prompt).toBe('do it well');
    await expect(manager.addSession(id, one('b'))).rejects.toMatchObject({ code: 'invalid_definition' });
    expect((await store.read(id)).owner).toBeUndefined();
    const opened = await manager.open(id);
    expect(Object.keys((await opened.run()).sessions)).toEqual(['a', 'b']);
    await manager.dispose();
  });

  test('changes a group that is open here through its handle, which shows the change', async () => {
    const { manager, id } = await kept(one('a'));
    const handle = await manager.open(id);
    await manager.addSession(id, one('b'));
    expect(handle.group.definition.sessions).toHaveLength(2);
    expect(handle.getProgress().totalSessions).toBe(2);
    expect(await manager.opened(id)).toBe(handle);
    await manager.dispose();
  });

  test('makes several concurrent changes, and closes the group after the last', async () => {
    const { store, manager, id } = await kept(one('a'));
    await Promise.all(['b', 'c', 'd'].map(name => manager.addSession(id, one(name))));
    const { group, owner } = await store.read(id);
    expect(group.definition.sessions.map(session => session.id).sort()).toEqual(['a', 'b', 'c', 'd']);
    expect(owner).toBeUndefined();
  });

  test('keeps a group open that is opened during a change', async () => {
    const { store, manager, id } = await kept(one('a'));
    const changing = manager.addSession(id, one('b'));
    const handle = await manager.open(id);
    await changing;
    expect((await store.read(id)).owner?.alive).toBe(true);
    expect((await handle.run()).status).toBe('completed');
    await manager.dispose();
  });

  test('changes neither a group that another process runs (I12) nor an archived one', async () => {
    const { store, manager, id } = await kept(one('a'));
    const other = await openSessionGroup(id, { store });
    await expect(manager.addSession(id, one('b'))).rejects.toMatchObject({ code: 'owned_elsewhere' });
    await other.dispose();
    await manager.archive(id);
    await expect(manager.addSession(id, one('b'))).rejects.toMatchObject({ code: 'archived' });
    expect((await store.read(id)).group.revision).toBeUndefined();
  });

  test('takes over the text of a new definition, its templates and its path', async () => {
    const { store, manager, id } = await kept(one('a'));
    const file = join(project, 'next.yaml');
    const text = `version: 1\nname: Next\nconfig: { agent: scripted }\nsessions: [{ id: a, projectPath: ., prompt: do a }]\n`;
    await writeFile(file, text);
    expect(await manager.update(id, file)).toMatchObject({ settings: ['name', 'config.concurrency'] });
    const { group, meta } = await store.read(id);
    expect([group.definition.name, group.sourceFile, meta.name, meta.id]).toEqual(['Next', file, 'Next', id]);
    expect(await manager.update(id, file)).toEqual({ added: [], removed: [], changed: [], settings: [] });
  });

  test('copies the template of a new session, and rereads templates only with a whole definition', async () => {
    const folder = mkdtempSync(join(project, 'templated-'));
    await mkdir(join(folder, 'templates'));
    const text = (when: string) =>
      `---\nname: ask\nvariables: [{ name: what }]\n---\nAsk {{ what }} ${when}.`;
    const template = (when: string) => writeFile(join(folder, 'templates', 'ask.md'), text(when));
    const file = join(folder, 'group.yaml');
    const yaml = (session: string) =>
      writeFile(file, `version: 1\nname: T\nconfig: { agent: scripted }\nsessions: [${session}]\n`);
    await yaml('{ id: a, projectPath: ., prompt: do a }');
    await template('first');
    const store = createMemoryStore();
    const manager = newManager(store);
    const group = await manager.create(file);
    await group.addSession(one('b', { template: 'ask', prompt: undefined, variables: { what: 'this' } }));
    expect(group.group.files?.templates).toEqual({ ask: text('first') });
    await template('again');
    await group.addSession(one('c', { template: 'ask', prompt: undefined, variables: { what: 'that' } }));
    expect(group.group.files?.templates).toEqual({ ask: text('first') });
    const missing = group.addSession(one('d', { template: 'none', prompt: undefined }));
    await expect(missing).rejects.toMatchObject({ code: 'invalid_definition' });
    await yaml(
      '{ id: a, projectPath: ., prompt: do a }, { id: b, projectPath: ., template: ask, variables: { what: it } }',
    );
    expect(await group.update(file)).toEqual({
      added: [],
      removed: ['c'],
      changed: ['b'],
      settings: ['templates'],
    });
    expect((await store.read(group.id)).group.files?.templates).toEqual({ ask: text('again') });
    expect((await group.run()).status).toBe('completed');
    await manager.dispose();
  });

  test('changes a group whose engine died, without starting anything', async () => {
    const store = createMemoryStore();
    const first = newManager(store);
    const hanging = { agent: { kind: 'scripted' as const, steps: [{ hang: true as const }] } };
    const group = await first.create(definition(one('a', hanging), one('b', { dependsOn: ['a'] })));
    const started = new Promise<void>(resolve => {
      group.events$.subscribe(event => event.type === 'session_started' && resolve());
    });
    group.run().catch(() => {});
    await started;
    store.crash(group.id);
    const manager = newManager(store);
    expect(await manager.addSession(group.id, one('c'))).toMatchObject({ added: ['c'] });
    await expect(
      manager.removeSession(group.id, 'b').then(() => manager.updateSession(group.id, 'a', {})),
    ).resolves.toEqual({ added: [], removed: [], changed: [], settings: [] });
    await expect(manager.updateSession(group.id, 'a', { prompt: 'x' })).rejects.toThrow('a is in play');
    expect((await manager.get(group.id)).status).toBe('interrupted');
    expect(await manager.getGroupStatus(group.id)).toMatchObject({ totalSessions: 2, pending: 1 });
  });
});
