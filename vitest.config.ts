import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';

const ROOT = fileURLToPath(new URL('.', import.meta.url));
/** Suites with a configuration and a run of their own. */
const APART = /^test\/(claude|crash|browser|journeys|package\/(packed|bundlers))\//;

/** Tags in each file decide how it runs: there is no list to maintain. */
const files = readdirSync(join(ROOT, 'test'), { recursive: true, encoding: 'utf8' })
  .map(name => `test/${name}`)
  .filter(name => name.endsWith('.test.ts') && !APART.test(name))
  .map(name => {
    const text = readFileSync(join(ROOT, name), 'utf8');
    const has = (tag: string) => text.includes(`// @module-tag ${tag}\n`);
    return { name, processes: has('processes'), long: has('long'), mocks: /\bvi\.mock\(/.test(text) };
  });
type TestFile = (typeof files)[number];

/** All files of a project share loaded modules, except those that mock modules. */
export function projects(takes: (file: TestFile) => boolean): TestProjectInlineConfiguration[] {
  const project = (name: string, isolate: boolean, has: (file: TestFile) => boolean) => ({
    extends: true as const,
    test: { name, isolate, include: files.filter(file => takes(file) && has(file)).map(file => file.name) },
  });
  return [
    project('plain', false, file => !file.processes && !file.mocks),
    project('processes', false, file => file.processes && !file.mocks),
    project('mocks', true, file => file.mocks),
  ].filter(({ test }) => test.include.length > 0);
}

export default defineConfig({
  test: {
    projects: projects(() => true),
    tags: [
      { name: 'processes', description: 'starts processes' },
      { name: 'long', description: 'takes seconds and is not a property that could run less often' },
    ],
    provide: { shareOfRuns: 1 },
    // Vitest alone would leave a core to itself, and use one of two; most tests wait for a process or a disk now and then.
    maxWorkers: '100%',
    // For programs that the code under test starts.
    execArgv: ['--import', fileURLToPath(new URL('./scripts/load-typescript.mjs', import.meta.url))],
    expect: { poll: { timeout: 60_000 } },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
