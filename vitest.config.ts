import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
/** Runs of their own, each with a configuration. */
const APART = /^test\/(claude|crash|browser|package\/packed)\//;

/** What a file says of itself decides how it runs: there is no list to keep. */
const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .map(name => `test/${name}`)
  .filter(name => name.endsWith('.test.ts') && !APART.test(name))
  .map(name => {
    const text = readFileSync(join(ROOT, name), 'utf8');
    return { name, processes: text.includes('// @module-tag processes\n'), mocks: /\bvi\.mock\(/.test(text) };
  });

/** Modules are loaded once for all of its files; but who replaces modules has them to itself. */
const project = (name: string, processes: boolean, mocks: boolean): TestProjectInlineConfiguration => ({
  extends: true,
  test: {
    name,
    include: files
      .filter(file => file.processes === processes && file.mocks === mocks)
      .map(file => file.name),
    isolate: mocks,
  },
});

export const withoutProcesses = [project('plain', false, false), project('mocks', false, true)];
const withProcesses = [project('processes', true, false), project('processes, mocks', true, true)];

export default defineConfig({
  test: {
    projects: [...withoutProcesses, ...withProcesses],
    tags: [{ name: 'processes', description: 'starts processes' }],
    provide: { shareOfRuns: 1 },
    // For the programs that the sources start.
    execArgv: ['--import', fileURLToPath(new URL('./scripts/load-typescript.mjs', import.meta.url))],
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
