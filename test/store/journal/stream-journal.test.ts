import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isEvent, type JournalRecord } from '../../../src/sdk/group/journal/records.ts';
import { FileJournal } from '../../../src/store/journal/file-journal.ts';
import { JournalIndex } from '../../../src/store/journal/journal-index.ts';
import { readHistory } from '../../../src/store/journal/read-history.ts';
import { StoredHistory } from '../../../src/store/journal/stored-history.ts';
import { journalAt, records } from '../records.ts';

/** A journal of many chunks, with a line that is longer than a chunk, and multi-byte characters at chunk boundaries. */
async function longJournal() {
  const folder = mkdtempSync(join(tmpdir(), 'sg-stream-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'journal.ndjson');
  const all = records(4_000).map(record =>
    record.type === 'session_message' && record.seq % 500 === 1
      ? { ...record, text: '🙂'.repeat(50_000) }
      : record,
  );
  const { journal } = FileJournal.open(journalAt(path));
  for (const record of all) journal.append(record);
  await journal.close();
  const kept = () => new StoredHistory(journalAt(path), readHistory(journalAt(path), undefined));
  return { path, all, kept };
}

async function collected(stream: AsyncIterable<JournalRecord>): Promise<JournalRecord[]> {
  const found: JournalRecord[] = [];
  for await (const record of stream) found.push(record);
  return found;
}

const from = (all: readonly JournalRecord[], seq: number) =>
  all.slice(all.findIndex(record => isEvent(record) && record.seq >= seq));

test('streams the journal, whole or from any event on, wherever lines cross chunk boundaries', async () => {
  const { all, kept } = await longJournal();
  const history = kept();
  expect(await collected(history.stream(undefined))).toEqual(all);
  for (const seq of [1, 2, 1_300, 2_001, 2_666]) {
    expect(await collected(history.stream(seq))).toEqual(from(all, seq));
    expect(await collected(kept().stream(seq))).toEqual(from(all, seq));
  }
  expect(await collected(history.stream(2_667))).toEqual([]);
});

test('skips the part before a known mark; damage is reported only by a reader of that part', async () => {
  const { path, all, kept } = await longJournal();
  const history = kept();
  await collected(history.stream(undefined));
  const bytes = readFileSync(path);
  bytes.write('#', 300); // inside the second line
  writeFileSync(path, bytes);
  expect(await collected(history.stream(2_600))).toEqual(from(all, 2_600));
  await expect(collected(history.stream(undefined))).rejects.toMatchObject({
    code: 'journal_damaged',
    line: 3,
  });
});

test('ends where the journal ended when requested, and where it was truncated since', async () => {
  const { path, all, kept } = await longJournal();
  const history = kept();
  const asked = history.stream(undefined);
  const { journal } = FileJournal.open(journalAt(path));
  journal.append({ type: '_held', sessionId: 's', held: true });
  await journal.close();
  expect(await collected(asked)).toEqual(all);
  writeFileSync(path, readFileSync(path).subarray(0, 200_000));
  const rest = await collected(history.stream(undefined));
  expect(rest).toEqual(all.slice(0, rest.length));
  rmSync(path);
  expect(await collected(history.stream(undefined))).toEqual([]);
});

test('keeps few marks, in order, and finds the last one before an event', () => {
  const index = new JournalIndex();
  const mark = (nextSeq: number, version = 1) => ({
    version,
    bytes: nextSeq * 20_000,
    lines: nextSeq,
    crc: 0,
    nextSeq,
  });
  for (const seq of [9, 3, 50, 51, 30, 4, 5, 10, 40]) index.add(mark(seq));
  expect(index.before(2, 1)).toBeUndefined();
  expect([3, 8, 9, 29, 30, 49, 1_000].map(seq => index.before(seq, 1)?.nextSeq)).toEqual([
    undefined,
    4,
    9,
    9,
    30,
    40,
    50,
  ]);
});
