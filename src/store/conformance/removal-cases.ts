import assert from 'node:assert/strict';
import { GroupOwnedError } from '../../sdk/group/store/store.ts';
import type { StoreConformanceCase } from './conformance-case.ts';
import { head, newGroup } from './sample-group.ts';

/** STORE-4: a group is removed as a whole, and only while it has no live owner. */
export const removalCases: readonly StoreConformanceCase[] = [
  {
    name: 'STORE-4 a removed group is no longer found by id, prefix or slug, and its id may be reused',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      owned.sessionDir('first');
      await owned.journal.append(...head(id));
      await owned.release();
      assert.equal(await store.remove('demo'), id);
      assert.deepEqual(await store.list({ archived: true }), []);
      for (const word of [id, 'demo', id.slice(0, 12)]) {
        await assert.rejects(store.read(word), { code: 'unknown_group' });
        await assert.rejects(store.take(word), { code: 'unknown_group' });
        await assert.rejects(store.remove(word), { code: 'unknown_group' });
      }
      await (await store.create(newGroup())).release();
      assert.deepEqual((await store.read('demo')).records, []);
    },
  },
  {
    name: 'STORE-4 a group cannot be removed while its owner is alive, and can be once the owner has died',
    async run({ store, killOwner }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      await assert.rejects(store.remove(id), error => error instanceof GroupOwnedError);
      await owned.journal.append(...head(id));
      assert.deepEqual((await store.read(id)).records, head(id));
      await killOwner(id);
      assert.equal(await store.remove(id), id);
      assert.deepEqual(await store.list(), []);
    },
  },
  {
    name: 'STORE-4 what is to be done before a removal is done while the group is there and owned; if it fails, it stays',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      await assert.rejects(
        store.remove(id, {}, () => Promise.reject(new Error('not now'))),
        error => error instanceof GroupOwnedError,
      );
      await owned.release();
      await assert.rejects(
        store.remove(id, {}, () => Promise.reject(new Error('not now'))),
        { message: 'not now' },
      );
      let owner: string | undefined;
      const look = async (): Promise<void> => {
        owner = (await store.read(id)).group.id;
        await assert.rejects(store.take(id), error => error instanceof GroupOwnedError);
      };
      assert.equal(await store.remove(id, {}, look), id);
      assert.equal(owner, id);
    },
  },
  {
    name: 'STORE-4 each of many concurrent removals either removes the group or fails with a reason',
    async run({ store }) {
      const owned = await store.create(newGroup());
      await owned.release();
      const tries = await Promise.allSettled([1, 2, 3].map(() => store.remove(owned.group.id)));
      assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
    },
  },
];
