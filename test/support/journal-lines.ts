import { readFileSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/*
 * A second implementation of the on-disk format of journals and snapshots, so that a test can write what no program
 * would. Each line ends with a checksum of itself and all lines before.
 */

type Line = Record<string, unknown>;

/** Changes the lines of such a file and recomputes their checksums. */
export function rewriteLines(path: string, change: (lines: Line[]) => Line[]): void {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  const read = lines.map(line => {
    const { crc: _, ...rest } = JSON.parse(line);
    return rest;
  });
  let crc = 0;
  const written = change(read).map(line => {
    const open = JSON.stringify(line).slice(0, -1);
    crc = crc32(open, crc);
    return `${open},"crc":"${crc.toString(16).padStart(8, '0')}"}\n`;
  });
  writeFileSync(path, written.join(''));
}
