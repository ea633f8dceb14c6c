import type { YAMLError } from 'yaml';
import { textOfThrown } from '../../errors.ts';
import type { Diagnostic } from './diagnostics.ts';
import { createDocumentSource, type DocumentSource } from './document-source.ts';
import { type Finding, locate } from './finding.ts';
import { jsonPlaces } from './json/json-places.ts';
import { findJsonError } from './json/json-syntax.ts';
import { repeatedKeys } from './json/repeated-keys.ts';
import { createSourceText, placeOf, type SourceText } from './source-text.ts';
import { parseYaml } from './yaml/parse-yaml.ts';
import { type Inserted, keepWrittenNumbers } from './yaml/written-numbers.ts';
import { yamlPlaces } from './yaml/yaml-places.ts';

export interface ReadDocument {
  readonly value: unknown;
  readonly source: DocumentSource;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Parses a YAML or JSON text, with the positions of its parts. Invariant: a value is returned only if the text is
 * valid: one document, no duplicate keys, no unknown aliases, and of limited size once aliases are expanded. No input
 * makes it throw.
 * @param inserted what stays as it is written, in YAML, where a number would read otherwise. Default: nothing.
 */
export function readDocument(
  text: string,
  file: string,
  inserted?: Inserted,
): { ok: true; document: ReadDocument } | { ok: false; problems: readonly Diagnostic[] } {
  const source = createSourceText(text, file);
  const at = (code: string, offset: number, message: string, suggestion?: string): Diagnostic =>
    locate({
      code,
      message,
      path: [],
      suggestion,
      within: { ...placeOf(source, offset), length: 1, text: source },
    });
  if (text.trim() === '') return { ok: false, problems: [empty(at)] };
  return file.endsWith('.json') ? readJson(source, at) : readYaml(source, at, inserted);
}

/** Creates a problem at an offset of the text. */
export type At = (code: string, offset: number, message: string, suggestion?: string) => Diagnostic;

function readJson(source: SourceText, at: At): ReturnType<typeof readDocument> {
  const { text } = source;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const problem = findJsonError(text) ?? { offset: 0, message: `not valid JSON: ${textOfThrown(error)}` };
    return { ok: false, problems: [at('json_syntax', problem.offset, problem.message)] };
  }
  const problems = repeatedKeys(text, MOST_ERRORS).map(offset => at('duplicate_key', offset, DUPLICATE_KEY));
  if (problems.length > 0) return { ok: false, problems };
  return {
    ok: true,
    document: { value, source: createDocumentSource(source, jsonPlaces(text)), warnings: [] },
  };
}

function readYaml(source: SourceText, at: At, inserted?: Inserted): ReturnType<typeof readDocument> {
  const parsed = parseYaml(source.text, { merge: true });
  const { document, unknownAliases } = parsed;
  const problems = yamlProblems(document.errors, at);
  for (const { source: name, range } of unknownAliases.slice(0, MOST_ERRORS - problems.length)) {
    problems.push(at('yaml_alias', range?.[0] ?? 0, `there is no anchor "&${name}" before this alias`));
  }
  if (problems.length === 0 && document.contents === null) problems.push(empty(at));
  if (problems.length > 0) return { ok: false, problems };
  const warnings = document.warnings.map(
    (warning): Diagnostic => ({ ...yamlProblem(warning, at), severity: 'warning' }),
  );
  if (inserted !== undefined) keepWrittenNumbers(document, inserted);
  try {
    const value: unknown = document.toJS({ maxAliasCount: MOST_ALIASES });
    const places = createDocumentSource(source, yamlPlaces(parsed));
    return { ok: true, document: { value, source: places, warnings } };
  } catch (error) {
    return {
      ok: false,
      problems: [at('yaml_alias', 0, `aliases can't be expanded: ${textOfThrown(error)}`)],
    };
  }
}

const empty = (at: At): Diagnostic =>
  at(
    'empty_file',
    0,
    'the file contains no definition',
    'start with version: 1, a name and a list of sessions',
  );

/** Errors beyond this are mostly caused by the first ones. */
const MOST_ERRORS = 20;
const DUPLICATE_KEY = 'duplicate key in this map';
/** Uses of anchors; nested ones multiply. */
const MOST_ALIASES = 20_000;
/**
 * Values in a definition: 10,000 sessions have about 100,000, and the longest file, with defaults filled in, a few
 * million: an edge is one value in a file, and three once it is filled in.
 */
const MOST_VALUES = 5_000_000;

/** Reports a value that is infinite (a cycle) or too large once aliases are expanded. No other check may run on it. */
export function sizeFinding(value: unknown): Finding | undefined {
  const pending: unknown[] = [value];
  for (let count = 0; pending.length > 0; count += 1) {
    const next = pending.pop();
    if (count > MOST_VALUES || pending.length > MOST_VALUES) {
      const message =
        'the definition expands to more than five million values; does an alias or object contain itself?';
      return { code: 'too_large', message, path: [] };
    }
    if (typeof next === 'object' && next !== null)
      for (const child of Object.values(next)) pending.push(child);
  }
  return undefined;
}

/** The parser's errors in our words; after a hyphen in a wrong place, all that follows on its line is its consequence. */
export function yamlProblems(errors: readonly YAMLError[], at: At): Diagnostic[] {
  const hyphens = new Set<number | undefined>();
  const problems: Diagnostic[] = [];
  for (const error of errors) {
    if (problems.length === MOST_ERRORS) break;
    const problem = yamlProblem(error, at);
    if (hyphens.has(problem.line)) continue;
    problems.push(problem);
    if (isHyphen(error)) hyphens.add(problem.line);
  }
  return problems;
}

/** `key: - value`. */
const isHyphen = ({ code, message }: YAMLError): boolean =>
  code === 'UNEXPECTED_TOKEN' && message.startsWith('Unexpected block-seq-ind on same line');

const QUOTE_IT = 'quote it, or use | and write it on the lines below';
const HYPHEN = 'a value on the line of its key cannot begin with "- "';
const QUOTE_OR_LIST = 'quote it if it is a text; a list begins on the line below';
/** Text that follows what the parser took for the whole value: `{{ tag }} and more`, `> more`. */
const AFTER_VALUE = /^(?:Unexpected scalar at node end|Not a YAML token)/;

function yamlProblem(error: YAMLError, at: At): Diagnostic {
  const [offset] = error.pos;
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return at('duplicate_key', offset, DUPLICATE_KEY);
    case 'MULTIPLE_DOCS':
      return at(
        'multiple_documents',
        offset,
        'a definition file must contain a single document; another one starts here',
      );
    case 'TAB_AS_INDENT':
      return at('yaml_syntax', offset, 'YAML does not allow tabs as indentation', 'use spaces');
    case 'TAG_RESOLVE_FAILED':
      return at('yaml_tag', offset, error.message);
    case 'BLOCK_AS_IMPLICIT_KEY':
      if (!error.message.startsWith('Nested mappings')) return at('yaml_syntax', offset, error.message);
      return at('yaml_syntax', offset, 'a text that contains ": " has to be quoted', QUOTE_IT);
    case 'BAD_SCALAR_START':
      return at('yaml_syntax', offset, error.message, QUOTE_IT);
    case 'UNEXPECTED_TOKEN':
      if (isHyphen(error)) return at('yaml_syntax', offset, HYPHEN, QUOTE_OR_LIST);
      return at('yaml_syntax', offset, error.message, AFTER_VALUE.test(error.message) ? QUOTE_IT : undefined);
    default:
      return at('yaml_syntax', offset, error.message);
  }
}
