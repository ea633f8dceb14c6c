import { mkdtempSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { journalFormat } from '../../src/sdk/group/journal/format.ts';
import { FORMAT_SINCE } from '../../src/sdk/group/journal/records.ts';
import { FileJournal } from '../../src/store/journal/file-journal.ts';
import { journalAt, readJournal, records } from './records.ts';

/** Callbacks of the pending syncs. */
const syncs: ((error?: Error) => void)[] = vi.hoisted(() => []);

vi.mock('node:fs', async importOriginal => ({
  ...(await importOriginal<typeof import('node:fs')>()),
  fdatasync: (_: number, done: (error?: Error) => void) => void syncs.push(done),
}));
beforeEach(() => void syncs.splice(0));

const settled = () => new Promise(resolve => setImmediate(resolve));
const NOTHING = { type: '_taken_over' } as const;
const [first, second, third] = records(3).map(record => () => record);

function open(durability: 'process' | 'power') {
  const path = join(mkdtempSync(join(tmpdir(), 'sg-commit-')), 'journal.ndjson');
  const { journal } = FileJournal.open(journalAt(path), { durability });
  const resolved: string[] = [];
  const wait = (name: string) => journal.synced().then(() => void resolved.push(name));
  const append = (make: typeof first) => make && journal.append(make());
  return { path, journal, append, wait, resolved };
}

test('power: concurrent waits share one sync; records appended during it wait for the next (JOURNAL-3)', async () => {
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

test('after a failed sync every append and wait fails (JOURNAL-4)', async () => {
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

test('a sync that is pending when the journal is upgraded does not count for the new file (JOURNAL-6)', async () => {
  const { path, journal: old } = open('process');
  await old.close();
  const format = journalFormat({ ...FORMAT_SINCE, _status: 2 });
  const { journal } = FileJournal.open({ ...journalAt(path), format }, { durability: 'power' });
  journal.append(first?.() ?? NOTHING);
  const covered = journal.synced();
  expect(syncs).toHaveLength(1);
  journal.append(third?.() ?? NOTHING);
  syncs.shift()?.(new Error('EIO'));
  await covered;
  journal.append(second?.() ?? NOTHING);
  const last = journal.synced();
  syncs.shift()?.();
  await last;
  expect(readJournal(path, format).records).toEqual([first, third, second].map(make => make?.()));
  await journal.close();
});

describe('after a failed sync', () => {
  async function failed() {
    const opened = open('power');
    opened.append(first);
    const covered = opened.journal.synced();
    syncs.shift()?.();
    await covered;
    opened.append(second);
    const lost = expect(opened.journal.synced()).rejects.toMatchObject({ code: 'journal_io' });
    syncs.shift()?.(new Error('EIO'));
    await lost;
    return opened;
  }

  test('recover writes the uncovered records again, to a new file, and continues', async () => {
    const { path, journal, append } = await failed();
    // The system has lost what it could not write.
    const { size } = statSync(path);
    truncateSync(path, size - 20);
    const before = statSync(path).ino;
    journal.recover();
    expect(statSync(path).ino).not.toBe(before);
    expect(readJournal(path).records).toEqual(records(2));
    append(third);
    const covered = journal.synced();
    syncs.shift()?.();
    await covered;
    await journal.close();
    expect(readJournal(path).records).toEqual(records(3));
    expect(readdirSync(dirname(path))).toEqual([basename(path)]);
  });

  test('recover refuses if synced records have changed, and changes nothing', async () => {
    const { path, journal, append } = await failed();
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace('"seq":0', '"seq":7'));
    expect(() => journal.recover()).toThrow(expect.objectContaining({ code: 'journal_damaged' }));
    expect(() => append(third)).toThrow(expect.objectContaining({ code: 'journal_io' }));
    expect(readFileSync(path, 'utf8')).toContain('"seq":7');
    await journal.close().catch(() => {});
  });
});
