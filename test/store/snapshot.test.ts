import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';
import { foldJournal } from '../../src/sdk/group/journal/fold.ts';
import type { JournalRecord } from '../../src/sdk/group/journal/records.ts';
import { JournalDamagedError, JournalVersionError } from '../../src/sdk/group/store/journal-errors.ts';
import type { OwnedGroup } from '../../src/sdk/group/store/store.ts';
import { SessionGroupDefinition } from '../../src/sdk/group/types.ts';
import { createFileStore, type FileStoreOptions } from '../../src/store/file-store.ts';
import { encodeLine } from '../../src/store/journal/journal-line.ts';
import type { JournalPlace } from '../../src/store/journal/journal-place.ts';
import { readHistory } from '../../src/store/journal/read-history.ts';
import { parseJournal } from '../../src/store/journal/read-journal.ts';
import { readSnapshot, writeSnapshot } from '../../src/store/journal/snapshot-file.ts';
import { journals } from '../support/record-arbitrary.ts';
import { runs } from '../support/runs.ts';
import { appender, GROUP_ID, journalAt, records } from './records.ts';

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sg-snapshot-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const definition = SessionGroupDefinition.parse({
  version: 1,
  name: 'Demo',
  sessions: [{ id: 'a', projectPath: '/', prompt: 'Work' }],
});

function storeIn(dataDir: string, options: Partial<FileStoreOptions> = {}) {
  const store = createFileStore({ dataDir, ...options });
  const create = () => store.create({ slug: 'demo', createdAt: Date.UTC(2026, 0, 1), definition });
  return { store, create, options };
}

const snapshotOf = ({ dir = '' }: Pick<OwnedGroup, 'dir'>): string => join(dir, 'snapshot.json');
const bytesIn = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

const placeOf = (dir: string, groupId: string): JournalPlace => ({
  ...journalAt(join(dir, 'journal.ndjson')),
  groupId,
});

/** An event of a group, with this `seq`. */
const event = (groupId: string, seq: number, body: object) =>
  ({ ...body, seq, time: '2026-01-01T00:00:00.000Z', groupId }) as JournalRecord;

describe('the snapshot of a group', () => {
  test('is written at rest and at the end, readable by its owner only, and later records are read after it', async () => {
    const { store, create } = storeIn(temporary());
    const owned = await create();
    const append = appender(owned);
    const { id } = owned.group;
    const all = [...records(40, id), event(id, 27, { type: 'group_paused', reason: 'manual' })];
    for (const record of all) append(record);
    expect(statSync(snapshotOf(owned)).mode & 0o777).toBe(0o600);
    const paused = readSnapshot(placeOf(owned.dir ?? '', id));
    expect(paused?.fold).toEqual(foldJournal(all));
    all.push(event(id, 28, { type: 'group_resumed' }));
    for (const record of all.slice(-1)) append(record);
    const read = await store.read(id);
    expect(read.fold).toEqual(foldJournal(all));
    expect(read.records).toEqual(all);
    for (const seq of Array.from({ length: 300 }, (_, index) => 29 + index)) {
      const said = { type: 'session_message', sessionId: 'a', role: 'assistant', text: `${seq}` };
      all.push(event(id, seq, said));
      for (const record of all.slice(-1)) append(record);
    }
    await owned.release();
    expect(readSnapshot(placeOf(owned.dir ?? '', id))?.fold).toEqual(foldJournal(all));
  });

  test('only saves time: the result is the same without it', async () => {
    const { store, create } = storeIn(temporary(), { snapshotEveryBytes: 1 });
    const owned = await create();
    const append = appender(owned);
    for (const record of records(100, owned.group.id)) append(record);
    await owned.release();
    const { history: _, ...before } = await store.read(owned.group.id);
    rmSync(snapshotOf(owned));
    const { history: __, ...after } = await store.read(owned.group.id);
    expect(after).toEqual(before);
  });

  test('that cannot be written fails nothing else, and leaves no file behind', async () => {
    const { store, create } = storeIn(temporary(), { snapshotEveryBytes: 1 });
    const owned = await create();
    const append = appender(owned);
    mkdirSync(join(snapshotOf(owned), 'in the way'), { recursive: true });
    for (const record of records(50, owned.group.id)) append(record);
    await owned.release();
    expect(bytesIn(`${snapshotOf(owned)}.new`)).toBe(0);
    expect((await store.read(owned.group.id)).fold).toEqual(foldJournal(records(50, owned.group.id)));
  });

  test('that was half-written when its owner died is overwritten by the next', async () => {
    const { store, create } = storeIn(temporary());
    const owned = await create();
    const append = appender(owned);
    const all = records(5, owned.group.id);
    for (const record of all) append(record);
    writeFileSync(`${snapshotOf(owned)}.new`, 'x'.repeat(100_000));
    await owned.release();
    expect(bytesIn(`${snapshotOf(owned)}.new`)).toBe(0);
    expect((await store.take(owned.group.id)).fold).toEqual(foldJournal(all));
  });

  test('costs no more than the records themselves, however large the group is (SNAPSHOT-2)', async () => {
    const { create } = storeIn(temporary(), { snapshotEveryBytes: 4_000 });
    const owned = await create();
    const append = appender(owned);
    const journal = join(owned.dir ?? '', 'journal.ndjson');
    let [written, last, snapshots] = [0, '', 0];
    for (const record of records(6_000, owned.group.id)) {
      append(record);
      const now = bytesIn(snapshotOf(owned)) === 0 ? '' : `${statSync(snapshotOf(owned)).ino}`;
      if (now !== last) {
        snapshots += 1;
        written += bytesIn(snapshotOf(owned));
      }
      last = now;
    }
    expect(snapshots).toBeGreaterThan(3);
    // A session of this history is two records of the journal and one entry of the fold.
    expect(bytesIn(snapshotOf(owned))).toBeGreaterThan(80_000);
    expect(written).toBeLessThan(bytesIn(journal) * 8);
    await owned.release();
  });

  test.each([
    ['of another group', { groupId: '20260101-000000-other' }, {}],
    ['that ends within a line', {}, { bytes: 101 }],
    ['that ends behind the journal', {}, { bytes: 1_000_000 }],
    ['with another checksum of the journal', {}, { digest: 1 }],
    ['with an invalid position', {}, { lines: -1 }],
  ])('%s is not used', async (_, { groupId }: { groupId?: string }, wrong) => {
    const { store, create } = storeIn(temporary());
    const owned = await create();
    const append = appender(owned);
    const { id } = owned.group;
    const all = records(30, id);
    for (const record of all) append(record);
    await owned.release();
    const dir = owned.dir ?? '';
    const { position } = readSnapshot(placeOf(dir, id)) ?? {};
    if (!position) throw new Error('there is no snapshot');
    const lie = foldJournal(records(3, id));
    writeSnapshot(
      { ...placeOf(dir, id), groupId: groupId ?? id },
      { position: { ...position, ...wrong }, fold: lie },
    );
    const read = await store.read(id);
    expect(read.fold).toEqual(foldJournal(all));
    expect(read.records).toEqual(all);
  });
});

/** A journal and a snapshot of its beginning, as an owner leaves them. */
function leftBehind(all: readonly JournalRecord[], cut: number) {
  const folder = mkdtempSync(join(tmpdir(), 'sg-snapshot-'));
  let crc = 0;
  const lines = [{ type: '_journal', version: 1, groupId: GROUP_ID }, ...all].map(value => {
    const encoded = encodeLine(value, crc);
    crc = encoded.crc;
    return encoded.bytes.toString();
  });
  const beginning = parseJournal(Buffer.from(lines.slice(0, cut + 1).join('')), 'journal.ndjson', 1);
  const { version, wholeBytes: bytes, lines: count, digest, nextSeq } = beginning;
  const position = { version, bytes, lines: count, crc: beginning.crc, digest, nextSeq };
  writeSnapshot(journalAt(join(folder, 'journal.ndjson')), {
    position,
    fold: foldJournal(all.slice(0, cut)),
  });
  const snapshot: Buffer = readFileSync(join(folder, 'snapshot.json'));
  return { folder, lines, whole: Buffer.from(lines.join('')), snapshot, snapshotEnd: bytes };
}

type Left = ReturnType<typeof leftBehind>;

/** The state, or the refused line. Any other error fails the test. */
function found({ folder }: Left, journal: Buffer, snapshot: Buffer | undefined) {
  const path = join(folder, 'journal.ndjson');
  writeFileSync(path, journal);
  if (snapshot) writeFileSync(join(folder, 'snapshot.json'), snapshot);
  try {
    const history = readHistory(journalAt(path), snapshot && readSnapshot(placeOf(folder, GROUP_ID)));
    const { torn, wholeBytes, lines, crc, digest, nextSeq } = history;
    const fold = foldJournal(history.records, history.fold);
    return { fold, torn, wholeBytes, lines, crc, digest, nextSeq };
  } catch (error) {
    if (error instanceof JournalDamagedError) return { line: error.line, reason: error.reason };
    if (error instanceof JournalVersionError) return { version: error.message };
    throw error;
  }
}

/** Whatever happened to both files, the result is the same without the snapshot. */
function expectNoDifference(left: Left, journal: Buffer, snapshot = left.snapshot): void {
  expect(found(left, journal, snapshot)).toEqual(found(left, journal, undefined));
}

const flipped = (bytes: Buffer, bit: number): Buffer => {
  const copy = Buffer.from(bytes);
  copy.writeUInt8(copy.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
  return copy;
};

describe('a journal with a snapshot of its beginning, one of them damaged', () => {
  const all = records(12);
  const withLeft = (run: (left: Left) => void, cut = 7, of: readonly JournalRecord[] = all) => {
    const left = leftBehind(of, cut);
    try {
      run(left);
    } finally {
      rmSync(left.folder, { recursive: true });
    }
  };

  test('both whole: the snapshot is used, and everything is found', () => {
    withLeft(left => {
      const history = readHistory(
        journalAt(join(left.folder, 'journal.ndjson')),
        readSnapshot(placeOf(left.folder, GROUP_ID)),
      );
      expect(history.records).toEqual([]); // no journal exists yet
      writeFileSync(join(left.folder, 'journal.ndjson'), left.whole);
      const read = readHistory(
        journalAt(join(left.folder, 'journal.ndjson')),
        readSnapshot(placeOf(left.folder, GROUP_ID)),
      );
      expect(read.records).toEqual(all.slice(7));
      expect(foldJournal(read.records, read.fold)).toEqual(foldJournal(all));
      expectNoDifference(left, left.whole);
    });
  });

  test('the journal truncated: at the end of every line, next to it, and in its middle', () => {
    withLeft(left => {
      let end = 0;
      for (const line of left.lines) {
        const length = Buffer.byteLength(line);
        for (const cut of [end, end + 1, end + (length >> 1), end + length - 1]) {
          expectNoDifference(left, left.whole.subarray(0, cut));
        }
        end += length;
      }
    });
  });

  test('one bit of the journal flipped, before and after the end of the snapshot', () => {
    withLeft(left => {
      for (let bit = 0; bit < left.whole.length * 8; bit += 53) {
        const journal = flipped(left.whole, bit);
        expectNoDifference(left, journal);
        if (bit < left.snapshotEnd * 8) expect(found(left, journal, left.snapshot)).toHaveProperty('line');
      }
    });
  });

  test('one bit of the snapshot flipped, or its end missing: it is ignored', () => {
    withLeft(left => {
      for (let bit = 0; bit < left.snapshot.length * 8; bit += 41) {
        expectNoDifference(left, left.whole, flipped(left.snapshot, bit));
      }
      for (let length = 0; length < left.snapshot.length; length += 11) {
        writeFileSync(join(left.folder, 'snapshot.json'), left.snapshot.subarray(0, length));
        expect(readSnapshot(placeOf(left.folder, GROUP_ID))).toBeUndefined();
      }
    });
  });

  test('lines repeated, moved and removed, before and after the end of the snapshot', () => {
    const at = fc.nat({ max: all.length });
    withLeft(left => {
      fc.assert(
        fc.property(at, at, fc.constantFrom('repeat', 'swap', 'move', 'leave out'), (from, to, change) => {
          const changed = [...left.lines];
          const [line = '', other = ''] = [changed[from], changed[to]];
          if (change === 'move' || change === 'leave out') changed.splice(from, 1);
          if (change === 'repeat' || change === 'move') changed.splice(to, 0, line);
          if (change === 'swap') {
            changed[from] = other;
            changed[to] = line;
          }
          expectNoDifference(left, Buffer.from(changed.join('')));
        }),
        { numRuns: runs(300) },
      );
    });
  });

  test('any history, any position of the snapshot, any changes to both', () => {
    const edit = fc.record({
      at: fc.nat(),
      drop: fc.nat({ max: 60 }),
      add: fc.uint8Array({ maxLength: 40 }),
    });
    const edits = fc.array(edit, { maxLength: 3 });
    fc.assert(
      fc.property(journals(GROUP_ID, 20), fc.nat(), edits, edits, (history, place, ofJournal, ofSnapshot) => {
        withLeft(
          left => {
            const edited = (bytes: Buffer, changes: typeof ofJournal): Buffer =>
              changes.reduce<Buffer>((now, { at, drop, add }) => {
                const place = at % (now.length + 1);
                return Buffer.concat([now.subarray(0, place), add, now.subarray(place + drop)]);
              }, bytes);
            expectNoDifference(left, edited(left.whole, ofJournal), edited(left.snapshot, ofSnapshot));
          },
          place % (history.length + 1),
          history,
        );
      }),
      { numRuns: runs(300) },
    );
  });
});
