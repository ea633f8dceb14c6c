import assert from 'node:assert/strict';
import { GroupOwnedError } from '../../sdk/group/store/store.ts';
import type { StoreConformanceCase } from './conformance-case.ts';
import { head, history, newGroup } from './sample-group.ts';

/** STORE-1 and STORE-2: one owner writes, anybody reads. */
export const ownershipCases: readonly StoreConformanceCase[] = [
  {
    name: 'STORE-1 a group has one owner; taking it again fails and names the owner',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      await owned.announce('/somewhere/control.sock');
      await assert.rejects(store.take(id), error => {
        assert.ok(error instanceof GroupOwnedError);
        assert.equal(error.code, 'owned_elsewhere');
        assert.equal(error.owner.pid, process.pid);
        assert.equal(error.owner.address, '/somewhere/control.sock');
        return true;
      });
      assert.equal((await store.read(id)).owner?.address, '/somewhere/control.sock');
      await owned.release();
      assert.equal((await store.read(id)).owner, undefined);
      await (await store.take(id)).release();
    },
  },
  {
    name: 'STORE-1 of many concurrent takes of a free group, one succeeds',
    async run({ store }) {
      const first = await store.create(newGroup());
      await first.release();
      const takes = await Promise.allSettled(Array.from({ length: 10 }, () => store.take(first.group.id)));
      assert.equal(takes.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const take of takes) if (take.status === 'fulfilled') await take.value.release();
    },
  },
  {
    name: 'STORE-1 a dead owner is detected and replaced, and nothing it wrote is lost',
    async run({ store, killOwner }) {
      const { group, journal } = await store.create(newGroup());
      for (const record of history(group.id)) await journal.append(record);
      await killOwner(group.id);
      const read = await store.read(group.id);
      assert.equal(read.owner?.alive, false);
      assert.deepEqual(read.records, history(group.id));
      const next = await store.take(group.id);
      assert.deepEqual(next.records, history(group.id));
      await next.release();
    },
  },
  {
    name: 'STORE-2 reading and listing need no ownership and change nothing',
    async run({ store, killOwner }) {
      const { group, journal } = await store.create(newGroup());
      await journal.append(...head(group.id));
      await killOwner(group.id);
      const { history: _, ...before } = await store.read(group.id);
      await store.list();
      const { history: __, ...after } = await store.read(group.id);
      assert.deepEqual(after, before);
      assert.equal((await store.read(group.id)).owner?.alive, false);
    },
  },
  {
    name: 'a released group can no longer be written through its former owner',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      const { meta } = await store.read(id);
      await owned.release();
      await owned.release();
      await assert.rejects(async () => owned.journal.append(...head(id)), { code: 'journal_closed' });
      await owned.saveMeta({ ...meta, status: 'failed' });
      await owned.announce('/late');
      const read = await store.read(id);
      assert.equal(read.meta.status, 'created');
      assert.equal(read.owner, undefined);
      assert.deepEqual(read.records, []);
    },
  },
];
