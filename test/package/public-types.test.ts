import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Declaration {
  readonly name: string;
  readonly file: string;
  readonly from?: string;
  readonly isType: boolean;
  readonly text: string;
}
interface References {
  declarationsReachableFrom(entry: string, isOpaque: (name: string) => boolean): readonly Declaration[];
  exportedNames(entry: string): readonly string[];
}
interface Entries {
  readonly ROOT: string;
  readonly ENTRIES: readonly { readonly specifier: string; readonly source: string }[];
}
const scripts = new URL('../../scripts/', import.meta.url);
const { ROOT, ENTRIES } = (await import(`${scripts}exported-names.mjs`)) as Entries;
const { declarationsReachableFrom, exportedNames } = (await import(
  `${scripts}referenced-types.mjs`
)) as References;

/** What a host passes on as it got it: the names are exported, what is in them is the library's own. */
const OPAQUE = new Set([
  'GroupActor',
  'GroupFold',
  'GroupInput',
  'JournalRecord',
  'ProvidedGroup',
  'ResolvedAgent',
  'SessionSlots',
  'WorkspacePort',
]);

const built = (source: string): string => join(ROOT, 'dist', source.replace(/\.ts$/, '.d.ts'));
const MAIN = 'src/index.ts';
/** Hosts of these import the rest from the main entry. */
const BESIDE_MAIN = new Set([
  'src/testing.ts',
  'src/serve/index.ts',
  'src/inspect/index.ts',
  'src/bullmq.ts',
]);
const reached = ENTRIES.map(entry => ({
  ...entry,
  declarations: declarationsReachableFrom(built(entry.source), name => OPAQUE.has(name)),
}));

/** A file of the repository, a record of a decision, or a rule of another place. */
const ELSEWHERE =
  /design-docs|src\/|\b[\w-]+\.ts\b|\b(?!CLAUDE|README)[a-z-]+-[a-z-]+\.md\b|\bADR\b|\(I\d+|\b(?!UTF-|SHA-)[A-Z]{2,}(-[A-Z]+)*-\d+\b/;
/** A rule where it is stated. */
const STATED = /^\s*\* [A-Z]+(-[A-Z]+)*-\d+ /;

describe.each(reached)('the declarations of $specifier', ({ source, declarations }) => {
  it('refer to types that hosts can import by name', () => {
    const names = new Set(exportedNames(built(source)));
    if (BESIDE_MAIN.has(source)) for (const name of exportedNames(built(MAIN))) names.add(name);
    const missing = declarations.filter(({ name, isType }) => isType && !names.has(name));
    expect(missing.map(({ name, from }) => `${name}, of ${from}`)).toEqual([]);
    expect(declarations.length).toBeGreaterThan(5); // the walk works
  });

  it('have comments that stand alone', () => {
    const lines = declarations.flatMap(({ name, text }) =>
      (text.match(/\/\*\*((?!\*\/)[\s\S])*\*\//g) ?? [])
        .flatMap(comment => comment.split('\n'))
        .map(line => ({ name, line: line.replace(STATED, '').trim() })),
    );
    expect(lines.filter(({ line }) => ELSEWHERE.test(line))).toEqual([]);
    expect(lines.length).toBeGreaterThan(5);
  });
});

describe('the list of exports', () => {
  it('says of each whether it can be used as a value', async () => {
    const text = readFileSync(join(ROOT, 'docs', 'api.md'), 'utf8');
    for (const { specifier, source } of ENTRIES) {
      const [, part = ''] = text.split(`\n## \`${specifier}\`\n`);
      const rows = [...(part.split('\n## ')[0] ?? '').matchAll(/^\| `(\w+)` \| ([^|]+) \|/gm)];
      const values = rows.filter(([, , kind]) => kind !== 'type').map(([, name]) => name);
      const built = (await import(join(ROOT, 'dist', source.replace(/\.ts$/, '.js')))) as object;
      expect(values.sort()).toEqual(Object.keys(built).sort());
    }
  });
});
