#!/usr/bin/env node
// Builds the page that `serve` shows: `node scripts/build-page.mjs [--no-check] [FOLDER]`. Its modules are compiled
// one by one and minified, without a bundler, into FOLDER (default: dist/src/serve/page), and its style sheets too; other
// files are copied.
// Outside the page they may import values from SHARED only, which goes to FOLDER under its own path, without `src`.
import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { minifySync } from '@swc/core';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const SOURCE = join('src', 'serve', 'page');
const SHARED = [
  join('machines', 'vocabulary.js'),
  join('src', 'sdk', 'format.js'),
  join('src', 'sdk', 'session', 'reports', 'questions.js'),
  join('src', 'sdk', 'session', 'reports', 'whole-input.js'),
  join('src', 'sdk', 'take-over-words.js'),
  join('src', 'words'),
];

const args = process.argv.slice(2);
const target = args.find(argument => !argument.startsWith('--')) ?? join(ROOT, 'dist', SOURCE);
process.exitCode = build(target, { check: !args.includes('--no-check') });

function build(folder, { check }) {
  const cache = join(ROOT, '.cache');
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, 'page-'));
  try {
    const compiler = join(ROOT, 'node_modules', '.bin', 'tsc');
    const options = ['-p', 'tsconfig.page.json', '--outDir', making, ...(check ? [] : ['--noCheck'])];
    const { status } = spawnSync(compiler, options, { cwd: ROOT, stdio: 'inherit' });
    if (status !== 0) return status ?? 1;
    const made = join(making, SOURCE);
    for (const name of readdirSync(join(ROOT, SOURCE))) {
      const [from, to] = [join(ROOT, SOURCE, name), join(made, name)];
      if (extname(name) === '.css') writeFileSync(to, smallerStyles(readFileSync(from, 'utf8')));
      else if (!['.ts', ''].includes(extname(name))) copyFileSync(from, to);
    }
    for (const place of SHARED) {
      const compiled = join(making, place);
      if (!existsSync(compiled)) continue;
      mkdirSync(dirname(join(made, placeOf(place))), { recursive: true });
      renameSync(compiled, join(made, placeOf(place)));
    }
    const problems = readdirSync(made, { recursive: true }).flatMap(name => link(made, name));
    for (const problem of problems) console.error(problem);
    if (problems.length > 0) return 1;
    mkdirSync(join(folder, '..'), { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    renameSync(made, folder);
    return 0;
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

/** Without comments, and without the blanks that mean nothing. No string in the style sheets may have such in it. */
function smallerStyles(text) {
  return text
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/ ?([{};,>]) ?/g, '$1')
    .replace(/([{;][\w-]+): /g, '$1:')
    .replaceAll(';}', '}')
    .trim();
}

/** Where in FOLDER a compiled module goes. */
function placeOf(path) {
  const base = [SOURCE, 'src'].find(folder => path.startsWith(folder)) ?? '';
  return relative(base, path);
}

/** The source of a module in FOLDER. */
function sourceOf(place) {
  const shared = SHARED.find(path => place.startsWith(placeOf(path)));
  return shared === undefined ? join(SOURCE, place) : shared + place.slice(placeOf(shared).length);
}

/** Rewrites the imports of a module for its place in FOLDER; returns the problems. */
function link(folder, name) {
  if (extname(name) !== '.js') return [];
  const path = join(folder, name);
  const folderOfSource = dirname(sourceOf(name));
  const text = readFileSync(path, 'utf8').replaceAll(
    /((?:from |import |import\()['"])(\.[^'"]+)/g,
    (_, start, specifier) => {
      const place = relative(dirname(name), placeOf(join(folderOfSource, specifier)));
      return `${start}${place.startsWith('.') ? place : `./${place}`}`;
    },
  );
  writeFileSync(path, minifySync(text, { module: true, compress: true, mangle: true }).code);
  const imported = /^(?:import|export) (?:[^'"]*? from )?['"]([^'"]+)['"]|\bimport\(['"]([^'"]+)['"]\)/gm;
  return [...text.matchAll(imported)]
    .map(([, needed, later]) => needed ?? later)
    .filter(specifier => !specifier.startsWith('.') || !existsSync(join(folder, dirname(name), specifier)))
    .map(specifier => `${join(SOURCE, name)}: the page has no module ${JSON.stringify(specifier)}`);
}
