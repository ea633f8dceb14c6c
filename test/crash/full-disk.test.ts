import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FileJournal } from '../../src/store/journal/file-journal.ts';
import { makeReadOnly } from '../store/read-only.ts';
import { journalAt, readJournal, records } from '../store/records.ts';
import { SmallDisk } from './small-disk.ts';

/** A journal on a full file system (JOURNAL-2, JOURNAL-5). */

let folder = '';
let disk: SmallDisk;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sg-full-'));
  disk = new SmallDisk(join(folder, 'disk'), '4m');
});
afterEach(() => {
  disk.remove();
  rmSync(folder, { recursive: true, force: true });
});

const journalPath = () => join(disk.path, 'journal.ndjson');
const reservePath = () => join(disk.path, 'journal.reserve');

function open(reserve: boolean): FileJournal {
  const options = reserve ? { reserve: reservePath() } : {};
  return FileJournal.open(journalAt(journalPath()), options).journal;
}

/** Also fills the last page of the journal, so that the next record needs space. */
function fillUp(journal: FileJournal): number {
  disk.fill();
  let taken = 0;
  for (const record of records(200)) {
    try {
      journal.append(record);
      taken += 1;
    } catch {
      break;
    }
    if (journal.exhausted) break;
  }
  return taken;
}

describe('a full disk', () => {
  test('without a reserve: the record is refused as a whole, and accepted once there is space', async () => {
    const journal = open(false);
    const taken = fillUp(journal);
    expect(taken).toBeLessThan(200);
    expect(readJournal(journalPath()).records).toEqual(records(taken));
    const next = records(taken + 1).at(-1);
    if (!next) throw new Error('no record');
    expect(() => journal.append(next)).toThrow(
      expect.objectContaining({ code: 'disk_full', hint: 'Free some space, then resume the group.' }),
    );
    expect(journal.exhausted).toBeUndefined();
    disk.makeRoom();
    journal.append(next);
    await journal.close();
    expect(readJournal(journalPath()).records).toEqual(records(taken + 1));
  });

  test('with a reserve: it is deleted to make room, and nothing new may start until it is recreated (JOURNAL-5)', async () => {
    const journal = open(true);
    journal.recover();
    const { size, blocks } = statSync(reservePath());
    expect(blocks * 512).toBeGreaterThanOrEqual(size);
    expect(size).toBeGreaterThan(1_000_000);
    const taken = fillUp(journal);
    expect(journal.exhausted).toMatchObject({ code: 'disk_full' });
    expect(readdirSync(disk.path)).not.toContain('journal.reserve');
    expect(readJournal(journalPath()).records).toEqual(records(taken));

    disk.fill();
    expect(() => journal.recover()).toThrow(expect.objectContaining({ code: 'disk_full' }));
    expect(readdirSync(disk.path)).not.toContain('journal.reserve');
    expect(journal.exhausted).toBeDefined();

    disk.makeRoom();
    journal.recover();
    expect(journal.exhausted).toBeUndefined();
    expect(statSync(reservePath()).size).toBe(size);
    await journal.close();
    expect(readdirSync(disk.path)).toEqual(['journal.ndjson']);
    expect(readJournal(journalPath()).records).toEqual(records(taken));
  });
});

test('recover leaves no trace in the journal, and fails if it is read-only', async () => {
  const path = join(folder, 'journal.ndjson');
  const { journal } = FileJournal.open(journalAt(path), { reserve: join(folder, 'journal.reserve') });
  const before = readFileSync(path);
  journal.recover();
  expect(readFileSync(path)).toEqual(before);
  const allow = makeReadOnly(path);
  try {
    expect(() => journal.recover()).toThrow(expect.objectContaining({ code: 'journal_read_only' }));
  } finally {
    allow();
  }
  journal.recover();
  expect(readFileSync(path)).toEqual(before);
  await journal.close();
});
