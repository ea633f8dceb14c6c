import type { z } from 'zod';
import type { Finding } from './finding.ts';
import { isList, knownKeys } from './schema-keys.ts';
import { didYouMean } from './suggest.ts';
import { shown, visible } from './visible.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly (string | number)[];

/**
 * The schema's issues with `input`, in words for its author; for a union, those of the member that was meant.
 * @param within the part of `input` that the issues are about. Default: all of it.
 */
export function shapeFindings(
  input: unknown,
  issues: readonly Issue[],
  schema: Schema,
  within: Path = [],
): Finding[] {
  return issues.flatMap(issue => explain({ input, schema }, issue, within));
}

type Schema = z.core.$ZodType;

interface Checked {
  readonly input: unknown;
  readonly schema: Schema;
}

function explain(checked: Checked, issue: Issue, prefix: Path): Finding[] {
  const path = [...prefix, ...issue.path.map(part => (typeof part === 'symbol' ? String(part) : part))];
  const { schema } = checked;
  const value = valueAt(checked.input, path);
  if (issue.code === 'unrecognized_keys') return issue.keys.map(key => unknownKey(schema, path, key));
  if (issue.code === 'invalid_key') {
    const message = issue.issues[0]?.message ?? 'not a valid key';
    return [{ code: 'invalid_value', message: got(message, path.at(-1)), path, points: 'key' }];
  }
  if (value === undefined && path.length > 0) return [missing(path, wanted(issue))];
  if (issue.code === 'invalid_union') return union(checked, issue, path, value);
  return [
    invalid(message(issue, value), wanted(issue), {
      value,
      path,
      suggest: advice(schema, issue, value, path),
    }),
  ];
}

/** @param expectation the message without the value, for one that is read otherwise than it is written. */
function invalid(
  message: string,
  expectation: string,
  { value, path, suggest }: { readonly value: unknown; readonly path: Path; readonly suggest: Advice },
): Finding {
  const finding = { code: 'invalid_value', message, path, suggestion: suggest?.(String(value)) };
  if (!isScalar(value) || suggest === undefined) return finding;
  const asWritten = (written: string) => ({
    message: `${expectation}; got ${visible(written.slice(0, 60))}`,
    suggestion: suggest(written),
  });
  return { ...finding, asWritten };
}

function union(checked: Checked, issue: z.core.$ZodIssueInvalidUnion, path: Path, value: unknown): Finding[] {
  const ownWords = issue.message.startsWith('expected') ? issue.message : undefined;
  const words = discriminatorWords(issue);
  if (words !== undefined) return [choice(words, value, path)];
  const branch = meant(issue.errors, value);
  if (branch !== undefined) return branch.flatMap(inner => explain(checked, inner, path));
  const misspelled = misspelledKeys(checked.schema, value, path);
  const isClose = misspelled.some(({ suggestion }) => suggestion !== undefined);
  if (isClose || (misspelled.length > 0 && ownWords === undefined)) return misspelled;
  if (misspelled.length > 0) return misspelled.map(one => ({ ...one, suggestion: ownWords }));
  if (isScalar(value) && issue.errors.flat().some(takesText)) {
    const expectation = ownWords ?? 'expected a string';
    return [invalid(got(expectation, value), expectation, { value, path, suggest: inQuotes(value) })];
  }
  const choices = issue.errors.flat().flatMap(inner => (inner.code === 'invalid_value' ? inner.values : []));
  const suggestion = typeof value === 'string' ? didYouMean(value, choices.map(String)) : undefined;
  return [
    { code: 'invalid_value', message: got(ownWords ?? 'not a recognized form', value), path, suggestion },
  ];
}

/**
 * The member that the author meant: the one whose issues are about something inside the value, not about the kind of
 * value it is, nor about its `kind`. If there are several: the one with the fewest issues, if only one has so few.
 */
function meant(branches: readonly (readonly Issue[])[], value: unknown): readonly Issue[] | undefined {
  const fitting = branches.filter(
    issues => !issues.some(issue => issue.path.length === 0 && KIND_ISSUES.has(issue.code)),
  );
  const ofKind = fitting.filter(
    issues => !issues.some(({ path }) => path.length === 1 && path[0] === 'kind'),
  );
  const inside = ofKind.length > 0 ? ofKind : fitting;
  if (inside.length <= 1 || typeof value !== 'object') return inside[0];
  const weights = inside.map(issues =>
    issues.reduce((sum, issue) => sum + (issue.code === 'unrecognized_keys' ? issue.keys.length : 1), 0),
  );
  const least = Math.min(...weights);
  return weights.filter(weight => weight === least).length === 1 ? inside[weights.indexOf(least)] : undefined;
}

const KIND_ISSUES: ReadonlySet<string> = new Set(['invalid_type', 'invalid_value']);

function discriminatorWords(issue: z.core.$ZodIssueInvalidUnion): string[] | undefined {
  if (issue.errors.length > 0 || !('options' in issue) || !Array.isArray(issue.options)) return undefined;
  return issue.options.map(String);
}

function misspelledKeys(schema: Schema, value: unknown, path: Path): Finding[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [];
  const known = knownKeys(schema, path);
  return Object.keys(value)
    .filter(key => !known.includes(key))
    .map(key => unknownKey(schema, path, key));
}

function unknownKey(schema: Schema, path: Path, key: string): Finding {
  // A key that only another member of a union has is no way out.
  const suggestion = didYouMean(
    key,
    knownKeys(schema, path).filter(known => known !== key),
  );
  const message = `unknown key ${shown(key)}`;
  return { code: 'unknown_key', message, path: [...path, key], points: 'key', suggestion };
}

function missing(path: Path, expectation: string): Finding {
  const name = path.at(-1);
  const what = typeof name === 'number' ? `item ${name + 1}` : `"${name}"`;
  return { code: 'missing_key', message: `missing ${what}: ${expectation}`, path };
}

function choice(words: readonly string[], value: unknown, path: Path): Finding {
  const suggestion = typeof value === 'string' ? didYouMean(value, words) : undefined;
  return { code: 'invalid_value', message: got(`expected ${list(words)}`, value), path, suggestion };
}

function message(issue: Issue, value: unknown): string {
  if (issue.message.startsWith('expected') && value === '') return `${issue.message}; got an empty string`;
  return got(wanted(issue), value);
}

/** What the schema expects, without the actual value: `expected a whole number`. */
function wanted(issue: Issue): string {
  if (issue.message.startsWith('expected')) return issue.message;
  switch (issue.code) {
    case 'invalid_type':
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `expected ${list(issue.values.map(String))}`;
    case 'invalid_union':
      return `expected ${list(discriminatorWords(issue) ?? ['a different form'])}`;
    case 'too_small':
      if (issue.origin === 'string') return 'expected a nonempty string';
      return `expected ${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${items(issue.origin)}`;
    case 'too_big':
      return `expected ${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${items(issue.origin)}`;
    default:
      return issue.message;
  }
}

function items(origin: string): string {
  return origin === 'string' ? ' characters' : origin === 'array' ? ' items' : '';
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map of keys',
  record: 'a map of keys',
  array: 'a list',
  tuple: 'a list',
};

/** A suggestion, given the value as it is written. */
type Advice = ((written: string) => string) | undefined;

function advice(schema: Schema, issue: Issue, value: unknown, path: Path): Advice {
  if (issue.code === 'invalid_value' && typeof value === 'string') {
    const suggestion = didYouMean(value, issue.values.map(String));
    return suggestion === undefined ? undefined : () => suggestion;
  }
  if (issue.code !== 'invalid_type') return undefined;
  if (issue.expected === 'string' && isScalar(value)) return inQuotes(value);
  if (issue.expected === 'string' && isBareTag(value)) return () => 'write the tag in quotes: "{{ … }}"';
  if (issue.expected === 'number' && typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value)) {
    return () => `remove the quotes: ${value}`;
  }
  if (issue.expected === 'boolean' && (value === 'yes' || value === 'on')) return () => 'write true';
  if (issue.expected === 'boolean' && (value === 'no' || value === 'off')) return () => 'write false';
  if (!isList(schema, path)) return undefined;
  if (typeof value === 'string') return () => `write it as a list: [${value}]`;
  return isScalar(value) ? written => `write it as a list: ["${written}"]` : undefined;
}

/** Whether a member of a union failed because the value is no text. */
const takesText = ({ code, path, ...issue }: Issue): boolean =>
  code === 'invalid_type' && path.length === 0 && 'expected' in issue && issue.expected === 'string';

const inQuotes =
  (value: number | boolean): Advice =>
  written =>
    `write it in quotes: "${written}"; without them, it is read as ${typeof value === 'number' ? 'a number' : 'true or false'}`;

/** What YAML reads as something other than text. */
const isScalar = (value: unknown): value is number | boolean =>
  typeof value === 'number' || typeof value === 'boolean';

/** `{{ tag }}` without quotes, which is a map in a map to YAML. */
function isBareTag(value: unknown): boolean {
  const [key, ...others] = isIndexable(value) && !Array.isArray(value) ? Object.keys(value) : [];
  return key !== undefined && others.length === 0 && /^\{.*\}$/s.test(key);
}

function got(expectation: string, value: unknown): string {
  return `${expectation}; got ${describe(value)}`;
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object') return 'a map';
  if (typeof value === 'function') return 'a function';
  return shown(value);
}

function list(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function valueAt(input: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, key) => (isIndexable(value) && Object.hasOwn(value, key) ? value[key] : undefined),
    input,
  );
}

function isIndexable(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}
