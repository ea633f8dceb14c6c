// @module-tag processes
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { builtPage } from '../support/built-page.ts';

const files = () =>
  readdirSync(builtPage(), { recursive: true, encoding: 'utf8' }).filter(name =>
    statSync(join(builtPage(), name)).isFile(),
  );

test('the served page is smaller than 120 kB', () => {
  const bytes = files().map(name => statSync(join(builtPage(), name)).size);
  expect(bytes.reduce((sum, size) => sum + size, 0)).toBeLessThan(120_000);
});

test('the page consists of browser files only, and requests no other host', () => {
  for (const name of files()) {
    expect(name).toMatch(/\.(html|css|js|svg)$/);
    const text = readFileSync(join(builtPage(), name), 'utf8').replaceAll('http://www.w3.org/', '');
    expect(text, name).not.toMatch(/https?:\/\/(?!127\.0\.0\.1)[a-z]/);
  }
});
