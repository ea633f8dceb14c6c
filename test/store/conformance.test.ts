import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { storeConformance } from '../../src/store/store-conformance.ts';

for (const durability of ['process', 'power'] as const) {
  storeConformance(`file store (${durability})`, () => fileFixture(durability), { test });
}

function fileFixture(durability: 'process' | 'power') {
  const dataDir = mkdtempSync(join(tmpdir(), 'sg-store-'));
  const killOwner = (id: string): void => {
    const path = join(dataDir, 'groups', id, 'owner.json');
    const owner: unknown = JSON.parse(readFileSync(path, 'utf8'));
    writeFileSync(path, JSON.stringify(Object.assign({}, owner, { startTime: 'long ago' })));
  };
  return { store: createFileStore({ dataDir, durability }), killOwner };
}

storeConformance(
  'memory store',
  () => {
    const store = createMemoryStore();
    return { store, killOwner: id => store.crash(id) };
  },
  { test },
);
