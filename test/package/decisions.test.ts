import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import * as machines from '../../machines/index.ts';
import * as main from '../../src/index.ts';
import * as inspect from '../../src/inspect/index.ts';
import * as testing from '../../src/testing.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** The values of the package by name; types have none, and are looked for in the text of the entries. */
const VALUES: Readonly<Record<string, unknown>> = { ...inspect, ...testing, ...machines, ...main };
const NAMES = new Set(
  ['src/index.ts', 'src/testing.ts', 'src/inspect/index.ts', 'machines/index.ts'].flatMap(entry =>
    [...read(entry).matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, list = '']) =>
      list.split(',').map(word => word.trim().replace(/^type /, '')),
    ),
  ),
);

const [, part = ''] = read('design-docs/DECISIONS.md').split('\n## From the plan to the code\n');
const ROWS = (part.split('\n## ')[0] ?? '')
  .split('\n')
  .filter(line => /^\| (?!item of|---)/.test(line))
  .map(line => {
    const [, item = '', exported = '', code = '', tests = ''] = line.split('|').map(cell => cell.trim());
    return { item, exported: quoted(exported), code: quoted(code), tests: quoted(tests) };
  });

function quoted(cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map(([, text = '']) => text);
}

/** Whether the package has what a cell names: `GroupStatus`, `buildGraph()`, `GroupRunner.run()`. */
function isExported(name: string): boolean {
  const [, owner = '', method, call] = /^(\w+)(?:\.(\w+))?(\(\))?$/.exec(name) ?? [];
  if (!NAMES.has(owner)) return false;
  if (call === undefined) return method === undefined;
  const value = VALUES[owner];
  if (typeof value !== 'function') return false;
  return method === undefined || method in value.prototype || ownMethod(value, method);
}

/** A method that instances have of their own, so that it can be detached. */
const ownMethod = (value: object, method: string) => new RegExp(`\\b${method} =`).test(String(value));

/** What the plan lists. */
const ITEMS = [
  ...[
    'Q11',
    'Q12',
    'Q13',
    'Q14',
    '1 Group types',
    'SessionGroup interface',
    'config types',
    'dependency types',
  ],
  ...['type tests', '2 Group Manager', 'CRUD', 'filtering', 'group status', 'status aggregation'],
  ...['3 Dependency Graph', 'buildGraph()', 'topological sort', 'getExecutionOrder()', 'cycle detection'],
  ...[
    '4 Group Runner',
    'respecting dependencies',
    'slots',
    'run()',
    'pause()/resume()',
    'stop',
    'budget checking',
  ],
  ...['MockProcessManager', '5 Progress Aggregator', 'multiple sessions', 'cost/token', 'summarization'],
  ...['getGroupStats()', '6 Config Generator', 'CLAUDE.md', 'MCP', 'interpolation', 'generateClaudeMd()'],
  ...['generateMcpConfig()', 'statechart', 'guards', 'RxJS', 'Inspector', 'model-based'],
];

describe('the table from the plan to the code', () => {
  it('has every item of the plan, each with its code and its test', () => {
    const text = ROWS.map(({ item }) => item).join('\n');
    expect(ITEMS.filter(item => !text.includes(item))).toEqual([]);
    expect(ROWS.filter(({ code, tests }) => code.length === 0 || tests.length === 0)).toEqual([]);
  });

  it.each(ROWS.map(row => [row.item, row] as const))('%s: files, tests and exports exist', (_, row) => {
    expect([...row.code, ...row.tests].filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
    expect(row.tests.filter(path => !path.startsWith('test/') || !path.endsWith('.test.ts'))).toEqual([]);
    expect(row.exported.filter(name => !isExported(name))).toEqual([]);
  });

  it('would miss a name or a method that does not exist', () => {
    const invented = [
      'buildTree()',
      'GroupManager.run()',
      'GroupRunner.delete()',
      'GroupStatus()',
      'Nothing',
    ];
    expect(invented.filter(isExported)).toEqual([]);
  });
});
