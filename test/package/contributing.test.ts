import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');
const { FLOORS } = createRequire(import.meta.url)('../../scripts/floors.cjs') as {
  readonly FLOORS: readonly (readonly string[])[];
};

/** Files and folders that a text names, by their paths from the root. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/`((?:src|machines|test|scripts|bench|design-docs)\/[\w./-]*)`/g)].flatMap(
    ([, path]) => path ?? [],
  );

describe.each(['CONTRIBUTING.md', 'AGENTS.md', 'design-docs/DECISIONS.md'])('%s', document => {
  it('names files that exist', () => {
    const named = pathsIn(read(document));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter(path => !existsSync(join(ROOT, path)))).toEqual([]);
  });

  it('names commands that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const named = [...read(document).matchAll(/npm run ([\w:]+)/g)].map(([, name = '']) => name);
    expect(named.filter(name => !(name in scripts))).toEqual([]);
  });
});

describe('the recipes', () => {
  const recipes = read('CONTRIBUTING.md').split('\n### ').slice(1);

  it.each(recipes.map(recipe => [recipe.split('\n')[0] ?? '', recipe]))(
    '%s: names existing files, step by step',
    (_, recipe) => {
      const steps = recipe.split('\n').filter(line => /^\d+\. /.test(line));
      expect(steps.length).toBeGreaterThan(1);
      expect(pathsIn(recipe).length).toBeGreaterThan(0);
    },
  );
});

it('the map of the architecture lists every room, floor by floor', () => {
  const map = read('design-docs/architecture.md');
  const places = FLOORS.flatMap(floor => [Math.max(...floor.map(room => map.indexOf(`\n${room}`)))]);
  expect(
    FLOORS.flat().filter(room => !new RegExp(`(^|  )${room.replace('*', '\\*')}`, 'm').test(map)),
  ).toEqual([]);
  expect(places).toEqual([...places].sort((a, b) => a - b));
});
