#!/usr/bin/env node
// What the command line costs: node bench/w-cli.mjs [--rounds 20] [--contender NAME=BIN …] [--only ROW …]
//
// Each command is a whole process, user and system time with all that it waits for, beside `node -e 0`; a round has every
// command of every contender once. Prints a line of JSON for each row and contender with the medians:
// {"row":"plan","contender":"ours","cpuMs":…,"wallMs":…,"cpuRatio":…,"wallRatio":…}, the ratios being those to `node -e 0`.
// --contender  another build to compare, e.g. before=/path/to/dist/src/cli/bin.js; may be repeated
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const DIST = new URL('../dist/src/', import.meta.url);
const GROUPS = 2_000;
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '20' },
    contender: { type: 'string', multiple: true, default: [] },
    only: { type: 'string', multiple: true, default: [] },
  },
});
const contenders = [
  ['ours', fileURLToPath(new URL('cli/bin.js', DIST))],
  ...values.contender.map(text => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)]),
];

const folder = mkdtempSync(join(tmpdir(), 'session-groups-bench-cli-'));
const [fresh, many] = ['fresh', 'many'].map(name => join(folder, name));
writeFileSync(
  join(folder, 'group.json'),
  JSON.stringify({
    version: 1,
    name: 'One session',
    config: { agent: { kind: 'scripted', steps: [{ text: 'working' }, { result: 'done' }] } },
    sessions: [{ id: 'a', projectPath: '.', prompt: 'Work' }],
  }),
);

/** The arguments of each row, and its state store. */
const ROWS = {
  '--version': [['--version'], fresh],
  '--help': [['--help'], fresh],
  plan: [['plan', 'group.json'], fresh],
  run: [['run', 'group.json'], fresh],
  'group list, none': [['group', 'list'], fresh],
  [`group list, ${GROUPS} groups`]: [['group', 'list'], many],
};
const rows = Object.keys(ROWS).filter(row => values.only.length === 0 || values.only.includes(row));

try {
  if (rows.some(row => ROWS[row][1] === many)) await saveGroups();
  const cases = [
    { row: 'node -e 0', contender: 'node', args: ['-e', '0'], store: fresh },
    ...rows.flatMap(row =>
      contenders.map(([contender, bin]) => ({
        ...{ row, contender },
        args: [bin, ...ROWS[row][0]],
        store: ROWS[row][1],
      })),
    ),
  ];
  const measured = new Map(cases.map(one => [one, []]));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const one of cases) measured.get(one).push(timed(one));
  }
  const [base] = [...measured.values()].map(mediansOf);
  for (const [{ row, contender }, times] of measured) {
    const { cpuMs, wallMs } = mediansOf(times);
    const ratios = { cpuRatio: cpuMs / base.cpuMs, wallRatio: wallMs / base.wallMs };
    console.log(JSON.stringify({ row, contender, cpuMs, wallMs, ...ratios }, rounded));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** Node has no times of child processes; bash has them, in milliseconds. */
function timed({ args, store }) {
  if (store === fresh) rmSync(fresh, { recursive: true, force: true });
  const script = `TIMEFORMAT='%3U %3S %3R'; time "$0" "$@" > output 2>&1`;
  const { status, stderr } = spawnSync('bash', ['-c', script, process.execPath, ...args], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      SESSION_GROUPS_DATA_DIR: store,
      SESSION_GROUPS_CONFIG_DIR: join(folder, 'config'),
    },
  });
  if (status !== 0) throw new Error(`${args.join(' ')} exited with ${status}: ${stderr}`);
  const [user, system, wall] = stderr.trim().split(/\s+/).map(Number);
  return { cpuMs: 1_000 * (user + system), wallMs: 1_000 * wall };
}

function mediansOf(times) {
  const median = key => times.map(time => time[key]).sort((a, b) => a - b)[times.length >> 1];
  return { cpuMs: median('cpuMs'), wallMs: median('wallMs') };
}

/** Groups that were created and not started, one a minute. */
async function saveGroups() {
  const { createFileStore, loadDefinition } = await import(new URL('index.js', DIST).href);
  const { definition } = await loadDefinition(join(folder, 'group.json'));
  mkdirSync(many);
  const store = createFileStore({ dataDir: many });
  for (let number = 0; number < GROUPS; number++) {
    const createdAt = Date.UTC(2026, 0, 1) + 60_000 * number;
    await (await store.create({ slug: 'bench', createdAt, definition })).release();
  }
}

function rounded(_key, value) {
  return typeof value === 'number' ? Number(value.toFixed(3)) : value;
}
