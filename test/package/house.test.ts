// @module-tag processes
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SOURCES = execFileSync('git', ['ls-files', '-co', '--exclude-standard', 'src', 'machines'], {
  cwd: ROOT,
  encoding: 'utf8',
})
  .split('\n')
  .filter(file => /\.(ts|css)$/.test(file));

const MOST_LINES = 300;
/** Each whole in its file, so that tools which read the source see all of the chart. */
const CHARTS = /^machines\/\w+\.machine\.ts$/;
const MOST_FILES = 16;
/** Of the page, whose rooms are its views. */
const MOST_PAGE_FILES = 15;

describe('the house', () => {
  it(`has no TypeScript file of more than ${MOST_LINES} lines`, () => {
    const long = SOURCES.filter(file => file.endsWith('.ts') && !CHARTS.test(file)).flatMap(file => {
      const lines = readFileSync(join(ROOT, file), 'utf8').split('\n').length - 1;
      return lines > MOST_LINES ? [`${file}: ${lines}`] : [];
    });
    expect(long).toEqual([]);
  });

  it(`has no room of more than ${MOST_FILES} files, of the page ${MOST_PAGE_FILES}`, () => {
    const counts = new Map<string, number>();
    for (const file of SOURCES) counts.set(dirname(file), (counts.get(dirname(file)) ?? 0) + 1);
    const mostIn = (room: string) => (room.startsWith('src/serve/page') ? MOST_PAGE_FILES : MOST_FILES);
    const crowded = [...counts].filter(([room, count]) => count > mostIn(room));
    expect(crowded).toEqual([]);
  });
});
