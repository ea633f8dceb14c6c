import { parseDocument, visit, type YAMLError } from 'yaml';
import { textOfThrown } from '../../errors.ts';
import type { Diagnostic } from './diagnostics.ts';
import { createDocumentSource, type DocumentSource } from './document-source.ts';
import { type Finding, locate } from './finding.ts';
import { findJsonError } from './json-syntax.ts';
import { createSourceText, placeOf, type SourceText } from './source-text.ts';

export interface ReadDocument {
  readonly value: unknown;
  readonly source: DocumentSource;
  readonly warnings: readonly Diagnostic[];
}

/**
 * Parses a YAML or JSON text, with the positions of its parts. Invariant: a value is returned only if the text is
 * valid: one document, no duplicate keys, no unknown aliases, and of limited size once aliases are expanded. No input
 * makes it throw.
 */
export function readDocument(
  text: string,
  file: string,
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
  if (file.endsWith('.json')) {
    const problem = text.trim() === '' ? undefined : jsonError(text);
    if (problem !== undefined)
      return { ok: false, problems: [at('json_syntax', problem.offset, problem.message)] };
  }
  return readYaml(source, at);
}

/** Creates a problem at an offset of the text. */
export type At = (code: string, offset: number, message: string, suggestion?: string) => Diagnostic;

function readYaml(source: SourceText, at: At): ReturnType<typeof readDocument> {
  const json = source.file?.endsWith('.json') === true;
  const document = parseDocument(source.text, { merge: !json, prettyErrors: false, logLevel: 'error' });
  const errors = document.errors.filter(error => !json || error.code === 'DUPLICATE_KEY');
  const problems = errors.slice(0, MOST_ERRORS).map(error => yamlProblem(error, at));
  visit(document, {
    Alias(_, alias) {
      if (problems.length < MOST_ERRORS && alias.resolve(document) === undefined) {
        const message = `there is no anchor "&${alias.source}" before this alias`;
        problems.push(at('yaml_alias', alias.range?.[0] ?? 0, message));
      }
    },
  });
  if (problems.length === 0 && (document.contents === null || source.text.trim() === '')) {
    const suggestion = 'start with version: 1, a name and a list of sessions';
    problems.push(at('empty_file', 0, 'the file contains no definition', suggestion));
  }
  if (problems.length > 0) return { ok: false, problems };
  const warnings = document.warnings.map(
    (warning): Diagnostic => ({ ...yamlProblem(warning, at), severity: 'warning' }),
  );
  try {
    const value: unknown = json ? JSON.parse(source.text) : document.toJS({ maxAliasCount: MOST_ALIASES });
    return { ok: true, document: { value, source: createDocumentSource(source, document), warnings } };
  } catch (error) {
    return {
      ok: false,
      problems: [at('yaml_alias', 0, `aliases can't be expanded: ${textOfThrown(error)}`)],
    };
  }
}

/** Errors beyond this are mostly caused by the first ones. */
const MOST_ERRORS = 20;
/** Uses of anchors; nested ones multiply. */
const MOST_ALIASES = 20_000;
/** Values in a definition; 10,000 sessions have about 100,000. */
const MOST_VALUES = 1_000_000;

/** Reports a value that is infinite (a cycle) or too large once aliases are expanded. No other check may run on it. */
export function sizeFinding(value: unknown): Finding | undefined {
  const pending: unknown[] = [value];
  for (let count = 0; pending.length > 0; count += 1) {
    const next = pending.pop();
    if (count > MOST_VALUES || pending.length > MOST_VALUES) {
      const message =
        'the definition expands to more than a million values; does an alias or object contain itself?';
      return { code: 'too_large', message, path: [] };
    }
    if (typeof next === 'object' && next !== null)
      for (const child of Object.values(next)) pending.push(child);
  }
  return undefined;
}

function jsonError(text: string): { offset: number; message: string } | undefined {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return findJsonError(text) ?? { offset: 0, message: `not valid JSON: ${textOfThrown(error)}` };
  }
}

/** A parser's error in our words. */
export function yamlProblem(error: YAMLError, at: At): Diagnostic {
  const [offset] = error.pos;
  switch (error.code) {
    case 'DUPLICATE_KEY':
      return at('duplicate_key', offset, 'duplicate key in this map');
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
    default:
      return at('yaml_syntax', offset, error.message);
  }
}
