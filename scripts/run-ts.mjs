#!/usr/bin/env node
// Runs one TypeScript file of this repository: `node scripts/run-ts.mjs FILE [ARGUMENTS…]`.
// Node 20 does not strip types, so the file and what it imports are compiled into .cache/ first, unchecked.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** Compiles `entry` and returns the path of the resulting JavaScript. */
export function compile(entry) {
  const source = resolve(entry);
  const name = relative(root, source);
  const folder = join(root, '.cache', 'run-ts', name.replaceAll('/', '_'));
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'tsconfig.json');
  const compilerOptions = {
    noEmit: false,
    noCheck: true,
    declaration: false,
    rootDir: root,
    outDir: join(folder, 'out'),
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
  };
  writeFileSync(
    config,
    JSON.stringify({ extends: join(root, 'tsconfig.json'), compilerOptions, include: [], files: [source] }),
  );
  const compiler = join(root, 'node_modules/.bin/tsc');
  const made = spawnSync(compiler, ['-p', config], { encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`${name} does not compile:\n${made.stdout}${made.stderr}`);
  return join(folder, 'out', name.replace(/\.ts$/, '.js'));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [entry, ...rest] = process.argv.slice(2);
  if (!entry) {
    console.error('usage: node scripts/run-ts.mjs FILE [ARGUMENTS…]');
    process.exit(2);
  }
  const script = compile(entry);
  process.argv.splice(1, process.argv.length - 1, script, ...rest);
  await import(pathToFileURL(script).href);
}
