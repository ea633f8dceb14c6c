import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';

/* design-docs/simulation.md says of each promise which concern of the oracle looks at it, or why none can. */

const ROOT = join(import.meta.dirname, '../../../..');
const ORACLE = join(import.meta.dirname, '..');
const read = (name: string): string => readFileSync(join(ROOT, 'design-docs', name), 'utf8');

/** The rows below the heading `What is judged where`. */
const ROWS = [
  ...(read('simulation.md')
    .split('## What is judged where')[1]
    ?.matchAll(/^\| ([^|]+) \| ([^|]*)\| ([^|]*)\|$/gm) ?? []),
]
  .map(([, promise = '', concerns = '', reason = '']) => ({
    promise,
    concerns: [...concerns.matchAll(/`([^`]+)`/g)].map(match => match[1]).sort(),
    reason: reason.trim(),
  }))
  .filter(({ promise }) => promise !== 'promise' && !promise.startsWith('---'));

/** Which files of the oracle report each invariant and each chapter. */
function reported(): Map<string, string[]> {
  const found = new Map<string, Set<string>>();
  for (const name of readdirSync(ORACLE, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts') || name.startsWith('check')) continue;
    for (const [, rule = ''] of readFileSync(join(ORACLE, name), 'utf8').matchAll(/report\(\s*'([^']+)'/g)) {
      const label = rule.startsWith('promise') ? '§1' : (rule.split(' ')[0] ?? '');
      if (label !== 'world') found.set(label, (found.get(label) ?? new Set()).add(basename(name, '.ts')));
    }
  }
  return new Map([...found].map(([label, names]) => [label, [...names].sort()]));
}

/** Rows that no rule has as its label: a concern that looks at it reports an invariant. */
const UNLABELLED = /^[a-z]/;
const labelOf = (promise: string): string => promise.split(' ')[0] ?? '';

test('each invariant and each chapter of the specification has its place in the simulation', () => {
  const invariants = [...read('invariants.md').matchAll(/^\| (I\d+|[a-z][^|]*) \|/gm)].map(match => match[1]);
  const chapters = [...read('spec-session-groups.md').matchAll(/^## (\d+)\. /gm)].map(
    match => `§${match[1]}`,
  );
  expect(ROWS.map(({ promise }) => (promise.startsWith('§') ? labelOf(promise) : promise))).toEqual([
    ...invariants.filter(label => label !== 'invariant'),
    ...chapters,
  ]);
});

test('the concerns that a row names are those that report it', () => {
  const labelled = ROWS.filter(({ promise }) => !UNLABELLED.test(promise));
  const named = labelled.filter(({ concerns }) => concerns.length > 0);
  expect(Object.fromEntries(named.map(({ promise, concerns }) => [labelOf(promise), concerns]))).toEqual(
    Object.fromEntries(reported()),
  );
});

test('a promise that no concern looks at says why', () => {
  expect(ROWS.filter(({ concerns, reason }) => concerns.length === 0 && reason === '')).toEqual([]);
});
