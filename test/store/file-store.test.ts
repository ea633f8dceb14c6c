// @module-tag processes
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { renderList } from '../../src/cli/show/list-text.ts';
import { type Disk, systemDisk } from '../../src/sdk/disk/disk.ts';
import { parseDefinition } from '../../src/sdk/group/definition/definition.ts';
import { FORMAT } from '../../src/sdk/group/journal/format.ts';
import { META_DAMAGED } from '../../src/sdk/group/store/group-meta.ts';
import type { NewGroup } from '../../src/sdk/group/store/store.ts';
import { configDir, dataDir } from '../../src/sdk/user-folders.ts';
import { createFileStore, fileStore } from '../../src/store/file-store.ts';
import { thisMachine } from '../../src/store/machine.ts';
import { program, run } from '../sdk/process/process-fixture.ts';
import { compiledSources } from '../sdk/session/compiled-sources.ts';
import { makeReadOnly } from './read-only.ts';
import { records } from './records.ts';

const folder = (): string => mkdtempSync(join(tmpdir(), 'sg-store-'));
const CREATED = Date.UTC(2026, 0, 2, 3, 4, 5);

async function newGroup(changes: Partial<NewGroup> = {}): Promise<NewGroup> {
  const { definition } = await parseDefinition({
    version: 1,
    name: 'Demo',
    config: { agent: { kind: 'command', command: ['true'] }, retry: { initialInterval: '7s' } },
    sessions: [
      {
        id: 'shared-lib',
        projectPath: tmpdir(),
        prompt: 'Do {{ what }}',
        variables: { what: ['x', 1, null] },
      },
      {
        id: 'app',
        projectPath: tmpdir(),
        prompt: 'Go',
        dependsOn: ['shared-lib'],
        agent: 'scripted',
        priority: 2,
      },
    ],
  });
  return { slug: 'demo', createdAt: CREATED, definition, ...changes };
}

describe('a group on disk', () => {
  test('has the specified files, readable by this user only (spec-session-groups.md §12)', async () => {
    const dir = folder();
    const store = createFileStore({ dataDir: dir });
    const source = { file: '/home/me/group.yml', text: 'version: 1 # as written\n' };
    const owned = await store.create(await newGroup({ source }));
    const path = join(dir, 'groups', '20260102-030405-demo');
    expect(owned.dir).toBe(path);
    expect(owned.sessionDir('app')).toBe(join(path, 'sessions', '002-app'));
    expect(owned.sessionDir('shared-lib')).toBe(join(path, 'sessions', '001-shared-lib'));
    const files = ['definition.json', 'definition.source.yaml', 'journal.ndjson', 'meta.json', 'owner.json'];
    expect(readdirSync(path).sort()).toEqual([...files, 'sessions']);
    for (const file of files) expect([file, statSync(join(path, file)).mode & 0o777]).toEqual([file, 0o600]);
    for (const name of ['', 'sessions', 'sessions/002-app', '..']) {
      expect([name, statSync(join(path, name)).mode & 0o777]).toEqual([name, 0o700]);
    }
    expect(readFileSync(join(path, 'definition.source.yaml'), 'utf8')).toBe(source.text);
    await owned.release();
    expect(readdirSync(path)).not.toContain('owner.json');
  });

  test('its stored definition is self-contained: reloading gives the same one', async () => {
    const store = createFileStore({ dataDir: folder() });
    const given = await newGroup();
    const { group, dir = '', release } = await store.create(given);
    const text = readFileSync(join(dir, 'definition.json'), 'utf8');
    expect((await parseDefinition(JSON.parse(text))).definition).toEqual(given.definition);
    expect((await store.read(group.id)).group.definition).toEqual(given.definition);
    await release();
  });

  test('a session keeps its folder when its position changes', async () => {
    const {
      dir = '',
      sessionDir,
      release,
    } = await createFileStore({ dataDir: folder() }).create(await newGroup());
    mkdirSync(join(dir, 'sessions', '007-app'), { recursive: true });
    expect(sessionDir('app')).toBe(join(dir, 'sessions', '007-app'));
    expect(() => sessionDir('../../x')).toThrow(expect.objectContaining({ code: 'unknown_session' }));
    await release();
  });

  test('a failed creation leaves nothing', async () => {
    const dir = folder();
    const store = createFileStore({ dataDir: dir });
    const group = await newGroup();
    const sessions = group.definition.sessions.map(session => ({ ...session, variables: { big: 1n } }));
    await expect(
      store.create({ ...group, definition: { ...group.definition, sessions } }),
    ).rejects.toMatchObject({
      code: 'definition_not_storable',
    });
    await expect(store.create({ ...group, slug: '../up' })).rejects.toMatchObject({ code: 'invalid_slug' });
    expect(readdirSync(join(dir, 'groups'))).toEqual([]);
  });
});

describe('damage', () => {
  const damaged = async (file: string, text: string | undefined) => {
    const store = createFileStore({ dataDir: folder() });
    const { group, dir = '', release } = await store.create(await newGroup());
    await release();
    const path = join(dir, file);
    if (text === undefined) rmSync(path);
    else writeFileSync(path, text);
    return {
      store,
      id: group.id,
      path,
      text: () => (existsSync(path) ? readFileSync(path, 'utf8') : undefined),
    };
  };

  test.each([
    ['missing', undefined, { name: 'demo', status: 'created', totalCostUsd: 0 }],
    ['no JSON', '{"id":', { name: 'demo', status: 'created', totalCostUsd: 0 }],
    [
      'of an unknown status',
      '{"name":"Demo","status":"new","totalCostUsd":3}',
      { name: 'Demo', totalCostUsd: 3 },
    ],
  ])(
    'a meta.json that is %s: the group is listed with what could be read, and can be opened',
    async (_, text, shown) => {
      const { store, id } = await damaged('meta.json', text);
      const createdAt = '2026-01-02T03:04:05.000Z';
      const expected = { ...shown, id, slug: 'demo', reason: META_DAMAGED, createdAt };
      expect(await store.list()).toEqual([expect.objectContaining(expected)]);
      const owned = await store.take('demo');
      expect(owned.group.definition.name).toBe('Demo');
      expect(owned.group.createdAt).toBe(createdAt);
      await owned.release();
    },
  );

  test.each(['EACCES', 'EPERM'])(
    'a group that this account may not read (%s) is listed as that',
    async code => {
      const refuse = (path: string): never => {
        throw Object.assign(new Error(`${code}: permission denied, open '${path}'`), {
          code,
          syscall: 'open',
        });
      };
      const dataDir = folder();
      const theirs = createFileStore({ dataDir });
      const { group, release } = await theirs.create(await newGroup());
      await release();
      const disk: Disk = {
        ...systemDisk,
        open: (path, how) => (path.includes(group.id) ? refuse(path) : systemDisk.open(path, how)),
      };
      const store = fileStore({ disk, machine: thisMachine, format: FORMAT }, { dataDir });
      const [listed] = await store.list();
      expect(listed).toMatchObject({ id: group.id, reason: META_DAMAGED });
      expect(listed?.unreadable).toMatch(/^cannot be read: no permission; .*let this one read /);
      const { name = '', createdAt = '' } = listed ?? {};
      const shown = renderList(listed ? [listed] : [], {
        color: false,
        unicode: true,
        now: Date.parse(createdAt),
      });
      expect(shown).toContain('unreadable');
      expect(shown).not.toContain('damaged');
      expect(
        shown
          .split('\n')
          .slice(1, -1)
          .map(line => line.trim().split('  ').at(-1)),
      ).toEqual([name, listed?.unreadable]);
      await expect(store.read(group.id)).rejects.toMatchObject({
        code: 'store_read_only',
        hint: expect.stringContaining('readable'),
      });
      expect((await theirs.list()).map(({ unreadable }) => unreadable)).toEqual([undefined]);
    },
  );

  test.each([
    ['definition.json', undefined, 'definition_damaged'],
    ['definition.json', '{', 'definition_damaged'],
    ['definition.json', '{"version":1}', 'definition_damaged'],
    ['journal.ndjson', '{}\n{}\n', 'journal_damaged'],
  ])(
    'a %s that contains %s is refused, left unchanged, and nobody owns the group',
    async (file, damage, code) => {
      const { store, id, text } = await damaged(file, damage);
      await expect(store.read(id)).rejects.toMatchObject({ code });
      await expect(store.take(id)).rejects.toMatchObject({ code });
      expect(text()).toBe(damage);
      expect(await store.list()).toHaveLength(1);
      await expect(store.take(id)).rejects.toMatchObject({ code });
    },
  );

  test('a torn last line is removed by the next owner, and not by a reader (STORE-2, STORE-3)', async () => {
    const { store, id, path } = await damaged('meta.json', undefined);
    const journal = join(path, '..', 'journal.ndjson');
    const whole = readFileSync(journal, 'utf8');
    appendFileSync(journal, '{"type":"group_st');
    expect((await store.read(id)).records).toEqual([]);
    expect(readFileSync(journal, 'utf8')).not.toBe(whole);
    await (await store.take(id)).release();
    expect(readFileSync(journal, 'utf8')).toBe(whole);
  });

  test.each([
    ['is empty', 0],
    ['has only its beginning', 1],
    ['lacks its last records', 20],
  ])('a journal that %s although more was written is refused, with the last known state', async (_, kept) => {
    const store = createFileStore({ dataDir: folder() });
    const owned = await store.create(await newGroup());
    const { id } = owned.group;
    for (const record of records(40, id)) void owned.journal.append(record);
    void owned.saveMeta({
      ...(await store.read(id)).meta,
      status: 'running',
      counts: { total: 2, completed: 1 },
    });
    await owned.release();
    const path = join(owned.dir ?? '', 'journal.ndjson');
    const before = readFileSync(path, 'utf8')
      .split('\n')
      .slice(0, kept)
      .map(line => `${line}\n`)
      .join('');
    writeFileSync(path, before);
    const refused = { code: 'journal_damaged', message: expect.stringContaining('running, 1 completed') };
    await expect(store.read(id)).rejects.toMatchObject(refused);
    await expect(store.take(id)).rejects.toMatchObject(refused);
    expect(readFileSync(path, 'utf8')).toBe(before);
    expect(await store.list()).toMatchObject([{ id, status: 'running', counts: { completed: 1 } }]);
    expect(await store.remove(id)).toBe(id);
  });

  test('an unreadable owner.json does not prevent reading', async () => {
    const { store, id } = await damaged('owner.json', 'x');
    const { owner, ownerUnreadable } = await store.read(id);
    expect(owner).toBeUndefined();
    expect(ownerUnreadable).toMatch(/owner\.json is not a valid owner record$/);
    await expect(store.take(id)).rejects.toMatchObject({ code: 'owner_unreadable' });
  });
});

describe('a folder that cannot be used', () => {
  test('a file in its place: a typed error, for every verb', async () => {
    const dir = folder();
    writeFileSync(join(dir, 'groups'), '');
    const store = createFileStore({ dataDir: dir });
    const told = { name: 'SessionGroupsError', code: 'store_io', message: expect.stringContaining(dir) };
    await expect(store.create(await newGroup())).rejects.toMatchObject(told);
    await expect(store.list()).rejects.toMatchObject(told);
    await expect(store.read('x')).rejects.toMatchObject(told);
  });

  test('read-only: a typed error', async () => {
    const dir = folder();
    const restore = makeReadOnly(dir);
    try {
      const created = createFileStore({ dataDir: dir }).create(await newGroup());
      await expect(created).rejects.toMatchObject({ code: 'store_read_only' });
    } finally {
      restore();
    }
  });

  test('a folder that does not exist yet has no groups', async () => {
    expect(await createFileStore({ dataDir: join(folder(), 'none') }).list()).toEqual([]);
  });
});

describe('many processes', () => {
  let modules = '';
  beforeAll(() => {
    modules = compiledSources('src/store/file-store.ts');
  });
  afterAll(() => rmSync(modules, { recursive: true, force: true }));

  test('a file system that cannot create folders is an error, not an endless loop', () => {
    const creating = [program('store-user.mjs'), modules, '/proc/session-groups', 'create', '1'];
    const { signal, stderr } = spawnSync(process.execPath, creating, { timeout: 60_000, encoding: 'utf8' });
    expect(signal).toBeNull();
    expect(stderr).toContain('cannot use /proc/session-groups');
  });

  test('concurrent creators do not collide, and all get whole groups', async () => {
    const dir = folder();
    const creators = [1, 2, 3, 4].map(() => run('store-user.mjs', [modules, dir, 'create', '25']));
    await Promise.all(creators.map(child => child.exited));
    const ids = creators.flatMap(child => child.lines);
    expect(new Set(ids).size).toBe(100);
    const listed = await createFileStore({ dataDir: dir }).list();
    expect(listed.filter(meta => meta.reason === META_DAMAGED)).toEqual([]);
    expect(listed.map(meta => meta.id).sort()).toEqual(ids.sort());
  });

  test('a killed owner leaves a group that can be read and taken over; a killed creator leaves nothing in the list', async () => {
    const dir = folder();
    spawnSync(process.execPath, [program('store-user.mjs'), modules, dir, 'die-as-owner']);
    const store = createFileStore({ dataDir: dir });
    expect(await store.read('demo')).toMatchObject({ owner: { alive: false }, meta: { status: 'running' } });
    const making = join(dir, 'groups', '.creating-1');
    mkdirSync(making);
    writeFileSync(
      join(making, 'owner.json'),
      readFileSync(join(dir, 'groups', '20260102-030405-demo', 'owner.json')),
    );
    expect(await store.list()).toHaveLength(1);
    await (await store.create(await newGroup())).release();
    expect(readdirSync(join(dir, 'groups')).sort()).toEqual([
      '20260102-030405-demo',
      '20260102-030405-demo-2',
    ]);
    await (await store.take('20260102-030405-demo')).release();
  });
});

test('the folders of data and configuration', () => {
  expect(dataDir({ SESSION_GROUPS_DATA_DIR: '/some/where' })).toBe('/some/where');
  expect(dataDir({ SESSION_GROUPS_DATA_DIR: 'here' })).toBe(join(process.cwd(), 'here'));
  expect(configDir({ SESSION_GROUPS_CONFIG_DIR: '/conf' })).toBe('/conf');
  const xdg = process.env.XDG_DATA_HOME ?? join(homedir(), '.local', 'share');
  if (process.platform === 'linux')
    expect(dataDir({ SESSION_GROUPS_DATA_DIR: '' })).toBe(join(xdg, 'session-groups'));
});
