import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import budgets from './budgets.json' with { type: 'json' };

/*
 * Budgets against bloat. Explain a raise in the commit that makes it. What only the packed package shows (its size,
 * modules loaded per command) is tested in packed/packed.test.ts.
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** The names that an entry exports. */
const exportsOf = (entry: string): string[] =>
  [...read(entry).matchAll(/export (?:type )?\{([^}]*)\}/g)].flatMap(([, names = '']) =>
    names.split(',').filter(name => name.trim() !== ''),
  );

describe('the budget', () => {
  it(`of runtime dependencies is ${budgets.runtimeDependencies}`, () => {
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect(Object.keys(dependencies).length).toBeLessThanOrEqual(budgets.runtimeDependencies);
  });

  it.each(Object.entries(budgets.exports))('of %s is %i exported names', (entry, most) => {
    expect(read(entry)).not.toMatch(/export \*/);
    expect(exportsOf(entry).length).toBeLessThanOrEqual(most);
  });
});
