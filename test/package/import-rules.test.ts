import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const CRUISER = join(ROOT, 'node_modules', '.bin', 'depcruise');

/** One violation of each rule, planted into a house that is otherwise empty: rule, file, what it imports. */
const PLANTED: readonly (readonly [rule: string, file: string, imports: string])[] = [
  ['no-circles', 'src/sdk/session/agent-b.ts', "import type { A } from './agent.ts'; export type B = A"],
  ['machines-stand-alone', 'machines/clock.ts', "import { clock } from '../src/sdk/clock.ts'; clock()"],
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
    "import type { G } from '../../../machines/group.machine.ts'; export type E = G",
  ],
  [
    'graph-before-runner',
    'src/sdk/group/dependency-graph.ts',
    "import type { R } from './runner.ts'; export type D = R",
  ],
  [
    'progress-knows-no-runner',
    'src/sdk/group/progress/progress.ts',
    "import type { R } from './runner.ts'; export type P = R",
  ],
  [
    'journal-knows-no-runner',
    'src/sdk/group/journal/journal.ts',
    "import type { R } from './runner.ts'; export type J = R",
  ],
  [
    'agents-know-no-group',
    'src/sdk/session/command.ts',
    "import type { R } from '../group/runner.ts'; export type C = R",
  ],
  [
    'store-knows-no-runner',
    'src/store/memory.ts',
    "import type { R } from '../sdk/group/runner.ts'; export type M = R",
  ],
  ['definition-first', 'src/sdk/group/types.ts', "import type { R } from './runner.ts'; export type T = R"],
  [
    'runner-before-api',
    'src/sdk/group/schedule/roster.ts',
    "import type { C } from './create.ts'; export type Q = C",
  ],
  [
    'library-before-cli',
    'src/sdk/group/api/plan.ts',
    "import type { M } from '../../cli/main.ts'; export type P = M",
  ],
  [
    'sdk-before-inspect',
    'src/sdk/group/engine/why.ts',
    "import type { M } from '../../inspect/mermaid.ts'; export type W = M",
  ],
  ['words-stand-alone', 'src/words/time.ts', "import { clock } from '../sdk/clock.ts'; clock()"],
  [
    'library-before-serve',
    'src/control/wire/client.ts',
    "import type { S } from '../serve/server.ts'; export type J = S",
  ],
  [
    'page-stands-alone',
    'src/serve/page/main.ts',
    "import type { R } from '../../sdk/group/runner.ts'; export type P = R",
  ],
  ['entries-are-for-hosts', 'src/cli/library.ts', "import type { I } from '../index.ts'; export type L = I"],
  [
    'no-tests-in-the-product',
    'src/sdk/group/journal/fold.ts',
    "import type { T } from '../../../test/t.ts'; export type F = T",
  ],
  ['only-declared-packages', 'src/sdk/duration.ts', "import fc from 'fast-check'; fc.integer()"],
  [
    'nothing-unresolved',
    'src/sdk/group/document/suggest.ts',
    "import type { N } from './nowhere.ts'; export type S = N",
  ],
];

/** What the planted files point at. */
const GROUND: Readonly<Record<string, string>> = {
  'machines/group.machine.ts': 'export type G = 1',
  'src/sdk/clock.ts': 'export const clock = () => 0',
  'src/sdk/session/agent.ts': "import type { B } from './agent-b.ts'; export type A = B",
  'src/sdk/group/runner.ts': 'export type R = 1',
  'src/sdk/group/api/create.ts': 'export type C = 1',
  'src/cli/main.ts': 'export type M = 1',
  'src/serve/server.ts': 'export type S = 1',
  'src/inspect/mermaid.ts': 'export type M = 1',
  'src/index.ts': 'export type I = 1',
  'test/t.ts': 'export type T = 1',
};

describe('the rules of who may import whom', { timeout: 60_000 }, () => {
  let house: string;
  beforeAll(() => {
    house = mkdtempSync(join(tmpdir(), 'session-groups-house-'));
    for (const name of ['package.json', '.dependency-cruiser.cjs'])
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
    write(Object.fromEntries(PLANTED.map(([, file, text]) => [file, text])));
    const found = violations(house);
    const wanted = PLANTED.map(([rule, file]) => `${rule}: ${file}`);
    expect([...new Set(found)].sort()).toEqual(wanted.sort());
  });

  it('end the check with an error', () => {
    const { status } = spawnSync(CRUISER, ['--config', '.dependency-cruiser.cjs', 'machines', 'src'], {
      cwd: house,
    });
    expect(status).toBeGreaterThan(0);
  });

  it('are all of them tried here', () => {
    const print =
      'console.log(JSON.stringify(require("./.dependency-cruiser.cjs").forbidden.map(r => r.name)))';
    const names = JSON.parse(execFileSync(process.execPath, ['-e', print], { cwd: ROOT, encoding: 'utf8' }));
    expect([...new Set(PLANTED.map(([rule]) => rule))].sort()).toEqual([...names].sort());
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
