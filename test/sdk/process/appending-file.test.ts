import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fc, test as prop } from '@fast-check/vitest';
import { afterAll, describe, expect, test } from 'vitest';
import { appendingFile } from '../../../src/sdk/process/appending-file.ts';
import { runs } from '../../support/runs.ts';

const folder = mkdtempSync(join(tmpdir(), 'session-groups-log-'));
afterAll(() => rmSync(folder, { recursive: true }));

let files = 0;
function newPath(): string {
  files += 1;
  return join(folder, `log-${files}`);
}

const note = (bytes: number): string => `[note] ${bytes} bytes of more than 400 left out`;
const lines = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => `line ${from + index}`);

function write(path: string, texts: readonly string[]): number {
  let cuts = 0;
  const file = appendingFile(path, {
    maxBytes: 400,
    note,
    onLeftOut: () => {
      cuts += 1;
    },
  });
  for (const text of texts) file.write(Buffer.from(text));
  file.close();
  return cuts;
}

describe('a bounded log (APPENDING-FILE-1)', () => {
  test('that stays within its bound is whole, and only its owner can read it', () => {
    const path = newPath();
    expect(
      write(
        path,
        lines(30).map(line => `${line}\n`),
      ),
    ).toBe(0);
    expect(readFileSync(path, 'utf8')).toBe(`${lines(30).join('\n')}\n`);
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('keeps the beginning and the end, in whole lines, with a note of what was left out; told once', () => {
    const path = newPath();
    expect(
      write(
        path,
        lines(1_000).map(line => `${line}\n`),
      ),
    ).toBe(1);
    const kept = readFileSync(path, 'utf8').trimEnd().split('\n');
    const at = kept.findIndex(line => line.startsWith('[note]'));
    expect(kept.slice(0, at)).toEqual(lines(at));
    const end = kept.slice(at + 1);
    expect(end).toEqual(lines(end.length, 1_000 - end.length));
    const all = lines(1_000).map(line => line.length + 1);
    const left = all.slice(at, 1_000 - end.length).reduce((sum, length) => sum + length, 0);
    expect(kept[at]).toBe(note(left));
    expect(existsSync(`${path}.part`)).toBe(false);
  });

  test('goes on counting when it is opened again', () => {
    const [once, thrice] = [newPath(), newPath()];
    const texts = lines(900).map(line => `${line}\n`);
    write(once, texts);
    for (const start of [0, 300, 600]) write(thrice, texts.slice(start, start + 300));
    expect(readFileSync(thrice, 'utf8')).toBe(readFileSync(once, 'utf8'));
  });

  prop.prop([fc.array(fc.string({ maxLength: 120 }), { maxLength: 60 })], { numRuns: runs(200) })(
    'is never larger than its bound, begins as all of it began, ends as it ended, and counts the rest',
    texts => {
      const path = newPath();
      write(path, texts);
      const [kept, all] = [readFileSync(path), Buffer.from(texts.join(''))];
      rmSync(path);
      expect(kept.length).toBeLessThanOrEqual(400);
      const found = /\n\[note\] (\d+) bytes of more than 400 left out\n/.exec(kept.toString('latin1'));
      if (!found) {
        expect(kept).toEqual(all);
        return;
      }
      const [beginning, end] = [kept.subarray(0, found.index), kept.subarray(found.index + found[0].length)];
      expect(all.subarray(0, beginning.length).equals(beginning)).toBe(true);
      expect(all.subarray(all.length - end.length).equals(end)).toBe(true);
      const newline = all[beginning.length] === 10 ? 1 : 0;
      expect(beginning.length + newline + Number(found[1]) + end.length).toBe(all.length);
    },
  );

  test('that cannot be written is dropped', () => {
    expect(write('/dev/null/none', ['x'])).toBe(0);
  });
});
