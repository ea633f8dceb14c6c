import { describe, expect, test } from 'vitest';
import { foldJournal } from '../../../src/sdk/group/journal/fold.ts';
import { FORMAT, journalFormat } from '../../../src/sdk/group/journal/format.ts';
import type { JournalRecord } from '../../../src/sdk/group/journal/records.ts';
import { FORMAT_SINCE } from '../../../src/sdk/group/journal/records.ts';
import { newGroup } from '../../../src/store/conformance/sample-group.ts';
import { fileStore } from '../../../src/store/file-store.ts';
import { type Durability, FileJournal } from '../../../src/store/journal/file-journal.ts';
import { readHistory } from '../../../src/store/journal/read-history.ts';
import { readSnapshot } from '../../../src/store/journal/snapshot-file.ts';
import { MemoryDisk } from '../../support/memory-disk.ts';
import { memoryProcesses } from '../../support/memory-processes.ts';
import { appender, GROUP_ID, records } from '../records.ts';

/** The format of an imaginary later release. */
const LATER = journalFormat({ ...FORMAT_SINCE, _held: FORMAT.version + 1 });
const NEW_RECORD: JournalRecord = { type: '_held', sessionId: 's', held: true };
/** Records of today's format. */
const OLD = records(40);

const place = (disk: MemoryDisk, format = FORMAT) => ({
  ...{ disk, path: '/journal.ndjson', groupId: GROUP_ID, format },
});
type Place = ReturnType<typeof place>;

function versionIn({ disk }: Place): unknown {
  const bytes = Buffer.alloc(1_000);
  const length = disk.open('/journal.ndjson', 'r').read(bytes, 0);
  return JSON.parse(bytes.toString('utf8', 0, length).split('\n', 1)[0] ?? '').version;
}

/** A journal of today's code, opened by a later release. */
async function oldJournal(durability: Durability = 'process') {
  const disk = new MemoryDisk();
  const { journal } = FileJournal.open(place(disk));
  for (const record of OLD) journal.append(record);
  await journal.close();
  const later = place(disk, LATER);
  disk.open(later.path, 'r').sync();
  disk.syncFolder('/');
  return { disk, later, open: () => FileJournal.open(later, { durability }).journal };
}

describe('the versions of the format', () => {
  test('depend on record types and fields; anything not in the table has version 1', () => {
    const format = journalFormat({ ...FORMAT_SINCE, group_paused: 3, 'group_resumed.by': 2 });
    const of = (record: object) => format.versionOf(record as JournalRecord);
    expect(format.version).toBe(3);
    const found = [
      of({ type: 'group_paused' }),
      of({ type: 'group_resumed' }),
      of({ type: 'group_resumed', by: 'x' }),
    ];
    expect(found).toEqual([3, 1, 2]);
    expect(of({ type: 'of another release' })).toBe(1);
  });

  test('have one digit, so that an upgraded journal keeps its line offsets', () => {
    expect(FORMAT.version).toBeLessThan(10);
  });
});

describe('an old journal', () => {
  test('is upgraded before its first record of the new format, and not earlier (JOURNAL-6)', async () => {
    const { later, open } = await oldJournal();
    const journal = open();
    const more = records(43).slice(40);
    for (const record of more) journal.append(record);
    expect([journal.version, versionIn(later)]).toEqual([FORMAT.version, FORMAT.version]);
    const { bytes, lines } = journal.end;
    journal.append(NEW_RECORD);
    expect([journal.version, versionIn(later)]).toEqual([LATER.version, LATER.version]);
    const history = readHistory(later, undefined);
    expect(history.records).toEqual([...OLD, ...more, NEW_RECORD]);
    expect(history.fold.format).toBe(LATER.version);
    const { version, wholeBytes, crc, digest } = history;
    expect({ version, bytes: wholeBytes, lines: history.lines, crc, digest }).toEqual(journal.end);
    expect([lines + 1, bytes < wholeBytes]).toEqual([history.lines, true]);
    journal.append(NEW_RECORD);
    await journal.close();
    expect(readHistory(later, undefined).records).toHaveLength(45);
    expect(later.disk.list('/').map(({ name }) => name)).toEqual(['journal.ndjson']);
  });

  test('a new one has the highest version in its header; both can be read', async () => {
    const later = place(new MemoryDisk(), LATER);
    FileJournal.open(later).journal.append(NEW_RECORD);
    expect(readHistory(later, undefined)).toMatchObject({ version: LATER.version, records: [NEW_RECORD] });
    const { later: old } = await oldJournal();
    expect(readHistory(old, undefined)).toMatchObject({ version: FORMAT.version, records: OLD });
  });

  test('with damage is not upgraded: its lines would get valid checksums', async () => {
    const { disk, later, open } = await oldJournal();
    const journal = open();
    const file = disk.open(later.path, 'r');
    const bytes = Buffer.alloc(file.size());
    file.read(bytes, 0);
    bytes.write('#', 400);
    const changed = disk.open(later.path, 'w');
    changed.write(bytes, 0);
    expect(() => journal.append(NEW_RECORD)).toThrow(expect.objectContaining({ code: 'journal_damaged' }));
    expect(versionIn(later)).toBe(FORMAT.version);
  });

  test('stays as it is if there is no space for the copy, and still accepts old records', async () => {
    const { disk, later, open } = await oldJournal();
    const journal = open();
    disk.before = (step, path) => {
      if (step !== 'write' || !path.endsWith('.new')) return;
      throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' });
    };
    expect(() => journal.append(NEW_RECORD)).toThrow(expect.objectContaining({ code: 'disk_full' }));
    const [next = NEW_RECORD] = records(41).slice(40);
    journal.append(next);
    expect(disk.list('/')).toHaveLength(1);
    disk.before = () => {};
    journal.append(NEW_RECORD);
    expect(readHistory(later, undefined).records).toEqual([...OLD, next, NEW_RECORD]);
  });

  test('refuses appends if its new name cannot be synced, until recovered', async () => {
    const { disk, later, open } = await oldJournal('power');
    const journal = open();
    disk.before = (step, path) => {
      if (step === 'fsync' && path === '/') throw Object.assign(new Error('EIO'), { code: 'EIO' });
    };
    for (const record of [NEW_RECORD, ...OLD.slice(2, 3)]) {
      expect(() => journal.append(record)).toThrow(expect.objectContaining({ code: 'journal_io' }));
    }
    expect(() => journal.recover()).toThrow(expect.objectContaining({ code: 'journal_io' }));
    disk.before = () => {};
    journal.recover();
    journal.append(NEW_RECORD);
    await journal.synced();
    disk.crash();
    expect(readHistory(later, undefined)).toMatchObject({
      version: LATER.version,
      records: [...OLD, NEW_RECORD],
    });
  });

  test.each([
    ['its process', 'process', () => {}],
    ['its machine', 'power', (disk: MemoryDisk) => disk.crash()],
  ] as const)(
    'is the old or the new one, whole, after the death of %s at any step',
    async (_, durability, crash) => {
      let [cut, found] = [0, new Set<unknown>()];
      for (let done = false; !done; cut += 1) {
        const { disk, later, open } = await oldJournal(durability);
        const journal = open();
        let left = cut;
        disk.before = () => {
          if (left === 0) throw new Error('dead');
          left -= 1;
        };
        try {
          journal.append(NEW_RECORD);
          await journal.synced();
          done = true;
        } catch {}
        disk.before = () => {};
        crash(disk);
        const { version, records: all, torn } = readHistory(later, undefined);
        found = found.add(version);
        expect([cut, torn, all.slice(0, OLD.length)]).toEqual([cut, undefined, OLD]);
        if (done) expect(all.slice(OLD.length)).toEqual([NEW_RECORD]);
        const next = open();
        next.append(NEW_RECORD);
        expect(readHistory(later, undefined).records).toEqual([...all, NEW_RECORD]);
        expect(disk.list('/')).toHaveLength(1);
      }
      expect(found).toEqual(new Set([FORMAT.version, LATER.version]));
      expect(cut).toBeGreaterThan(6);
    },
  );
});

describe('an old group', () => {
  async function raisedGroup() {
    const disk = new MemoryDisk();
    const start = memoryProcesses();
    const store = (format = FORMAT) =>
      fileStore({ disk, machine: start(), format }, { dataDir: '/data', snapshotEveryBytes: 1 });
    const created = await store().create(newGroup());
    const { id } = created.group;
    const old = records(3_000, id);
    const before = appender(created);
    for (const record of old) before(record);
    await created.release();
    const path = `/data/groups/${id}/journal.ndjson`;
    const inFile = (format = FORMAT) => ({ disk, path, groupId: id, format });
    return { disk, store, id, old, inFile };
  }

  const collected = async (stream: AsyncIterable<JournalRecord>) => {
    const found: JournalRecord[] = [];
    for await (const record of stream) found.push(record);
    return found;
  };

  test('keeps its history for concurrent readers, and its snapshot is rewritten (SNAPSHOT-4)', async () => {
    const { store, id, old, inFile } = await raisedGroup();
    const later = store(LATER);
    const owned = await later.take(id);
    const reader = await later.read(id);
    const middle = old.findIndex(record => 'seq' in record && record.seq === 1_500);
    const begun = owned.history({ fromSeq: 1_500 })[Symbol.asyncIterator]();
    expect((await begun.next()).value).toEqual(old[middle]);
    const asked = owned.history({ fromSeq: 1_500 });
    appender(owned)(NEW_RECORD);

    const all = [...old, NEW_RECORD];
    const rest: JournalRecord[] = [];
    for (let next = await begun.next(); !next.done; next = await begun.next()) rest.push(next.value);
    expect(rest).toEqual(old.slice(middle + 1));
    expect(await collected(asked)).toEqual(old.slice(middle));
    for (const { history } of [owned, await later.read(id)]) {
      expect(await collected(history({ fromSeq: 1_500 }))).toEqual(all.slice(middle));
      expect(await collected(history({ fromSeq: 1_500 }))).toEqual(all.slice(middle));
    }
    expect(await collected(reader.history({ fromSeq: 1_500 }))).toEqual(old.slice(middle));
    expect(reader.records).toEqual(old);

    const place = inFile(LATER);
    const snapshot = readSnapshot(place);
    expect(snapshot?.position.version).toBe(LATER.version);
    const read = readHistory(place, snapshot);
    expect([read.records, read.before]).toEqual([[], snapshot?.position]);
    expect(read.fold).toEqual({ ...foldJournal(all), format: LATER.version });
    await owned.release();
  });

  test('that was upgraded is refused with a message by a release that knows only the old format, snapshot or not', async () => {
    const { disk, store, id, inFile } = await raisedGroup();
    const owned = await store(LATER).take(id);
    appender(owned)(NEW_RECORD);
    await owned.release();
    const { path } = inFile();
    const refusal = {
      code: 'journal_version',
      message: `${path}: written in version 2 of the format; this program knows 1`,
      hint: 'Update session-groups to open this group.',
    };
    for (const with_ of ['a snapshot', 'none']) {
      if (with_ === 'none') disk.remove(`/data/groups/${id}/snapshot.json`);
      await expect(store().read(id)).rejects.toMatchObject(refusal);
      await expect(store().take(id)).rejects.toMatchObject(refusal);
    }
    expect(await store().list()).toHaveLength(1);
  });
});
