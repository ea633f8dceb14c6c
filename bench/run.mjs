#!/usr/bin/env node
// `npm run bench [-- WORKLOAD…] [--rounds N] [--scale X] [--only TEXT] [--contender FILE] [--profile FOLDER] [--out FOLDER]`
//
// Runs the workloads (default: all), each case of each in a process of its own, interleaved: a round has every case once.
// The raw figures are kept in results.json, by workload, and RESULTS.md is written from them.
//
// --rounds N        instead of the workload's own number
// --scale X         so much of each size, e.g. 0.1; only for a quick look: the targets are for 1
// --only TEXT       only cases whose name begins with it; may be repeated
// --contender FILE  a module that W1 compares too (contenders/index.mjs); may be repeated
// --profile FOLDER  a CPU profile of each case's process; its figures are not to be kept
// --out FOLDER      where results.json and RESULTS.md are. Default: bench/
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { buildIfNeeded } from '../scripts/build-if-needed.mjs';
import { circumstances, fleetVersions, installedVersion } from './lib/circumstances.mjs';
import { BENCH } from './lib/places.mjs';
import { render } from './results.mjs';

const { values, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    scale: { type: 'string', default: '1' },
    only: { type: 'string', multiple: true, default: [] },
    contender: { type: 'string', multiple: true, default: [] },
    profile: { type: 'string' },
    out: { type: 'string', default: BENCH },
  },
});
const scale = Number(values.scale);
const files = readdirSync(join(BENCH, 'workloads')).sort();
const workloads = await Promise.all(
  files.map(async file => ({ file, ...(await import(`./workloads/${file}`)).default })),
);
const unknown = wanted.find(name => !workloads.some(workload => workload.name === name));
if (unknown) fail(`no such workload: ${unknown} (there are ${workloads.map(({ name }) => name).join(', ')})`);

if (process.env.SESSION_GROUPS_DIST === undefined) buildIfNeeded(); // else the build in that folder is measured
mkdirSync(values.out, { recursive: true });
const rawPath = join(values.out, 'results.json');
const raw = existsSync(rawPath) ? JSON.parse(readFileSync(rawPath, 'utf8')) : {};
let failures = 0;
for (const workload of workloads) {
  if (wanted.length > 0 && !wanted.includes(workload.name)) continue;
  raw[workload.name] = await measured(workload);
  writeFileSync(rawPath, `${JSON.stringify(raw, undefined, 1)}\n`);
  writeFileSync(join(values.out, 'RESULTS.md'), render(workloads, raw));
}
if (failures > 0) fail(`${failures} cases failed`);

/** All rounds of one workload. */
async function measured(workload) {
  const all = workload.cases({
    size: count => Math.max(1, Math.round(count * scale)),
    extra: values.contender.map(file => resolve(file)),
  });
  const { only } = values;
  const cases = all.filter(({ name }) => only.length === 0 || only.some(text => name.startsWith(text)));
  if (cases.some(one => one.package)) installIfMissing();
  const rounds = [];
  const skipped = {};
  for (let number = 0; number < Number(values.rounds ?? workload.rounds); number++) {
    const round = {};
    for (const one of rotated(cases, number)) {
      if (number >= (one.rounds ?? number + 1) || skipped[one.name] !== undefined) continue;
      const { figures, unavailable } = await inProcess(workload.file, one);
      if (figures) round[one.name] = figures;
      if (unavailable) skipped[one.name] = unavailable;
      const told = Object.entries(figures ?? {}).map(([key, value]) => `${key} ${value.toFixed(2)}`);
      console.error(`${workload.name} ${number + 1}: ${one.name}: ${unavailable ?? told.join(', ')}`);
    }
    rounds.push(round);
  }
  const used = workload.usesRedis ? { fleet: fleetVersions() } : {};
  return { ...circumstances(cases), ...used, scale, rounds, skipped };
}

/** Each round begins with another case, so that none always comes after the same one. */
function rotated(cases, by) {
  return cases.map((_, at) => cases[(at + by) % cases.length]);
}

async function inProcess(file, one) {
  const profiling = values.profile ? ['--cpu-prof', `--cpu-prof-dir=${values.profile}`] : [];
  const args = [...profiling, join(BENCH, 'case.mjs'), file, JSON.stringify(one)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', chunk => {
    text += chunk;
  });
  const code = await new Promise(ended => child.once('close', ended));
  if (code === 0) return JSON.parse(text.trimEnd().split('\n').at(-1));
  failures += 1;
  return { unavailable: `failed with exit code ${code}` };
}

function installIfMissing() {
  const { dependencies } = JSON.parse(readFileSync(join(BENCH, 'package.json'), 'utf8'));
  if (Object.entries(dependencies).every(([name, version]) => installedVersion(name) === version)) return;
  console.error('Installing what is compared …');
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (spawnSync('npm', args, { cwd: BENCH, stdio: ['ignore', 2, 2] }).status !== 0)
    fail('npm ci failed in bench/');
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
