import assert from 'node:assert/strict';
import type { Journal } from '../../sdk/group/journal/journal.ts';
import type { JournalRecord } from '../../sdk/group/journal/records.ts';
import type { StoreConformanceCase } from './conformance-case.ts';
import { history, newGroup } from './sample-group.ts';

/** What is left of records that nobody has waited for: a synchronous journal has written them all. */
export const asynchronousCases: readonly StoreConformanceCase[] = [
  {
    name: 'STORE-3 records that are appended while others are being written are written in the order of the calls',
    async run({ store }) {
      const { group, journal, release } = await store.create(newGroup());
      const all = [...history(group.id), ...messages(group.id, 4, 60)];
      await Promise.all(all.map(record => journal.append(record)));
      assert.deepEqual((await store.read(group.id)).records, all);
      await release();
      const taken = await store.take(group.id);
      assert.deepEqual(taken.records, all);
      await taken.release();
    },
  },
  {
    name: 'STORE-3 a record and all those before it can be read as soon as it is written',
    async run({ store }) {
      const { group, journal, release } = await store.create(newGroup());
      const all = [...history(group.id), ...messages(group.id, 4, 12)];
      const read: Promise<void>[] = [];
      const isThere = async (index: number): Promise<void> => {
        const { records } = await store.read(group.id);
        assert.ok(records.length > index, `record ${index} is written, and ${records.length} can be read`);
        assert.deepEqual(records, all.slice(0, records.length));
      };
      for (const [index, record] of all.entries()) {
        const written = Promise.resolve(journal.append(record));
        read.push(written.then(() => isThere(index)));
      }
      await Promise.all(read);
      await release();
    },
  },
  {
    name: 'STORE-3 a release writes what is pending',
    async run({ store }) {
      const { group, journal, release } = await store.create(newGroup());
      const all = history(group.id);
      const written = all.map(record => Promise.resolve(journal.append(record)));
      await release();
      assert.deepEqual((await store.read(group.id)).records, all);
      await Promise.all(written);
    },
  },
  {
    name: 'STORE-3 of an owner that dies while it writes, the journal has all that was written, and no gap',
    async run({ store, killOwner, reopen }) {
      const { group, journal } = await store.create(newGroup());
      const all = [...history(group.id), ...messages(group.id, 4, 60)];
      for (const record of all.slice(0, 3)) await journal.append(record);
      for (const record of all.slice(3)) Promise.resolve(journal.append(record)).catch(() => {});
      await killOwner(group.id);
      const heirs = (await reopen?.()) ?? store;
      const next = await heirs.take(group.id);
      const left = next.records.length;
      assert.ok(left >= 3, `${left} of 3 records are left that were written`);
      assert.deepEqual(next.records, all.slice(0, left));
      const [more] = messages(group.id, nextSeq(next.records), 1);
      assert.ok(more);
      await next.journal.append(more);
      await next.release();
      assert.deepEqual((await heirs.read(group.id)).records, [...all.slice(0, left), more]);
    },
  },
  {
    name: 'STORE-3 a record that is refused leaves nothing, and none that was appended after it is written',
    async run({ store, refuseNext }) {
      if (!refuseNext) return;
      const { group, journal, release } = await store.create(newGroup());
      const all = history(group.id);
      for (const record of all.slice(0, 2)) await journal.append(record);
      await refuseNext(group.id);
      const [next, ...rest] = all.slice(2);
      const refused = attempt(journal, next);
      // Nothing is appended behind one that was refused at once.
      const behind = refused.isLater ? rest.map(record => attempt(journal, record)) : [];
      for (const { answer } of [refused, ...behind]) await assert.rejects(answer);
      assert.deepEqual((await store.read(group.id)).records, all.slice(0, 2));
      await release();
    },
  },
  {
    name: 'STORE-3 after a recovery, what was refused can be appended again',
    async run({ store, refuseNext }) {
      if (!refuseNext) return;
      const { group, journal, release } = await store.create(newGroup());
      const all = history(group.id);
      await journal.append(all[0] as JournalRecord);
      await refuseNext(group.id);
      await assert.rejects(async () => journal.append(all[1] as JournalRecord));
      await journal.recover?.();
      await Promise.all(all.slice(1).map(record => journal.append(record)));
      await release();
      assert.deepEqual((await store.read(group.id)).records, all);
    },
  },
];

/** Whether it is refused at once, and what comes of it. */
function attempt(journal: Journal, record: JournalRecord | undefined) {
  try {
    const answer = Promise.resolve(record && journal.append(record));
    answer.catch(() => {});
    return { isLater: true, answer };
  } catch (error) {
    return { isLater: false, answer: Promise.reject(error) };
  }
}

const nextSeq = (records: readonly JournalRecord[]): number =>
  1 + Math.max(-1, ...records.flatMap(record => ('seq' in record ? [record.seq] : [])));

const messages = (groupId: string, from: number, count: number): JournalRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    type: 'session_message',
    ...{ seq: from + index, time: '2031-02-03T04:05:09.000Z', groupId, sessionId: 'first' },
    ...{ role: 'assistant', text: `message ${from + index}` },
  }));
