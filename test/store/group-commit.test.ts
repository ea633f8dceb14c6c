import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, expect, test, vi } from 'vitest';
import { FileJournal } from '../../src/store/file-journal.ts';
import { readJournal } from '../../src/store/read-journal.ts';
import { GROUP_ID, records } from './records.ts';

/** The syncs that were asked for and have not been answered. */
const syncs: ((error?: Error) => void)[] = vi.hoisted(() => []);

vi.mock('node:fs', async importOriginal => ({
  ...(await importOriginal<typeof import('node:fs')>()),
  fdatasync: (_: number, done: (error?: Error) => void) => void syncs.push(done),
}));
beforeEach(() => void syncs.splice(0));

const settled = () => new Promise(resolve => setImmediate(resolve));
const [first, second, third] = records(3).map(record => () => record);

function open(durability: 'process' | 'power') {
  const path = join(mkdtempSync(join(tmpdir(), 'sg-commit-')), 'journal.ndjson');
  const { journal } = FileJournal.open(path, { groupId: GROUP_ID, durability });
  const resolved: string[] = [];
  const wait = (name: string) => journal.synced().then(() => void resolved.push(name));
  const append = (make: typeof first) => make && journal.append(make());
  return { path, journal, append, wait, resolved };
}

test('power: all who wait share one sync; what came while it ran waits for the next (J3)', async () => {
  const { append, wait, resolved } = open('power');
  append(first);
  const waits = [wait('a'), wait('b')];
  expect(syncs).toHaveLength(1);
  append(second);
  waits.push(wait('c'), wait('d'));
  expect(syncs).toHaveLength(1);
  syncs.shift()?.();
  await settled();
  expect(resolved).toEqual(['a', 'b']);
  expect(syncs).toHaveLength(1);
  syncs.shift()?.();
  await Promise.all(waits);
  expect(resolved).toEqual(['a', 'b', 'c', 'd']);
  await wait('e');
  expect(syncs).toHaveLength(0);
});

test('process: nothing is synced', async () => {
  const { journal, append } = open('process');
  append(first);
  await journal.synced();
  await journal.close();
  expect(syncs).toHaveLength(0);
});

test('after a sync that failed nothing more is promised or taken (J4)', async () => {
  const { path, journal, append } = open('power');
  append(first);
  const waits = [expect(journal.synced()).rejects.toMatchObject({ code: 'journal_io' })];
  append(second);
  waits.push(expect(journal.synced()).rejects.toMatchObject({ code: 'journal_io' }));
  syncs.shift()?.(new Error('EIO'));
  await Promise.all(waits);
  expect(() => append(third)).toThrow(expect.objectContaining({ code: 'journal_io' }));
  await expect(journal.close()).rejects.toMatchObject({ code: 'journal_io' });
  expect(syncs).toHaveLength(0);
  expect(readJournal(path).records).toEqual(records(2));
});
