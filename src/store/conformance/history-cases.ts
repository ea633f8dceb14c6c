import assert from 'node:assert/strict';
import { foldJournal } from '../../sdk/group/journal/fold.ts';
import type { StoreConformanceCase } from './conformance-case.ts';
import { history, newGroup } from './sample-group.ts';

/** STORE-3: appended records are read back whole, in parts, and folded. */
export const historyCases: readonly StoreConformanceCase[] = [
  {
    name: 'STORE-3 readers, the owner and its successors read back appended records in order',
    async run({ store }) {
      const first = await store.create(newGroup());
      const { id } = first.group;
      const all = history(id);
      for (const record of all.slice(0, 3)) await first.journal.append(record);
      await first.journal.synced();
      assert.deepEqual((await store.read(id)).records, all.slice(0, 3));
      assert.deepEqual(await collected(first.history()), all.slice(0, 3));
      assert.deepEqual(first.records, []);
      await first.release();
      const second = await store.take(id);
      assert.deepEqual(second.records, all.slice(0, 3));
      for (const record of all.slice(3)) await second.journal.append(record);
      assert.deepEqual(await collected(second.history()), all);
      await second.release();
      assert.deepEqual((await store.read(id)).records, all);
    },
  },
  {
    name: 'STORE-3 the history streams from any event up to where it ended when requested',
    async run({ store }) {
      const { group, journal, history: historyOf, release } = await store.create(newGroup());
      const all = history(group.id);
      for (const record of all.slice(0, -1)) await journal.append(record);
      const asked = historyOf();
      for (const record of all.slice(-1)) await journal.append(record);
      assert.deepEqual(await collected(asked), all.slice(0, -1));
      const read = await store.read(group.id);
      for (const from of [historyOf, read.history]) {
        assert.deepEqual(await collected(from()), all);
        assert.deepEqual(await collected(from({ fromSeq: 2 })), all.slice(3));
        assert.deepEqual(await collected(from({ fromSeq: 99 })), []);
        for await (const record of from()) {
          assert.deepEqual(record, all[0]);
          break; // a reader may stop early
        }
      }
      await release();
    },
  },
  {
    name: 'STORE-3 a stored fold equals the fold of the records, for readers and the next owner',
    async run({ store }) {
      const first = await store.create(newGroup());
      const all = history(first.group.id);
      for (const record of all) await first.journal.append(record);
      const expected = foldJournal(all);
      const live = await store.read(first.group.id);
      if (live.fold) assert.deepEqual(live.fold, expected);
      await first.release();
      const second = await store.take(first.group.id);
      if (second.fold) assert.deepEqual(second.fold, expected);
      assert.deepEqual(second.records, all);
      await second.release();
    },
  },
];

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
