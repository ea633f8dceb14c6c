import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { main } from '../../src/cli/main.ts';
import { definition, FakeGroup, FakeIo, fakeServices } from './fakes.ts';
import { openWorkshop, session, type Workshop } from './workshop.ts';

/** Verbs that archive and delete saved groups, and reading the sessions of such groups. */

const terminal = { columns: 80, rows: 24 };

async function world(terminals = false, yes = false) {
  const services = fakeServices(new FakeGroup(), { confirm: async () => yes });
  const store = await services.openStore({});
  const owned = await store.create({
    slug: 'demo',
    createdAt: Date.UTC(2025, 0, 1),
    definition: definition(),
  });
  const { id } = owned.group;
  const { meta } = await store.read(id);
  const cli = async (...argv: string[]) => {
    const io = new FakeIo(terminals ? { terminal } : {});
    const code = await main(argv, io, services);
    return { code, out: io.stdout.text, err: io.stderr.text };
  };
  return { cli, store, owned, id, meta };
}

describe('group archive', () => {
  it('hides a group from lists, unless --archived is given', async () => {
    const { cli, owned, id } = await world();
    await owned.release();
    expect(await cli('group', 'archive', 'demo')).toEqual({ code: 0, out: `Archived ${id}\n`, err: '' });
    expect((await cli('group', 'list', '--json')).out).toBe('');
    expect((await cli('group', 'list', '--archived', '--json')).out).toContain('archivedAt');
  });

  it('begins the journal of a group whose creator died before it could', async () => {
    const { cli, store, owned, id } = await world();
    await owned.release();
    await cli('group', 'archive', 'demo');
    const { records } = await store.read(id);
    expect([...records].filter(({ type }) => !type.startsWith('_'))).toMatchObject([
      { type: 'group_created', seq: 0, name: definition().name },
      { type: 'group_archived', seq: 1 },
    ]);
  });

  it('is refused with exit 5 while a process owns the group', async () => {
    const { cli } = await world();
    expect((await cli('group', 'archive', 'demo')).code).toBe(5);
  });
});

describe('group delete', () => {
  it('requires --force without a terminal', async () => {
    const { cli, owned, store } = await world();
    await owned.release();
    expect(await cli('group', 'delete', 'demo')).toMatchObject({
      code: 2,
      err: expect.stringContaining('Confirm with --force'),
    });
    expect(await store.list()).toHaveLength(1);
  });

  it.each([
    [true, 0],
    [false, 1],
  ])('asks for confirmation on a terminal; %s leaves %i groups', async (yes, left) => {
    const { cli, owned, store } = await world(true, yes);
    await owned.release();
    expect((await cli('group', 'delete', 'demo')).code).toBe(0);
    expect(await store.list()).toHaveLength(left);
  });

  it('deletes a group without an owner with --force, and refuses an owned one with exit 5', async () => {
    const { cli, owned, store, id } = await world();
    expect((await cli('group', 'delete', id, '--force')).code).toBe(5);
    await owned.release();
    const { code, out } = await cli('group', 'delete', 'demo', '--force', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, { type: 'deleted', groupId: id }]);
    expect(await store.list()).toEqual([]);
  });
});

describe('group prune', () => {
  it('deletes groups that settled long ago, and only lists them with --dry-run', async () => {
    const { cli, owned, store, id, meta } = await world();
    void owned.saveMeta({ ...meta, status: 'completed' });
    await owned.release();
    expect((await cli('group', 'prune', '--older-than', '9999d')).out).toBe('');
    const dry = await cli('group', 'prune', '--older-than', '30d', '--dry-run');
    expect(dry).toEqual({ code: 0, out: `${id}\n`, err: '1 group would be deleted.\n' });
    expect(await store.list()).toHaveLength(1);
    expect((await cli('group', 'prune', '--older-than', '30d')).err).toBe('1 group deleted.\n');
    expect(await store.list()).toEqual([]);
    expect((await cli('group', 'prune', '--older-than', 'soon')).code).toBe(2);
  });

  it('keeps groups that have not settled or are open in a process', async () => {
    const { cli, owned, store, meta } = await world();
    await cli('group', 'prune', '--older-than', '1d');
    void owned.saveMeta({ ...meta, status: 'failed' });
    expect((await cli('group', 'prune', '--older-than', '1d')).out).toBe('');
    expect(await store.list()).toHaveLength(1);
  });
});

describe('over files', () => {
  let shop: Workshop;
  beforeEach(async () => {
    shop = await openWorkshop();
  });
  afterEach(() => shop.close());

  it('reads a settled session, archives its group, and deletes it even if it is damaged', async () => {
    const steps =
      "{ text: 'looking\\naround' }, { tool: Bash, duration: 5ms }, { cost: 0.25 }, { result: all done }";
    const file = await shop.group(session('a', steps));
    expect(await shop.finished('run', file)).toMatchObject({ code: 0 });
    const [logs, lines] = await Promise.all([
      shop.finished('session', 'logs', 'demo', 'a'),
      shop.finished('session', 'logs', 'demo', 'a', '--json'),
    ]);
    expect(logs.out).toMatch(/started, attempt 1\n/);
    expect(logs.out).toContain('assistant: looking');
    expect(logs.out).toMatch(/tool Bash \(\d+ms\)\n/);
    expect(logs.out).toMatch(/completed in .* for \$0\.25\n +all done\n/);
    expect(lines.lines.at(-1)).toMatchObject({ type: 'session_completed', sessionId: 'a' });
    expect(await shop.finished('group', 'archive', 'demo')).toMatchObject({ code: 0 });
    expect((await shop.finished('group', 'list', '--json')).out).toBe('');
    expect((await shop.finished('group', 'prune', '--older-than', '1d')).err).toBe('0 groups deleted.\n');
    const groups = join(shop.folder, 'data', 'groups');
    const [id = ''] = await readdir(groups);
    await appendFile(join(groups, id, 'journal.ndjson'), 'nonsense\nmore\n');
    expect(await shop.finished('group', 'delete', id)).toMatchObject({ code: 2 });
    expect(await shop.finished('group', 'delete', id, '--force')).toMatchObject({ code: 0 });
    expect(await readdir(groups)).toEqual([]);
  });
});
