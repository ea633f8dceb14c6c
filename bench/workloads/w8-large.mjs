import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EDGES, largeDefinition, writeLargeDefinition } from '../lib/large-definition.mjs';
import { cpuOf, peakMb } from '../lib/measure.mjs';
import { BENCH } from '../lib/places.mjs';

/** @param given a file, or an object with a folder for its relative paths. */
async function created(given, baseDir) {
  const { createSessionGroup, memoryProjectGate } = await import('../lib/product.mjs');
  const { us } = await cpuOf(async () => {
    const group = await createSessionGroup(given, {
      ...{ projects: memoryProjectGate(), env: {} },
      ...(baseDir ? { baseDir } : {}),
    });
    await group.dispose();
  });
  return { cpuS: us / 1e6, peakMb: peakMb() };
}

const MEASURES = {
  'definition, YAML': ({ sessions, folder }) =>
    created(writeLargeDefinition(join(folder, 'group.yaml'), sessions)),
  'definition, JSON': ({ sessions, folder }) =>
    created(writeLargeDefinition(join(folder, 'group.json'), sessions)),
  'definition, object': ({ sessions, folder }) => created(largeDefinition(sessions), folder),
  async 'open a finished group'({ sessions, folder }) {
    const args = [join(BENCH, 'lib/small-groups.mjs'), folder, '1', String(sessions)];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(stderr);
    const { createFileStore, GroupManager, memoryProjectGate } = await import('../lib/product.mjs');
    const store = createFileStore({ dataDir: folder });
    const manager = new GroupManager({ store, projects: memoryProjectGate(), env: {} });
    const { value, us } = await cpuOf(() => manager.open(stdout.trim()));
    const { status: kept } = value.getResult();
    if (kept !== 'completed') throw new Error(`the group is ${kept}`);
    const figures = { cpuS: us / 1e6, peakMb: peakMb() };
    await manager.dispose();
    return figures;
  },
};
const DEFINITIONS = Object.keys(MEASURES).filter(name => name.startsWith('definition'));

export default {
  name: 'W8',
  title: 'Large definitions and saved groups',
  about:
    `A definition of 1,500 sessions, each of which needs the ${EDGES} before it: from the file or object to the created group; and a ` +
    'completed group of 10,000 sessions in a file store, opened by another process than the one that ran it. CPU in seconds, peak ' +
    'memory of the process.',
  rounds: 5,
  cases: ({ size }) => [
    ...DEFINITIONS.map(name => ({ name, sessions: size(1_500) })),
    { name: 'open a finished group', sessions: size(10_000), rounds: 3 },
  ],
  async measure({ name, sessions }) {
    const folder = mkdtempSync(join(tmpdir(), 'bench-'));
    const figures = await MEASURES[name]({ sessions, folder });
    rmSync(folder, { recursive: true });
    return figures;
  },
  rows: [
    ...DEFINITIONS.flatMap(name => [
      {
        ...{ name: `1,500 sessions × 300 edges, ${name}`, binding: true, unit: 's', atMost: 3 },
        value: of => of(name).cpuS,
      },
      {
        ...{ name: `1,500 sessions × 300 edges, ${name}`, binding: true, unit: 'MB', atMost: 250 },
        value: of => of(name).peakMb,
      },
    ]),
    {
      ...{ name: 'open a finished group of 10,000', unit: 's', atMost: 0.3 },
      value: of => of('open a finished group').cpuS,
    },
  ],
};
