import assert from 'node:assert/strict';
import type { StoreConformanceCase } from './conformance-case.ts';
import { definition, larger, newGroup, updated } from './sample-group.ts';

/** STORE-5: a new definition takes effect with the record that names it. */
export const redefinitionCases: readonly StoreConformanceCase[] = [
  {
    name: 'STORE-5 a new definition takes effect once the journal names it, for readers and the next owner',
    async run({ store }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      const files = { templates: { review: 'Look at {{ it }}.' }, sharedConfig: {} };
      const source = { file: '/projects/demo.yaml', text: 'name: Demo' };
      const next = await owned.redefine(1, { definition: larger, files, source });
      assert.deepEqual(next, {
        ...owned.group,
        definition: larger,
        files,
        sourceFile: source.file,
        revision: 1,
      });
      assert.deepEqual((await store.read(id)).group, owned.group);
      await owned.journal.append(...updated(id, 0, 1));
      assert.deepEqual((await store.read(id)).group, next);
      const last = await owned.redefine(2, { definition, source: { file: source.file } });
      assert.deepEqual((await store.read(id)).group, next);
      await owned.journal.append(...updated(id, 1, 2));
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
    name: 'STORE-5 a definition that the journal never named is discarded, and its number is reused',
    async run({ store, killOwner }) {
      const owned = await store.create(newGroup());
      const { id } = owned.group;
      await owned.redefine(1, { definition: larger });
      await killOwner(id);
      const taken = await store.take(id);
      assert.deepEqual(taken.group.definition, definition);
      await taken.redefine(1, { definition: { ...larger, name: 'Demo 2' } });
      await taken.redefine(1, { definition: { ...larger, name: 'Demo 3' } });
      await taken.journal.append(...updated(id, 0, 1));
      await taken.release();
      assert.equal((await store.read(id)).group.definition.name, 'Demo 3');
      await assert.rejects(async () => taken.redefine(2, { definition }), { code: 'journal_closed' });
    },
  },
];
