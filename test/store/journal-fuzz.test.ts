import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { JournalDamagedError, JournalVersionError } from '../../src/sdk/group/store/journal-errors.ts';
import { encodeLine } from '../../src/store/journal/journal-line.ts';
import { parseJournal } from '../../src/store/journal/read-journal.ts';
import { runs } from '../support/runs.ts';
import { GROUP_ID, records } from './records.ts';

const HEAD = { type: '_journal', version: 1, groupId: GROUP_ID };

/** Encodes any values as journal lines. */
function linesOf(values: readonly object[]): string[] {
  let crc = 0;
  return values.map(value => {
    const encoded = encodeLine(value, crc);
    crc = encoded.crc;
    return encoded.bytes.toString();
  });
}
const bytesOf = (values: readonly object[]): Buffer => Buffer.from(linesOf(values).join(''));

const all = records(12);
const lines = linesOf([HEAD, ...all]);
const whole = Buffer.from(lines.join(''));

/** The records, or the refused line. Any other error fails the test. */
function outcome(bytes: Buffer): {
  readonly records?: readonly unknown[];
  readonly torn: boolean;
  readonly line?: number;
} {
  try {
    const found = parseJournal(bytes, 'journal.ndjson', 1);
    return { records: found.records, torn: found.torn !== undefined };
  } catch (error) {
    if (error instanceof JournalDamagedError) return { torn: false, line: error.line };
    throw error;
  }
}

/** Either refused with an existing line, or a prefix of the records, never anything else. */
function expectBeginningOrRefusal(bytes: Buffer): void {
  const found = outcome(bytes);
  if (found.records === undefined) {
    expect(found.line).toBeGreaterThan(0);
    return;
  }
  expect(found.records).toEqual(all.slice(0, found.records.length));
}

describe('a damaged journal', () => {
  test('truncated at any byte: all whole lines are read, and the rest is reported as torn', () => {
    const ends = lines.map((_, index) => Buffer.byteLength(lines.slice(0, index + 1).join('')));
    for (let length = 0; length <= whole.length; length += 1) {
      const found = parseJournal(whole.subarray(0, length), 'journal.ndjson', 1);
      const complete = ends.filter(end => end <= length);
      const wholeBytes = complete.at(-1) ?? 0;
      expect(found.records).toEqual(all.slice(0, Math.max(0, complete.length - 1)));
      expect(found.wholeBytes).toBe(wholeBytes);
      const torn = { line: complete.length + 1, bytes: length - wholeBytes };
      expect(found.torn).toEqual(torn.bytes === 0 ? undefined : torn);
    }
  });

  test('one bit flipped, at every position: refused with its line, or only the last line is lost', () => {
    for (let bit = 0; bit < whole.length * 8; bit += 1) {
      const bytes = Buffer.from(whole);
      bytes.writeUInt8(bytes.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
      const found = outcome(bytes);
      if (found.records === undefined) continue;
      expect(found).toEqual({ records: all.slice(0, -1), torn: true });
    }
  });

  test('a line repeated, moved or removed: refused with the first wrong line', () => {
    const at = fc.nat({ max: lines.length - 1 });
    fc.assert(
      fc.property(at, at, fc.constantFrom('repeat', 'swap', 'move', 'leave out'), (from, to, change) => {
        const changed = [...lines];
        const [line = '', other = ''] = [lines[from], lines[to]];
        if (change === 'move' || change === 'leave out') changed.splice(from, 1);
        if (change === 'repeat' || change === 'move') changed.splice(to, 0, line);
        if (change === 'swap') {
          changed[from] = other;
          changed[to] = line;
        }
        const found = outcome(Buffer.from(changed.join('')));
        const first = changed.findIndex((text, index) => text !== lines[index]);
        if (first === -1) expect(found.records).toEqual(all.slice(0, changed.length - 1));
        else expect(found).toEqual({ torn: false, line: first + 1 });
      }),
      { numRuns: runs(500) },
    );
  });

  test('bytes changed, inserted and removed anywhere: a prefix of the records, or refused', () => {
    const edit = fc.record({
      at: fc.nat({ max: whole.length }),
      drop: fc.nat({ max: 40 }),
      add: fc.uint8Array({ maxLength: 40 }),
    });
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 4 }), edits => {
        let bytes = whole;
        for (const { at, drop, add } of edits) {
          bytes = Buffer.concat([bytes.subarray(0, at), add, bytes.subarray(at + drop)]);
        }
        expectBeginningOrRefusal(bytes);
      }),
      { numRuns: runs(2_000) },
    );
  });

  test('anything that is not a journal is refused, or empty', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array(),
          fc.string().map(Buffer.from),
          fc.json().map(text => Buffer.from(`${text}\n`)),
        ),
        bytes => {
          expect(outcome(Buffer.from(bytes)).records ?? []).toEqual([]);
        },
      ),
      { numRuns: runs(1_000) },
    );
  });
});

describe('an invalid journal', () => {
  const event = (seq: number, groupId = GROUP_ID) => ({ type: 'group_resumed', seq, time: 't', groupId });
  test.each([
    ['a gap in seq', [event(0), event(2)], 3, 'seq 2, expected 1'],
    ['a seq twice', [event(0), event(0)], 3, 'seq 0, expected 1'],
    ['no seq', [{ type: 'group_resumed', groupId: GROUP_ID }], 2, 'seq undefined, expected 0'],
    ['no type', [{ kind: 'x' }], 2, 'no type'],
    ['a second header', [HEAD], 2, 'a second header'],
    ['an event of another group', [event(0, 'another')], 2, 'an event of another group, "another"'],
  ])('%s is refused (I11)', (_, values, line, reason) => {
    const read = () => parseJournal(bytesOf([HEAD, ...values]), 'journal.ndjson', 1);
    expect(read).toThrow(expect.objectContaining({ code: 'journal_damaged', line, reason }));
  });

  test('unknown record types are kept', () => {
    const values = [event(0), { ...event(1), type: 'group_renamed' }, { type: '_later', x: 1 }, event(2)];
    expect(parseJournal(bytesOf([HEAD, ...values]), 'journal.ndjson', 1).records).toEqual(values);
  });

  test('a later version of the format is refused with a hint', () => {
    const read = () => parseJournal(bytesOf([{ ...HEAD, version: 2 }, { anything: 1 }]), 'journal.ndjson', 1);
    expect(read).toThrow(JournalVersionError);
    expect(read).toThrow(expect.objectContaining({ hint: expect.stringContaining('Update') }));
  });
});
