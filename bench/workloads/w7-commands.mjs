import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BENCH, DIST } from '../lib/places.mjs';

const SESSION = { id: 'a', projectPath: '.', prompt: 'Work' };
const DEFINITION = {
  ...{ version: 1, name: 'Bench', sessions: [SESSION] },
  config: { agent: { kind: 'scripted', steps: [{ text: 'working' }, { result: 'done' }] } },
};
const COMMANDS = {
  'node -e 0': ['-e', '0'],
  '--version': [`${DIST}/src/cli/bin.js`, '--version'],
  '--help': [`${DIST}/src/cli/bin.js`, '--help'],
  plan: [`${DIST}/src/cli/bin.js`, 'plan', 'group.json'],
  run: [`${DIST}/src/cli/bin.js`, 'run', 'group.json'],
  'group list': [`${DIST}/src/cli/bin.js`, 'group', 'list'],
};
/** A shell's own `times`: what its children have taken, in thousandths of a second. */
const SCRIPT = 'for _ in $(seq "$TIMES"); do "$@" >/dev/null || exit 1; done; times';

/** CPU of a whole process, user and system, and the time until it has ended; both in ms. */
function measured(args, times, { folder, env }) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync('bash', ['-c', SCRIPT, 'bash', process.execPath, ...args], {
    ...{ cwd: folder, encoding: 'utf8', env: { ...env, TIMES: String(times), LC_ALL: 'C' } },
  });
  if (status !== 0) throw new Error(stderr);
  const children = [...(stdout.trim().split('\n')[1] ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  const seconds = children.reduce((sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest), 0);
  return { cpuMs: (1_000 * seconds) / times, wallMs: (performance.now() - start) / times };
}

export default {
  name: 'W7',
  title: 'Commands',
  about:
    'The CPU of a whole process with all its threads, and the time that it takes, in ms. `plan` and `run` are given a definition of one ' +
    'scripted session; of `group list`, the data folder has 2,000 saved groups.',
  rounds: 9,
  cases: ({ size }) =>
    Object.keys(COMMANDS).map(name => ({
      ...{ name, times: name === 'group list' ? 3 : 5 },
      ...(name === 'group list' ? { groups: size(2_000), rounds: 3 } : { groups: 0 }),
    })),
  measure({ name, times, groups }) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const dataDir = join(folder, 'data');
    mkdirSync(dataDir);
    writeFileSync(join(folder, 'group.json'), JSON.stringify(DEFINITION));
    const env = { ...process.env, SESSION_GROUPS_DATA_DIR: dataDir, XDG_CONFIG_HOME: folder };
    if (groups > 0) {
      const args = [join(BENCH, 'lib/small-groups.mjs'), dataDir, String(groups)];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
    }
    const figures = measured(COMMANDS[name], times, { folder, env });
    rmSync(folder, { recursive: true });
    return figures;
  },
  rows: [
    ...Object.entries({ '--version': 1.6, '--help': 1.6, plan: 4, run: 6 }).map(([name, atMost]) => ({
      ...{ name: `\`${name}\` : \`node -e 0\``, binding: true, unit: '×', atMost },
      value: of => of(name).cpuMs / of('node -e 0').cpuMs,
    })),
    {
      ...{ name: '`group list` of 2,000 groups, more than `--version`', unit: 's', atMost: 0.15 },
      value: of => (of('group list').cpuMs - of('--version').cpuMs) / 1_000,
    },
  ],
};
