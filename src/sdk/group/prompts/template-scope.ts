import { placeOf, type SourceText } from '../document/source-text.ts';
import { didYouMean } from '../document/suggest.ts';
import type { TemplateProblem } from './template-error.ts';
import { ESCAPE_HINT, type Expression, LITERAL_HINT, type Operand } from './template-expression.ts';

/**
 * What tags can name. Invariant: only own properties of plain objects and items of arrays can be reached; methods,
 * prototypes and JavaScript's globals can't.
 */
export interface Scope {
  readonly values: Readonly<Record<string, unknown>>;
  /**
   * Objects with a fixed set of keys: an absent key is a typing error, and `??` doesn't hide it. In other objects (a
   * session's variables, an agent's output) `??` covers absent keys too.
   */
  readonly closed: ReadonlySet<object>;
  /** Formats the value at this path. Default: a string as it is, anything else as JSON. */
  readonly shown?: (path: readonly (string | number)[], value: unknown, text: string) => string;
}

/** Placeholder for a value that is known only later; every path into it is valid, and it has no text of its own. */
export const LATER: unique symbol = Symbol('known later');

export interface Use {
  /** The path that provided the value; undefined for a literal. */
  readonly path: readonly (string | number)[] | undefined;
}

export type Resolved =
  | { readonly ok: true; readonly text: string; readonly use: Use }
  | { readonly ok: false; readonly problem: TemplateProblem };

export interface Tag {
  readonly expression: Expression;
  /** The text that the spans of the expression refer to. */
  readonly source: SourceText;
}

/** Resolves a tag to the first operand that has a value. */
export function resolve(tag: Tag, scope: Scope): Resolved {
  const [first, ...others] = tag.expression;
  let outcome = attempt(first, tag.source, scope);
  for (const operand of others) {
    if (outcome.ok || outcome.fatal) break;
    outcome = attempt(operand, tag.source, scope);
  }
  return outcome;
}

/** A path as it is written in a tag: `sessions['lib'].result`. */
export function writtenPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, segment) => {
    if (typeof segment === 'number') return `${text}[${segment}]`;
    if (!/^[A-Za-z_$][\w$]*$/.test(segment)) return `${text}['${segment.replace(/['\\]/g, '\\$&')}']`;
    return text === '' ? segment : `${text}.${segment}`;
  }, '');
}

/** `fatal`: `??` doesn't help. */
type Attempt =
  | (Resolved & { readonly ok: true })
  | (Resolved & { readonly ok: false; readonly fatal: boolean });

function attempt(operand: Operand, source: SourceText, scope: Scope): Attempt {
  if (operand.kind === 'literal') return { ok: true, text: operand.value, use: { path: undefined } };
  const { path, span } = operand;
  const found = lookup(path, scope);
  const text = found.found === 'value' ? shownText(path, found.value, scope) : undefined;
  if (text !== undefined) return { ok: true, text, use: { path } };
  const { code, message, suggestion, fatal = false } = found.found === 'value' ? untold(path) : found;
  const place = { ...placeOf(source, span.start), length: span.end - span.start };
  return { ok: false, fatal, problem: { code, message, suggestion, ...place, variable: writtenPath(path) } };
}

type Nothing = Exclude<Lookup, { readonly found: 'value' }>;

type Lookup =
  | { readonly found: 'value'; readonly value: unknown }
  | {
      readonly found: 'nothing';
      readonly code: TemplateProblem['code'];
      readonly message: string;
      readonly suggestion?: string | undefined;
      readonly fatal?: boolean;
    };

function lookup(path: readonly (string | number)[], scope: Scope): Lookup {
  let value: unknown = scope.values;
  for (const [index, key] of path.entries()) {
    if (value === LATER) return { found: 'value', value };
    const written = writtenPath(path.slice(0, index + 1));
    if (value === null || value === undefined) return without(writtenPath(path.slice(0, index)), written);
    if (typeof value !== 'object') {
      const owner = writtenPath(path.slice(0, index));
      return unknown(`"${owner}" is ${kindOf(value)} and has no "${key}"`, undefined);
    }
    if (Array.isArray(value) ? !(Number(key) < value.length) : !Object.hasOwn(value, key)) {
      const names = Array.isArray(value) ? [] : Object.keys(value);
      const fatal = scope.closed.has(value);
      return { ...unknown(`unknown variable "${written}"`, suggestion(path, index, names, fatal)), fatal };
    }
    value = child(value, key);
  }
  if (value === null || value === undefined) return without(writtenPath(path), writtenPath(path));
  return { found: 'value', value };
}

function child(owner: object, key: string | number): unknown {
  return Object.getOwnPropertyDescriptor(owner, key)?.value;
}

/** @param declared whether the names are all that there can be: those of a template. */
function suggestion(
  path: readonly (string | number)[],
  index: number,
  names: readonly string[],
  declared: boolean,
) {
  const near = didYouMean(String(path[index]), names);
  if (near !== undefined) return near;
  if (index > 0) return undefined;
  const known = names.length <= 12 ? `available: ${names.join(', ')}; ` : '';
  return known + (declared ? ESCAPE_HINT : LITERAL_HINT);
}

function unknown(message: string, suggestion: string | undefined) {
  return { found: 'nothing', code: 'unknown_variable', message, suggestion } as const;
}

function without(owner: string, written: string): Lookup {
  const message =
    owner === written ? `"${written}" has no value` : `"${owner}" has no value, so neither has "${written}"`;
  const suggestion = `provide a fallback: {{ ${written} ?? 'none' }}`;
  return { found: 'nothing', code: 'missing_value', message, suggestion };
}

/** Undefined if it has no text. */
function shownText(path: readonly (string | number)[], value: unknown, { shown }: Scope): string | undefined {
  const text = textOf(value);
  return shown === undefined || value === LATER || text === undefined ? text : shown(path, value, text);
}

function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  if (value === LATER || typeof value !== 'object') return String(value);
  try {
    return JSON.stringify(value, (_, inner: unknown) => (inner === LATER ? null : inner));
  } catch {
    return undefined; // it contains itself, is nested too deep, or throws when it is read
  }
}

const untold = (path: readonly (string | number)[]): Nothing => ({
  found: 'nothing',
  code: 'missing_value',
  message: `"${writtenPath(path)}" cannot be written as JSON`,
  fatal: true,
});

function kindOf(value: unknown): string {
  return typeof value === 'string' ? 'a string' : `a ${typeof value}`;
}
