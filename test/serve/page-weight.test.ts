// @module-tag processes
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { builtPage } from '../support/built-page.ts';

const files = () =>
  readdirSync(builtPage(), { recursive: true, encoding: 'utf8' }).filter(name =>
    statSync(join(builtPage(), name)).isFile(),
  );

/** What the browser loads before anything is opened: what these files name, and what those do. */
function firstOf(names: readonly string[], found = new Set<string>()): Set<string> {
  for (const name of names) {
    if (found.has(name)) continue;
    found.add(name);
    const text = readFileSync(join(builtPage(), name), 'utf8');
    const urls = [...text.matchAll(/(?:src|href)="\/assets\/([^"]+)"/g)].map(([, url = '']) => url);
    const modules = [...text.matchAll(/(?:from|import)\s?"(\.[^"]+)"/g)].map(([, module = '']) =>
      join(dirname(name), module),
    );
    firstOf([...urls, ...(name.endsWith('.js') ? modules : [])], found);
  }
  return found;
}
const weightOf = (names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + statSync(join(builtPage(), name)).size, 0);

test('the page is smaller than 115 kB at first, and than 182 kB with what is loaded when it is opened', () => {
  const first = firstOf(['index.html']);
  expect(first).toContain('group/group-view.js');
  expect(first).not.toContain('work/diff-view.js');
  expect(first).not.toContain('session/session-panel.js');
  expect(first).not.toContain('group/approvals.js');
  expect(weightOf(first)).toBeLessThan(115_000);
  expect(weightOf(files())).toBeLessThan(182_000);
});

test('the page consists of browser files only, and requests no other host', () => {
  for (const name of files()) {
    expect(name).toMatch(/\.(html|css|js|svg)$/);
    const text = readFileSync(join(builtPage(), name), 'utf8').replaceAll('http://www.w3.org/', '');
    expect(text, name).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)[a-z]/);
  }
});
