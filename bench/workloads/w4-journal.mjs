import { closeSync, fdatasync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { promisify } from 'node:util';
import { graphOf } from '../lib/graphs.mjs';
import { cpuOf, median } from '../lib/measure.mjs';

const synced = promisify(fdatasync);
const GROUP_ID = '20260101-000000-bench';
const IN_FLIGHT = 64;

/** Messages, and every third record an internal one. */
function recordAt(index) {
  if (index % 3 === 2) return { type: '_status', sessionId: `s${index}`, status: 'running' };
  const head = { seq: index, time: '2026-01-01T00:00:00.000Z', groupId: GROUP_ID };
  return {
    ...head,
    type: 'session_message',
    sessionId: 's',
    role: 'assistant',
    text: `line ${index} of the output`,
  };
}

async function openJournal(folder, durability) {
  const { product } = await import('../lib/product.mjs');
  const { FileJournal } = await product('store/journal/file-journal.js');
  const { systemDisk } = await product('sdk/disk/disk.js');
  const { FORMAT } = await product('sdk/group/journal/format.js');
  const place = { disk: systemDisk, path: join(folder, 'journal.ndjson'), groupId: GROUP_ID, format: FORMAT };
  return FileJournal.open(place, { durability }).journal;
}

async function wallOf(run) {
  const start = performance.now();
  await run();
  return 1_000 * (performance.now() - start);
}

/** So many writers at a time, each of which waits for its record before it writes the next. */
const writers = (number, count, write) =>
  Promise.all(
    Array.from({ length: number }, async (_, writer) => {
      for (let index = writer; index < count; index += number) await write(index);
    }),
  );

/**
 * The time that a store's journals take in `append` and `folded`, which are synchronous, for each hundred records: their
 * median is not disturbed by what else the machine does. (`process.cpuUsage` takes longer than a record.)
 */
function timedStore(store) {
  const hundreds = [];
  let [spent, records] = [0, 0];
  const timed =
    run =>
    (...given) => {
      const start = performance.now();
      const value = run(...given);
      spent += performance.now() - start;
      return value;
    };
  const timedJournal = journal => ({
    get exhausted() {
      return journal.exhausted;
    },
    append: timed(record => {
      records += 1;
      if (records % 100 === 0) {
        hundreds.push(spent);
        spent = 0;
      }
      return journal.append(record);
    }),
    folded: timed(fold => journal.folded?.(fold)),
    recover: () => journal.recover?.(),
    synced: () => journal.synced(),
    close: () => journal.close(),
  });
  const create = async group => {
    const owned = await store.create(group);
    return Object.create(owned, { journal: { value: timedJournal(owned.journal) } });
  };
  return { store: Object.create(store, { create: { value: create } }), us: () => 10 * median(hundreds) };
}

const MEASURES = {
  async 'process, alone'({ records, folder }) {
    const journal = await openJournal(folder, 'process');
    for (let index = 0; index < records / 5; index++) journal.append(recordAt(index));
    const { us } = await cpuOf(async () => {
      for (let index = 0; index < records; index++) journal.append(recordAt(index));
    });
    await journal.close();
    return us / records;
  },
  async 'process, in a group'({ records, folder }) {
    const { createFileStore } = await import('../lib/product.mjs');
    const { prepare } = await import('../contenders/ours.mjs');
    const { store, us } = timedStore(createFileStore({ dataDir: folder }));
    const dependencies = graphOf('random', Math.ceil(records / 10));
    const task = () => Promise.resolve();
    const { run, close } = await prepare({ dependencies, limit: 8, task, options: { store } });
    await run();
    await close();
    return us();
  },
  async 'power, one at a time'({ records, folder }) {
    return powered(folder, records, 1);
  },
  async 'power, 64 in flight'({ records, folder }) {
    return powered(folder, records, IN_FLIGHT);
  },
  async 'fdatasync, one at a time'({ records, folder }) {
    return byHand(folder, records, 1);
  },
  async 'fdatasync, 64 at a time'({ records, folder }) {
    return byHand(folder, records, IN_FLIGHT);
  },
};

async function powered(folder, records, inFlight) {
  const journal = await openJournal(folder, 'power');
  const us = await wallOf(() =>
    writers(inFlight, records, index => {
      journal.append(recordAt(index));
      return journal.synced();
    }),
  );
  await journal.close();
  return us / records;
}

/** What the disk needs for the same bytes: a write a record, and one fdatasync for each batch. */
async function byHand(folder, records, together) {
  const file = openSync(join(folder, 'lines'), 'a');
  const us = await wallOf(async () => {
    for (let first = 0; first < records; first += together) {
      const last = Math.min(records, first + together);
      for (let index = first; index < last; index++) writeSync(file, `${JSON.stringify(recordAt(index))}\n`);
      await synced(file);
    }
  });
  closeSync(file);
  return us / records;
}

export default {
  name: 'W4',
  title: 'The journal, per record',
  about:
    '`us` of a record of about 140 bytes. Under `process`, alone: CPU; in a group of the random graph of W1: the time in the ' +
    'journal, the median of the hundreds of records. Under `power`: from the call until the record is durable, divided by how many are under way. The floor is ' +
    '`fdatasync` for the same bytes, of each record or of each batch. The files are in the folder for temporary files; TMPDIR ' +
    'chooses another disk.',
  rounds: 5,
  cases: ({ size }) => [
    { name: 'process, alone', records: size(100_000) },
    { name: 'process, in a group', records: size(100_000) },
    { name: 'power, one at a time', floor: 'fdatasync, one at a time', records: size(500) },
    { name: 'fdatasync, one at a time', records: size(500) },
    { name: 'power, 64 in flight', floor: 'fdatasync, 64 at a time', records: size(12_800) },
    { name: 'fdatasync, 64 at a time', records: size(12_800) },
  ],
  async measure({ name, records }) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const us = await MEASURES[name]({ records, folder });
    rmSync(folder, { recursive: true });
    return { us };
  },
  rows: [
    {
      ...{ name: '`process`, a record in a group', unit: 'us', atMost: 8 },
      value: of => of('process, in a group').us,
    },
    {
      ...{ name: '`power`, one at a time : fdatasync', unit: '×', atMost: 1.2 },
      value: of => of('power, one at a time').us / of('fdatasync, one at a time').us,
    },
    {
      ...{ name: '`power`, 64 in flight : what the disk needs for the batch', unit: '×', atMost: 1.3 },
      value: of => of('power, 64 in flight').us / of('fdatasync, 64 at a time').us,
    },
  ],
};
