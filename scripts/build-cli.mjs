#!/usr/bin/env node
// Bundles the command line of a compiled package: `node scripts/build-cli.mjs [DIST]` (default: dist) writes
// DIST/src/cli/bundle, which DIST/src/cli/bin.js prefers to the modules (ADR "The command line is bundled"). Packages
// that it contains are named in LICENSES.txt beside it, with their licences; the optional peers stay outside.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CLI = join(resolve(process.argv[2] ?? join(ROOT, 'dist')), 'src', 'cli');
/** As deep below `src` as the modules that look for files of the package (src/sdk/process/own-files.ts). */
const TARGET = join(CLI, 'bundle');

const manifest = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
const peers = Object.keys(manifest.peerDependencies);
/** For Node it names its CommonJS build, of which all would be taken. */
const RXJS = join(dirname(createRequire(import.meta.url).resolve('rxjs/package.json')), 'dist/esm/index.js');

/**
 * What is loaded together, with all that it imports, unless an earlier part has it: what help needs, the charts (without
 * the one module of theirs that the next part needs, too), what reads saved groups, what plans, and what runs. Everything
 * else is loaded by itself, when it is needed.
 */
const PARTS = {
  start: ['src/cli/start.js'],
  schemas: ['/node_modules/zod/'],
  budget: ['machines/budget-guards.js'],
  charts: ['src/inspect/charts.js'],
  saved: ['src/cli/commands/group/list.js', 'src/store/file-store.js', 'src/sdk/user-folders.js'],
  plan: ['src/cli/commands/plan.js', 'src/sdk/group/definition/definition.js'],
  agents: ['src/cli/plugins/check-agent.js'],
  run: ['src/cli/commands/run.js', 'src/sdk/group/api/create.js', 'src/control/serve-group.js'],
};
const groups = Object.entries(PARTS).map(([name, roots], index) => ({
  name,
  priority: 100 - index,
  test: id => roots.some(root => (root.endsWith('/') ? id.includes(root) : id.endsWith(`/${root}`))),
}));

const bundle = await rolldown({
  input: { start: join(CLI, 'start.js') },
  platform: 'node',
  external: id => id.startsWith('node:') || id === `${manifest.name}/package.json` || peers.includes(id),
  resolve: { alias: { rxjs: RXJS } },
  onLog(level, log) {
    if (log.code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(`${level}: ${log.message}`);
  },
});
rmSync(TARGET, { recursive: true, force: true });
const { output } = await bundle.write({
  dir: TARGET,
  format: 'esm',
  entryFileNames: '[name].js',
  chunkFileNames: '[name]-[hash].js',
  minify: { compress: { keepNames: { function: true, class: true } }, mangle: { keepNames: true } },
  codeSplitting: { groups },
});

// A file of one byte a character is compiled in less time.
for (const { fileName } of output) {
  const file = join(TARGET, fileName);
  const escaped = char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`;
  writeFileSync(file, readFileSync(file, 'utf8').replace(/[\u0080-\uffff]/g, escaped));
}

const contained = output.flatMap(({ modules = {} }) => Object.keys(modules)).flatMap(packageOf);
writeFileSync(join(TARGET, 'LICENSES.txt'), licences([...new Set(contained)].sort()));

function packageOf(id) {
  const [, folder] = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(id) ?? [];
  return folder === undefined ? [] : [folder];
}

function licences(folders) {
  const texts = folders.map(folder => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const files = readdirSync(folder).filter(file => /^(licen[cs]e|notice)/i.test(file));
    if (files.length === 0) throw new Error(`${name} has no licence to pass on`);
    const text = files.map(file => readFileSync(join(folder, file), 'utf8').trim()).join('\n\n');
    return `${name} ${version} (${license})\n\n${text}\n`;
  });
  return `The files in this folder contain these packages:\n\n${texts.join(`\n${'-'.repeat(80)}\n\n`)}`;
}

// Nobody imports the command line, so its types are of no use.
for (const file of readdirSync(CLI, { recursive: true })) if (file.endsWith('.d.ts')) rmSync(join(CLI, file));

if (!existsSync(join(TARGET, 'start.js'))) throw new Error('the command line was not bundled');
