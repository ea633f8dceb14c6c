// @module-tag processes
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CRUISER = join(ROOT, 'node_modules', '.bin', 'depcruise');

const { FLOORS, patternOf } = createRequire(import.meta.url)('../../scripts/floors.cjs') as {
  readonly FLOORS: readonly (readonly string[])[];
  readonly patternOf: (room: string) => string;
};

/** A violation: the rule, the file and its import. */
type Planted = readonly [rule: string, file: string, imports: string];

/** One violation of each rule other than the rooms' rules, planted into an otherwise empty source tree. */
const PLANTED: readonly Planted[] = [
  ['no-circles', 'src/sdk/session/agent-b.ts', "import type { A } from './agent.ts'; export type B = A"],
  ['machines-need-xstate-only', 'machines/files.ts', "import { rmSync } from 'node:fs'; rmSync('x')"],
  ['machines-need-xstate-only', 'machines/zod.ts', "import { z } from 'zod'; z.string()"],
  [
    'words-before-charts',
    'machines/contract.ts',
    "import type { G } from './group.machine.ts'; export type C = G",
  ],
  [
    'charts-only-through-the-runner',
    'src/sdk/group/journal/events.ts',
    "import type { G } from '../../../../machines/group.machine.ts'; export type E = G",
  ],
  [
    'stores-keep-records',
    'src/store/memory.ts',
    "import type { R } from '../sdk/group/attempt/ground.ts'; export type M = R",
  ],
  [
    'stores-reach-the-world-by-ports',
    'src/store/journal/write.ts',
    "import { writeFileSync } from 'node:fs'; writeFileSync('x', '')",
  ],
  [
    'stores-reach-the-world-by-ports',
    'src/store/read.ts',
    "import { open } from 'node:fs/promises'; open('x')",
  ],
  [
    'stores-reach-the-world-by-ports',
    'src/store/alive.ts',
    "import { alive } from '../sdk/process/alive.ts'; alive()",
  ],
  [
    'control-reaches-sockets-by-a-port',
    'src/control/wire/connect.ts',
    "import { createConnection } from 'node:net'; createConnection('x')",
  ],
  ['words-stand-alone', 'src/words/time.ts', "import { clock } from '../sdk/clock.ts'; clock()"],
  [
    'words-stand-alone',
    'src/words/marks.ts',
    "import type { C } from '../../machines/contract.ts'; export type M = C",
  ],
  [
    'page-stands-alone',
    'src/serve/page/main.ts',
    "import type { R } from '../../sdk/group/engine/ground.ts'; export type P = R",
  ],
  ['entries-are-for-hosts', 'src/cli/library.ts', "import type { I } from '../index.ts'; export type L = I"],
  [
    'no-tests-in-the-product',
    'src/sdk/group/journal/fold.ts',
    "import type { T } from '../../../../test/t.ts'; export type F = T",
  ],
  ['only-declared-packages', 'src/sdk/duration.ts', "import fc from 'fast-check'; fc.integer()"],
  [
    'nothing-unresolved',
    'src/sdk/group/document/suggest.ts',
    "import type { N } from './nowhere.ts'; export type S = N",
  ],
];

/** A file in a room: the room itself if it is one file. */
const fileIn = (room: string, name: string) =>
  room.endsWith('/') ? `${room}${name}.ts` : room.replace('*', name);

/** In each room, a file that imports from a neighbouring room and from the floor above. */
const PLANTED_IN_ROOMS: readonly Planted[] = FLOORS.flatMap((floor, level) =>
  floor.flatMap((room, place): Planted[] => {
    const wrong = [...floor.slice(place + 1, place + 2), ...(FLOORS[level + 1] ?? []).slice(0, 1)];
    const file = fileIn(room, 'planted');
    const text = wrong.map((other, index) => {
      const path = relative(dirname(file), fileIn(other, 'ground'));
      return `export type { Ground as G${index} } from '${path.startsWith('.') ? path : `./${path}`}'`;
    });
    return wrong.length === 0 ? [] : [[`room ${room}`, file, text.join(';\n')]];
  }),
);

/** Imports from these rooms break a second rule here. */
const ALSO: Readonly<Record<string, string>> = {
  'src/words/': 'words-stand-alone',
  'src/serve/': 'entries-are-for-hosts',
  'src/index.ts': 'entries-are-for-hosts',
};

/** The files that the planted files import. */
const GROUND: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    FLOORS.flat().map(room => [fileIn(room, 'ground'), 'export type Ground = 1;\nexport type R = 1']),
  ),
  'machines/group.machine.ts': 'export type G = 1',
  'src/sdk/clock.ts': 'export const clock = () => 0',
  'src/sdk/process/alive.ts': 'export const alive = () => true',
  'src/sdk/session/agent.ts': "import type { B } from './agent-b.ts'; export type A = B",
  'src/index.ts': 'export type I = 1',
  'test/t.ts': 'export type T = 1',
};

describe('the import rules', () => {
  let house: string;
  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'session-groups-house-'));
    for (const name of ['package.json', '.dependency-cruiser.cjs', 'scripts/floors.cjs'])
      cpSync(join(ROOT, name), join(house, name));
    symlinkSync(join(ROOT, 'node_modules'), join(house, 'node_modules'));
  });
  afterAll(() => rmSync(house, { recursive: true, force: true }));

  const write = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(house, name)), { recursive: true });
      writeFileSync(join(house, name), `${text};\n`);
    }
  };

  it('find each planted violation, and nothing else', () => {
    write(GROUND);
    // If a room is one file, its original content stays, because others import it.
    const text = (file: string, imports: string) => `${GROUND[file] ?? ''};\n${imports}`;
    write(
      Object.fromEntries(
        [...PLANTED_IN_ROOMS, ...PLANTED].map(([, file, imports]) => [file, text(file, imports)]),
      ),
    );
    const found = violations(house);
    const wanted = [...PLANTED, ...PLANTED_IN_ROOMS].flatMap(([rule, file]) => {
      const also = ALSO[rule.replace(/^room /, '')];
      return [`${rule}: ${file}`, ...(also === undefined ? [] : [`${also}: ${file}`])];
    });
    expect([...new Set(found)].sort()).toEqual(wanted.sort());
  });

  it('make the check fail', () => {
    const { status } = spawnSync(CRUISER, ['--config', '.dependency-cruiser.cjs', 'machines', 'src'], {
      cwd: house,
    });
    expect(status).toBeGreaterThan(0);
  });

  it('assign every file to exactly one room', () => {
    const files = execFileSync('git', ['ls-files', 'machines/*.ts', 'src/*.ts'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    const patterns = FLOORS.flat().map(room => new RegExp(patternOf(room)));
    const astray = files
      .split('\n')
      .filter(file => file !== '' && patterns.filter(pattern => pattern.test(file)).length !== 1);
    expect(astray).toEqual([]);
  });

  it('are all covered by this test', () => {
    const print =
      'console.log(JSON.stringify(require("./.dependency-cruiser.cjs").forbidden.map(r => r.name)))';
    const names = JSON.parse(execFileSync(process.execPath, ['-e', print], { cwd: ROOT, encoding: 'utf8' }));
    const tried = [...PLANTED, ...PLANTED_IN_ROOMS].map(([rule]) => rule);
    expect([...new Set(tried)].sort()).toEqual([...names].sort());
  });
});

interface Cruise {
  readonly summary: {
    readonly violations: readonly { readonly from: string; readonly rule: { readonly name: string } }[];
  };
}

function violations(house: string): string[] {
  const args = ['--config', '.dependency-cruiser.cjs', '--output-type', 'json', 'machines', 'src'];
  const { stdout } = spawnSync(CRUISER, args, { cwd: house, encoding: 'utf8', maxBuffer: 2 ** 26 });
  const { summary } = JSON.parse(stdout) as Cruise;
  return summary.violations.map(({ from, rule }) => `${rule.name}: ${from}`);
}
