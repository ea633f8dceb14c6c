import assert from 'node:assert/strict';
import type { StoreConformanceCase } from './conformance-case.ts';
import { definition, newGroup } from './sample-group.ts';

/** A store assigns ids, keeps a group's definition and files, and finds and lists groups. */
export const listingCases: readonly StoreConformanceCase[] = [
  {
    name: 'a new group is owned, has no records and status "created", and can be read and listed',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { group } = owned;
      assert.match(group.id, /^20310203-040506-demo(-\d+)?$/);
      assert.equal(group.createdAt, '2031-02-03T04:05:06.000Z');
      assert.deepEqual(group.definition, definition);
      assert.deepEqual(owned.records, []);
      const read = await store.read(group.id);
      assert.deepEqual(read.group, group);
      assert.deepEqual(read.records, []);
      assert.equal(read.owner?.alive, true);
      assert.equal(read.meta.status, 'created');
      assert.deepEqual(read.meta.counts, { total: 2, pending: 2 });
      assert.deepEqual(await store.list(), [read.meta]);
      await owned.release();
    },
  },
  {
    name: 'groups created at the same moment get distinct ids',
    async run({ store }) {
      const all = await Promise.all(Array.from({ length: 20 }, () => store.create(newGroup())));
      const ids = new Set(all.map(({ group }) => group.id));
      assert.equal(ids.size, all.length);
      assert.deepEqual(new Set((await store.list()).map(meta => meta.id)), ids);
      await Promise.all(all.map(owned => owned.release()));
    },
  },
  {
    name: 'the files of a group are read back unchanged',
    async run({ store }) {
      const files = {
        templates: { 'team/review': '---\nname: review\n---\n{{ topic }}\n' },
        sharedConfig: { 'CLAUDE.md': 'Be brief. ✓\n', 'commands/check.md': 'run it' },
      };
      const owned = await store.create({ ...newGroup(), files });
      const { id } = owned.group;
      assert.deepEqual(owned.group.files, files);
      await owned.release();
      assert.deepEqual((await store.read(id)).group.files, files);
      const taken = await store.take(id);
      assert.deepEqual(taken.group.files, files);
      await taken.release();
    },
  },
  {
    name: 'the newest group is listed first',
    async run({ store }) {
      for (const hour of [2, 3, 1]) await (await store.create(newGroup({ hour }))).release();
      const created = (await store.list()).map(meta => meta.createdAt);
      assert.deepEqual(created, created.toSorted().reverse());
      assert.equal(created.length, 3);
    },
  },
  {
    name: 'a list shows the saved meta',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { meta } = await store.read(owned.group.id);
      const counts = { total: 2, completed: 1, failed: 1 };
      const saved = {
        ...meta,
        status: 'failed',
        reason: 'sessions_failed',
        counts,
        totalCostUsd: 1.25,
      } as const;
      await owned.saveMeta(saved);
      assert.deepEqual(await store.list(), [saved]);
      assert.deepEqual((await store.read(owned.group.id)).meta, saved);
      await owned.release();
    },
  },
  {
    name: 'an archived group is left out of lists by default, and can still be found and taken',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      const { meta } = await store.read(id);
      const archived = { ...meta, archivedAt: '2031-02-04T00:00:00.000Z' };
      await owned.saveMeta(archived);
      await owned.release();
      assert.deepEqual(await store.list(), []);
      assert.deepEqual(await store.list({ archived: false }), []);
      assert.deepEqual(await store.list({ archived: true }), [archived]);
      assert.deepEqual((await store.read('demo')).meta, archived);
      await (await store.take('demo')).release();
    },
  },
  {
    name: 'a group is found by its id, a prefix of it, or its slug, unless ambiguous',
    async run({ store }) {
      const slugs = ['auth', 'auth-2', 'billing'];
      const ids: string[] = [];
      for (const [hour, slug] of slugs.entries()) {
        const owned = await store.create(newGroup({ slug, hour }));
        ids.push(owned.group.id);
        await owned.release();
      }
      const found = async (...words: string[]) =>
        Promise.all(words.map(async word => (await store.read(word)).group.id));
      assert.deepEqual(await found(...ids), ids);
      assert.deepEqual(await found(...slugs), ids);
      assert.deepEqual(await found('20310203-00', '20310203-010506-a', '20310203-02'), ids);
      await assert.rejects(store.read('2031'), { code: 'ambiguous_group' });
      for (const word of ['', 'bill', '..', '../groups', 'x/y', '/']) {
        await assert.rejects(store.read(word), { code: 'unknown_group' });
        await assert.rejects(store.take(word), { code: 'unknown_group' });
      }
      await (await store.create(newGroup({ slug: 'billing', hour: 9 }))).release();
      await assert.rejects(store.take('billing'), { code: 'ambiguous_group' });
    },
  },
];
