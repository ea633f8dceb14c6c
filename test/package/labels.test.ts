import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

/*
 * Labels of invariants, `STORE-2`: a module defines its own at its head, each at the beginning of a comment line, and
 * the page in the table of page.md. Those of the whole project are I1 to I15 (design-docs/invariants.md).
 */

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Line {
  readonly path: string;
  readonly text: string;
}

interface Label {
  readonly path: string;
  readonly prefix: string;
  readonly number: number;
}

const linesUnder = (folder: string): Line[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter(name => /\.(ts|css|md)$/.test(name) && !name.startsWith('fixtures/'))
    .flatMap(name => linesOf(`${folder}/${name}`));

const linesOf = (path: string): Line[] =>
  readFileSync(join(ROOT, path), 'utf8')
    .split('\n')
    .map(text => ({ path, text }));

const SOURCES = ['src', 'machines'].flatMap(linesUnder);
const TESTS = linesUnder('test');
const DOCUMENTS = [...linesUnder('design-docs'), ...linesOf('CONTRIBUTING.md')];

/** Looks like a label but is not. */
const STANDARDS = ['UTF-8', 'UTF-16', 'CRC-32'];
/** Questions of the plan that the decisions cite. */
const QUESTIONS = ['Q11', 'Q12', 'Q13', 'Q14', 'Q15', 'Q18'];
const NODES_ENGINE = 'V8';
/** What `npm run bench` measures: W1 and so on. */
const WORKLOADS = readdirSync(join(ROOT, 'bench/workloads')).map(name => name.slice(0, 2).toUpperCase());

const DEFINED = [...SOURCES, ...linesOf('design-docs/page.md')].flatMap(({ path, text }): Label[] => {
  const [, prefix, number] = /^(?: \* |\| )([A-Z]+(?:-[A-Z]+)*)-(\d{1,2}) /.exec(text) ?? [];
  return prefix === undefined ? [] : [{ path, prefix, number: Number(number) }];
});
const PREFIXES = [...new Set(DEFINED.map(({ prefix }) => prefix))];

const without = (found: readonly string[], known: readonly string[]) =>
  found.filter(label => !known.includes(label));

/** The part of a line that is a comment, the name of a test, or the name of a conformance case. */
const told = (text: string): string =>
  /^\s*\/?\*+(.*)|(?:^|[^:])\/\/(.*)|^\s*(?:(?:test|it|describe)\b.*?|name: )(['"`].*)/
    .exec(text)
    ?.slice(1)
    .join('') ?? '';

const oldIn = (text: string): string[] =>
  without(text.match(/\b[A-HJ-Z][0-9]{1,2}\b/g) ?? [], [...QUESTIONS, ...WORKLOADS, NODES_ENGINE]);

describe('labels of invariants', () => {
  it.each(PREFIXES)('%s-1 and so on are defined in one file, each once, without a gap', prefix => {
    const labels = DEFINED.filter(label => label.prefix === prefix);
    expect(new Set(labels.map(({ path }) => path)).size).toBe(1);
    expect(labels.map(({ number }) => number)).toEqual(labels.map((_, index) => index + 1));
  });

  it('are defined where they are cited', () => {
    const known = DEFINED.map(({ prefix, number }) => `${prefix}-${number}`);
    const cited = [...SOURCES, ...TESTS, ...DOCUMENTS].flatMap(({ path, text }) =>
      without(text.match(/(?<![\w-])[A-Z]+(?:-[A-Z]+)*-\d{1,2}\b/g) ?? [], STANDARDS).map(label => ({
        path,
        label,
      })),
    );
    expect(cited.length).toBeGreaterThan(known.length);
    expect(cited.filter(({ label }) => !known.includes(label))).toEqual([]);
  });

  it('are named with the invariants of the whole project, or in the table of modules', () => {
    const text = ['invariants', 'architecture', 'page']
      .flatMap(name => linesOf(`design-docs/${name}.md`))
      .map(line => line.text)
      .join('\n');
    const ranges = [...text.matchAll(/\b([A-Z]+(?:-[A-Z]+)*)-(\d{1,2}) to \1-(\d{1,2})\b/g)].flatMap(
      ([, prefix = '', first, last]) =>
        Array.from(
          { length: Number(last) - Number(first) + 1 },
          (_, at) => `${prefix}-${Number(first) + at}`,
        ),
    );
    const named = [...ranges, ...(text.match(/(?<![\w-])[A-Z]+(?:-[A-Z]+)*-\d{1,2}\b/g) ?? [])];
    expect(
      DEFINED.map(({ prefix, number }) => `${prefix}-${number}`).filter(label => !named.includes(label)),
    ).toEqual([]);
  });

  it('of the whole project stand in its table, and those that are cited are there', () => {
    const numbers = linesOf('design-docs/invariants.md').flatMap(
      ({ text }) => /^\| (I\d+) \|/.exec(text)?.[1] ?? [],
    );
    expect(numbers).toEqual(numbers.map((_, index) => `I${index + 1}`));
    const cited = [...SOURCES, ...TESTS, ...DOCUMENTS].flatMap(
      ({ text }) => told(text).match(/(?<![\w-])I\d{1,2}\b/g) ?? [],
    );
    expect(without([...new Set(cited)], numbers)).toEqual([]);
    expect(without(numbers, cited)).toEqual([]);
  });

  it('are words, not letters', () => {
    const old = [
      ...[...SOURCES, ...TESTS].map(({ path, text }) => ({ path, labels: oldIn(told(text)) })),
      ...DOCUMENTS.map(({ path, text }) => ({ path, labels: oldIn(text) })),
    ];
    expect(old.filter(({ labels }) => labels.length > 0)).toEqual([]);
  });
});
