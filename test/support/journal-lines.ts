import { readFileSync, writeFileSync } from 'node:fs';
import { crc32 } from 'node:zlib';

/*
 * Journals and snapshots as they lie on the disk, written down here a second time, so that a test can make what no
 * program would write. Each line ends in the checksum of it and of all lines before.
 */

type Line = Record<string, unknown>;

/** Changes the lines of such a file, and makes their checksums fit. */
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
