// @module-tag processes
import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FileJournal } from '../../../src/store/journal/file-journal.ts';
import { program } from '../../sdk/process/process-fixture.ts';
import { compiledSources } from '../../sdk/session/compiled-sources.ts';
import { makeReadOnly } from '../read-only.ts';
import { GROUP_ID, journalAt, readJournal, records } from '../records.ts';

const newPath = (): string => join(mkdtempSync(join(tmpdir(), 'sg-journal-')), 'journal.ndjson');
const open = (path: string, durability: 'process' | 'power' = 'process') =>
  FileJournal.open(journalAt(path), { durability });

describe('a journal in a file', () => {
  test('returns appended records in order, over several owners (STORE-3)', async () => {
    const path = newPath();
    const all = records(20);
    for (const start of [0, 10]) {
      const { journal, history } = open(path);
      expect(history.records).toEqual(all.slice(0, start));
      for (const record of all.slice(start, start + 10)) journal.append(record);
      await journal.close();
    }
    const found = readJournal(path);
    expect(found.records).toEqual(all);
    expect(found.groupId).toBe(GROUP_ID);
    expect(found.torn).toBeUndefined();
    expect(found.nextSeq).toBe(all.filter(record => 'seq' in record).length);
  });

  test('is readable by this user only', async () => {
    const path = newPath();
    await open(path).journal.close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('removes a torn last line when an owner opens it, and not before (STORE-2)', async () => {
    const path = newPath();
    const { journal } = open(path);
    for (const record of records(3)) journal.append(record);
    await journal.close();
    const whole = readFileSync(path);
    appendFileSync(path, '{"type":"session_mes');
    expect(readJournal(path)).toMatchObject({ torn: { line: 5, bytes: 20 }, wholeBytes: whole.length });
    expect(statSync(path).size).toBe(whole.length + 20);
    const next = open(path);
    expect(readFileSync(path)).toEqual(whole);
    expect(next.history.records).toEqual(records(3));
    next.journal.append(records(4)[3] ?? { type: '_held', sessionId: 's', held: true });
    await next.journal.close();
    expect(readJournal(path).records).toEqual(records(4));
  });

  test('starts over if not even its header is complete', async () => {
    const path = newPath();
    await open(path).journal.close();
    const head = readFileSync(path);
    for (const length of [0, 1, head.length - 1]) {
      truncateSync(path, length);
      await open(path).journal.close();
      expect(readFileSync(path)).toEqual(head);
    }
  });

  test('refuses the journal of another group, and one of a later version, and changes neither', () => {
    const path = newPath();
    open(path);
    const before = readFileSync(path);
    expect(() => FileJournal.open({ ...journalAt(path), groupId: 'another' })).toThrow(
      /line 1: belongs to another group/,
    );
    expect(readFileSync(path)).toEqual(before);
  });

  test('a closed journal refuses appends', async () => {
    const { journal } = open(newPath());
    await journal.close();
    await journal.close();
    expect(() => journal.append({ type: '_held', sessionId: 's', held: true })).toThrow(
      expect.objectContaining({ code: 'journal_closed' }),
    );
  });

  test('power: one sync serves all waits, and each is served by a sync that began after its record', async () => {
    const path = newPath();
    const { journal } = open(path, 'power');
    const all = records(300);
    const waits = all.map(record => {
      journal.append(record);
      return journal.synced();
    });
    await Promise.all(waits);
    await journal.close();
    expect(readJournal(path).records).toEqual(all);
  });
});

describe('a journal that cannot be written', () => {
  test.each([
    ['a folder in its place', 'journal_io', (path: string) => mkdirSync(path)],
    ['no folder', 'journal_io', (path: string) => rmSync(join(path, '..'), { recursive: true })],
  ])('%s: %s', (_, code, prepare) => {
    const path = newPath();
    prepare(path);
    expect(() => open(path)).toThrow(expect.objectContaining({ name: 'JournalError', code }));
  });

  test('read-only: a typed error that names the file', () => {
    const path = newPath();
    writeFileSync(path, '');
    const restore = makeReadOnly(path);
    try {
      expect(() => open(path)).toThrow(expect.objectContaining({ code: 'journal_read_only' }));
    } finally {
      restore();
    }
  });
});

describe('a journal after the death of its process', () => {
  let modules = '';
  beforeAll(() => {
    modules = compiledSources('src/store/journal/file-journal.ts', 'test/store/records.ts');
  });
  afterAll(() => rmSync(modules, { recursive: true, force: true }));

  const writer = (path: string, verb: string, count: number, limitKiB?: number) => {
    const args = [program('journal-writer.mjs'), modules, path, verb, String(count)];
    const limited = ['-c', `ulimit -f ${limitKiB}; exec "$0" "$@"`, process.execPath, ...args];
    return limitKiB === undefined
      ? spawnSync(process.execPath, args, { encoding: 'utf8' })
      : spawnSync('bash', limited, { encoding: 'utf8' });
  };

  test('kill -9 right after an append loses nothing, whatever the record (JOURNAL-1)', () => {
    const path = newPath();
    for (let count = 1; count <= 12; count += 1) {
      expect(writer(path, 'kill-after', count).signal).toBe('SIGKILL');
      expect(readJournal(path).records).toEqual(records(count));
    }
  });

  test('a full disk is a typed error, leaves only whole lines, and loses nothing that was written (JOURNAL-2)', () => {
    const path = newPath();
    const { stdout, stderr } = writer(path, 'fill', 1_000, 8);
    const told: unknown = JSON.parse(stdout || `"${stderr}"`);
    const found = readJournal(path);
    expect(found.torn).toBeUndefined();
    expect(found.records.length).toBeGreaterThan(10);
    expect(told).toEqual({ code: 'disk_full', written: found.records.length, again: 'disk_full' });
    expect(found.records).toEqual(records(found.records.length));
  });

  test('continues once there is space again', async () => {
    const path = newPath();
    writer(path, 'fill', 1_000, 8);
    const { journal, history } = open(path);
    const rest = records(1_000).slice(history.records.length);
    for (const record of rest) journal.append(record);
    await journal.close();
    expect(readJournal(path).records).toEqual(records(1_000));
  });
});
