import assert from 'node:assert/strict';
import type { GroupEvent } from '../sdk/group/events.ts';
import type { JournalRecord } from '../sdk/group/journal.ts';
import { foldJournal } from '../sdk/group/journal-fold.ts';
import { GroupOwnedError, type GroupStore, type NewGroup } from '../sdk/group/store.ts';
import { SessionGroupDefinition } from '../sdk/group/types.ts';

/** What an implementation brings along to be tested: an empty store. */
export interface StoreFixture {
  readonly store: GroupStore;
  /** Makes the owner of the group look dead, as after `kill -9`. */
  killOwner(id: string): void;
}

export interface StoreConformanceCase {
  readonly name: string;
  run(fixture: StoreFixture): Promise<void>;
}

/** Runs every case under the given `test` of any framework, each with a fixture of its own. */
export function storeConformance(
  name: string,
  makeFixture: () => StoreFixture,
  { test }: { readonly test: (name: string, run: () => Promise<void>) => unknown },
): void {
  for (const one of storeConformanceCases) test(`${name}: ${one.name}`, () => one.run(makeFixture()));
}

/** The rules of the port (T1 to T5 in store.ts), as cases that throw when a store breaks one. */
export const storeConformanceCases: readonly StoreConformanceCase[] = [
  {
    name: 'a new group is owned, empty and created, and can be read and listed',
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
    name: 'groups of one moment get ids of their own, however many are created at once',
    async run({ store }) {
      const all = await Promise.all(Array.from({ length: 20 }, () => store.create(newGroup())));
      const ids = new Set(all.map(({ group }) => group.id));
      assert.equal(ids.size, all.length);
      assert.deepEqual(new Set((await store.list()).map(meta => meta.id)), ids);
      await Promise.all(all.map(owned => owned.release()));
    },
  },
  {
    name: 'the files that a group brings along are read back as they were',
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
    name: 'T1 a group has one owner; who else wants it is told whose it is',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      owned.announce('/somewhere/control.sock');
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
    name: 'T1 of many that take a free group at once, one gets it',
    async run({ store }) {
      const first = await store.create(newGroup());
      await first.release();
      const takes = await Promise.allSettled(Array.from({ length: 10 }, () => store.take(first.group.id)));
      assert.equal(takes.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const take of takes) if (take.status === 'fulfilled') await take.value.release();
    },
  },
  {
    name: 'T1 a dead owner is seen as dead and succeeded, and nothing of what it wrote is lost',
    async run({ store, killOwner }) {
      const { group, journal } = await store.create(newGroup());
      for (const record of history(group.id)) journal.append(record);
      killOwner(group.id);
      const read = await store.read(group.id);
      assert.equal(read.owner?.alive, false);
      assert.deepEqual(read.records, history(group.id));
      const next = await store.take(group.id);
      assert.deepEqual(next.records, history(group.id));
      await next.release();
    },
  },
  {
    name: 'T2 reading and listing need no ownership and change nothing',
    async run({ store, killOwner }) {
      const { group, journal } = await store.create(newGroup());
      journal.append(...head(group.id));
      killOwner(group.id);
      const { history: _, ...before } = await store.read(group.id);
      await store.list();
      const { history: __, ...after } = await store.read(group.id);
      assert.deepEqual(after, before);
      assert.equal((await store.read(group.id)).owner?.alive, false);
    },
  },
  {
    name: 'T3 what owners appended is read back in order, by readers, the owner and its successors',
    async run({ store }) {
      const first = await store.create(newGroup());
      const { id } = first.group;
      const all = history(id);
      for (const record of all.slice(0, 3)) first.journal.append(record);
      await first.journal.synced();
      assert.deepEqual((await store.read(id)).records, all.slice(0, 3));
      assert.deepEqual(await collected(first.history()), all.slice(0, 3));
      assert.deepEqual(first.records, []);
      await first.release();
      const second = await store.take(id);
      assert.deepEqual(second.records, all.slice(0, 3));
      for (const record of all.slice(3)) second.journal.append(record);
      assert.deepEqual(await collected(second.history()), all);
      await second.release();
      assert.deepEqual((await store.read(id)).records, all);
    },
  },
  {
    name: 'T3 the history can be read bit by bit, from any event on, as far as it had come when it was asked for',
    async run({ store }) {
      const { group, journal, history: historyOf, release } = await store.create(newGroup());
      const all = history(group.id);
      for (const record of all.slice(0, -1)) journal.append(record);
      const asked = historyOf();
      for (const record of all.slice(-1)) journal.append(record);
      assert.deepEqual(await collected(asked), all.slice(0, -1));
      const read = await store.read(group.id);
      for (const from of [historyOf, read.history]) {
        assert.deepEqual(await collected(from()), all);
        assert.deepEqual(await collected(from({ fromSeq: 2 })), all.slice(3));
        assert.deepEqual(await collected(from({ fromSeq: 99 })), []);
        for await (const record of from()) {
          assert.deepEqual(record, all[0]);
          break; // whoever has enough leaves
        }
      }
      await release();
    },
  },
  {
    name: 'T3 a fold that is kept is what the records come to, for the owner, readers and successors',
    async run({ store }) {
      const first = await store.create(newGroup());
      const all = history(first.group.id);
      for (const record of all) first.journal.append(record);
      const expected = foldJournal(all);
      if (first.fold) assert.deepEqual(first.fold, expected);
      const live = await store.read(first.group.id);
      if (live.fold) assert.deepEqual(live.fold, expected);
      await first.release();
      const second = await store.take(first.group.id);
      if (second.fold) assert.deepEqual(second.fold, expected);
      assert.deepEqual(second.records, all);
      await second.release();
    },
  },
  {
    name: 'who has released a group writes no more to it',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      const { meta } = await store.read(id);
      await owned.release();
      await owned.release();
      assert.throws(() => owned.journal.append(...head(id)), { code: 'journal_closed' });
      owned.saveMeta({ ...meta, status: 'failed' });
      owned.announce('/late');
      const read = await store.read(id);
      assert.equal(read.meta.status, 'created');
      assert.equal(read.owner, undefined);
      assert.deepEqual(read.records, []);
    },
  },
  {
    name: 'a saved meta is what a list shows',
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
      owned.saveMeta(saved);
      assert.deepEqual(await store.list(), [saved]);
      assert.deepEqual((await store.read(owned.group.id)).meta, saved);
      await owned.release();
    },
  },
  {
    name: 'an archived group is left out of lists unless asked for, and is found and taken as before',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      const { meta } = await store.read(id);
      const archived = { ...meta, archivedAt: '2031-02-04T00:00:00.000Z' };
      owned.saveMeta(archived);
      await owned.release();
      assert.deepEqual(await store.list(), []);
      assert.deepEqual(await store.list({ archived: false }), []);
      assert.deepEqual(await store.list({ archived: true }), [archived]);
      assert.deepEqual((await store.read('demo')).meta, archived);
      await (await store.take('demo')).release();
    },
  },
  {
    name: 'T4 a removed group is gone, for all words that named it, and its name may be given again',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      owned.sessionDir('first');
      owned.journal.append(...head(id));
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
    name: 'T4 a group is not removed while its owner lives, and is once that has died',
    async run({ store, killOwner }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      await assert.rejects(store.remove(id), error => error instanceof GroupOwnedError);
      owned.journal.append(...head(id));
      assert.deepEqual((await store.read(id)).records, head(id));
      killOwner(id);
      assert.equal(await store.remove(id), id);
      assert.deepEqual(await store.list(), []);
    },
  },
  {
    name: 'T4 of many that remove a group at once, each removes it or is told why not',
    async run({ store }) {
      const owned = await store.create(newGroup());
      await owned.release();
      const tries = await Promise.allSettled([1, 2, 3].map(() => store.remove(owned.group.id)));
      assert.equal(tries.filter(({ status }) => status === 'fulfilled').length, 1);
    },
  },
  {
    name: 'T5 a new definition holds once the journal names it, for readers and the next owner',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      const files = { templates: { review: 'Look at {{ it }}.' }, sharedConfig: {} };
      const source = { file: '/projects/demo.yaml', text: 'name: Demo' };
      const next = owned.redefine(1, { definition: larger, files, source });
      assert.deepEqual(next, {
        ...owned.group,
        definition: larger,
        files,
        sourceFile: source.file,
        revision: 1,
      });
      assert.deepEqual((await store.read(id)).group, owned.group);
      owned.journal.append(...updated(id, 0, 1));
      assert.deepEqual((await store.read(id)).group, next);
      const last = owned.redefine(2, { definition, source: { file: source.file } });
      assert.deepEqual((await store.read(id)).group, next);
      owned.journal.append(...updated(id, 1, 2));
      await owned.release();
      const { group, records } = await store.read(id);
      assert.deepEqual([group, records.length], [last, 2]);
      assert.deepEqual([group.definition, group.revision, group.sourceFile], [definition, 2, source.file]);
      const taken = await store.take(id);
      assert.deepEqual(taken.group, last);
      await taken.release();
    },
  },
  {
    name: 'T5 a definition that the journal never named is forgotten, and its number is given again',
    async run({ store, killOwner }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      owned.redefine(1, { definition: larger });
      killOwner(id);
      const taken = await store.take(id);
      assert.deepEqual(taken.group.definition, definition);
      taken.redefine(1, { definition: { ...larger, name: 'Demo 2' } });
      taken.redefine(1, { definition: { ...larger, name: 'Demo 3' } });
      taken.journal.append(...updated(id, 0, 1));
      await taken.release();
      assert.equal((await store.read(id)).group.definition.name, 'Demo 3');
      assert.throws(() => taken.redefine(2, { definition }), { code: 'journal_closed' });
    },
  },
  {
    name: 'a group is found by its id, the beginning of it, or its slug, if only one is meant',
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

const definition = SessionGroupDefinition.parse({
  version: 1,
  name: 'Demo',
  description: 'Two sessions',
  sessions: [
    { id: 'first', projectPath: '/projects/one', prompt: 'Do it.' },
    { id: 'second', projectPath: '/projects/two', prompt: 'Go on.', dependsOn: ['first'], estimate: '5m' },
  ],
});

const larger = SessionGroupDefinition.parse({
  ...definition,
  sessions: [...definition.sessions, { id: 'third', projectPath: '/projects/three', prompt: 'And on.' }],
});

const newGroup = ({ slug = 'demo', hour = 4 } = {}): NewGroup => ({
  slug,
  createdAt: Date.UTC(2031, 1, 3, hour, 5, 6),
  definition,
});

async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

const head = (groupId: string): [GroupEvent] => [
  { type: 'group_created', seq: 0, time: '2031-02-03T04:05:06.000Z', groupId, name: 'Demo' },
];

const updated = (groupId: string, seq: number, revision: number): [GroupEvent] => [
  {
    type: 'group_updated',
    ...{ seq, time: '2031-02-03T04:05:08.000Z', groupId, revision },
    ...{ added: ['third'], removed: [], changed: [], settings: [], fresh: [] },
  },
];

function history(groupId: string): JournalRecord[] {
  const event = (seq: number) => ({ seq, time: '2031-02-03T04:05:07.000Z', groupId });
  return [
    ...head(groupId),
    { type: 'group_started', ...event(1), sessionCount: 2, maxConcurrent: 3 },
    { type: '_status', sessionId: 'first', status: 'preparing' },
    {
      type: 'session_message',
      ...event(2),
      sessionId: 'first',
      role: 'assistant',
      text: 'größer\n"é" 🙂 \u2028',
    },
    { type: '_held', sessionId: 'second', held: true },
    { type: 'group_paused', ...event(3), reason: 'manual' },
  ];
}
