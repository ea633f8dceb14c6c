import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'vitest';
import { createMemoryStore } from '../../src/sdk/group/store/memory-store.ts';
import { SimulatedClock } from '../../src/sdk/simulated-clock.ts';
import type { StoreFixture } from '../../src/store/conformance/conformance-case.ts';
import { createFileStore } from '../../src/store/file-store.ts';
import { storeConformance } from '../../src/store/store-conformance.ts';
import { Random } from '../simulation/random.ts';
import { diskFull } from '../support/faulty-store.ts';
import { laterStore } from '../support/later-store.ts';

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

for (const seed of [1, 2, 3]) {
  storeConformance(`asynchronous store (seed ${seed})`, () => laterFixture(seed), { test });
}

/** Its delays, the sizes of its batches and the order of its answers follow from the seed; its clock runs by itself. */
function laterFixture(seed: number): StoreFixture {
  const memory = createMemoryStore();
  const clock = new SimulatedClock();
  const random = new Random(seed);
  const deaths = new Map<string, number>();
  const deathsOf = (id: string): number => deaths.get(id) ?? 0;
  const refused = new Set<string>();
  const store = laterStore(memory, {
    clock,
    delay: () => random.pick([0, 0, 3, 20, 500]),
    pick: count => random.int(0, count - 1),
    lifeOf(id) {
      const before = deathsOf(id);
      return () => deathsOf(id) === before;
    },
    before(_, id) {
      if (refused.delete(id)) throw diskFull();
    },
  });
  let isOver = false;
  const run = (): void => {
    clock.step();
    if (!isOver) setImmediate(run);
  };
  run();
  return {
    store,
    reopen: () => memory,
    killOwner(id) {
      deaths.set(id, deathsOf(id) + 1);
      memory.crash(id);
    },
    refuseNext: id => void refused.add(id),
    cleanup() {
      isOver = true;
    },
  };
}
