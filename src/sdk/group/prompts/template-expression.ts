/**
 * What is allowed between `{{` and `}}`: a path (`feature`, `variables.x`, `sessions['lib'].result`, `list[0]`), a
 * quoted string, a number, or several of these joined by `??`. Invariant: it is data, never JavaScript; no part of an
 * expression is ever evaluated, called or looked up on a prototype.
 */
export type Operand =
  | { readonly kind: 'path'; readonly path: readonly [string, ...(string | number)[]]; readonly span: Span }
  | { readonly kind: 'literal'; readonly value: string };

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The operands in order; the tag's value is the first one that exists. */
export type Expression = readonly [Operand, ...Operand[]];

export class ExpressionError extends Error {
  override readonly name = 'ExpressionError';
  readonly offset: number;
  readonly hint: string | undefined;

  constructor(message: string, offset: number, hint?: string) {
    super(message);
    this.offset = offset;
    this.hint = hint;
  }
}

/** Parses from `offset` up to the closing `}}`; `end` is the offset after it. */
export function parseExpression(text: string, offset: number): { expression: Expression; end: number } {
  const reader = new Reader(text, offset);
  const first = operand(reader);
  const rest: Operand[] = [];
  while (reader.take(/\?\?/y) !== undefined) rest.push(operand(reader));
  if (reader.take(/\}\}/y) === undefined) throw reader.unexpected();
  return { expression: [first, ...rest], end: reader.offset };
}

/** Reads tokens, skipping spaces before them. */
class Reader {
  readonly #text: string;
  readonly #opened: number;
  offset: number;

  constructor(text: string, offset: number) {
    this.#text = text;
    this.#opened = offset;
    this.offset = offset;
  }

  take(pattern: RegExp): string | undefined {
    this.#skipSpaces();
    pattern.lastIndex = this.offset;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.offset += found.length;
    return found;
  }

  #skipSpaces(): void {
    SPACES.lastIndex = this.offset;
    this.offset += SPACES.exec(this.#text)?.[0].length ?? 0;
  }

  unexpected(): ExpressionError {
    this.#skipSpaces();
    const rest = this.#text.slice(this.offset, this.offset + 100);
    if (rest === '' || !this.#text.slice(this.#opened).includes('}}')) {
      return new ExpressionError('this tag is not closed with }}', this.#opened - 2, LITERAL_HINT);
    }
    if (rest.startsWith('}}'))
      return new ExpressionError('this tag is empty', this.#opened - 2, LITERAL_HINT);
    if (/^['"]/.test(rest)) return new ExpressionError('unterminated string', this.offset);
    if (rest.startsWith('('))
      return new ExpressionError('a tag cannot call functions', this.offset, DATA_HINT);
    if (rest.startsWith('-') && this.#text.slice(this.#opened, this.offset).trim() !== '')
      return new ExpressionError('unexpected "-" in a tag', this.offset, HYPHEN_HINT);
    const found = JSON.stringify(/^(?:[\w$]+|.)/su.exec(rest)?.[0] ?? '');
    return new ExpressionError(`unexpected ${found} in a tag`, this.offset, DATA_HINT);
  }
}

export const ESCAPE_HINT = 'write \\{{ for literal braces';
export const LITERAL_HINT = `${ESCAPE_HINT}, or set templating: false for this session`;
const HYPHEN_HINT = "a name with a hyphen goes in brackets and quotes: sessions['shared-lib'].result";
const DATA_HINT = `a tag contains a path such as feature or sessions['ID'].result, optionally with ?? 'text' as a fallback; ${LITERAL_HINT}`;

const SPACES = /\s*/y;
const NAME = /[A-Za-z_$][\w$]*/y;
const INTEGER = /\d+/y;
const NUMBER = /-?\d+(?:\.\d+)?(?![\w.])/y;
const QUOTED = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;

function operand(reader: Reader): Operand {
  const text = reader.take(QUOTED);
  if (text !== undefined) return { kind: 'literal', value: unquoted(text) };
  const number = reader.take(NUMBER);
  if (number !== undefined) return { kind: 'literal', value: number };
  const root = reader.take(NAME);
  if (root === undefined) throw reader.unexpected();
  const start = reader.offset - root.length;
  const segments: (string | number)[] = [];
  let end = reader.offset;
  for (let next = segment(reader); next !== undefined; next = segment(reader)) {
    segments.push(next);
    end = reader.offset;
  }
  return { kind: 'path', path: [root, ...segments], span: { start, end } };
}

function segment(reader: Reader): string | number | undefined {
  if (reader.take(/\./y) !== undefined) {
    const name = reader.take(NAME);
    if (name === undefined) throw reader.unexpected();
    return name;
  }
  if (reader.take(/\[/y) === undefined) return undefined;
  const quoted = reader.take(QUOTED);
  const key = quoted === undefined ? reader.take(INTEGER) : unquoted(quoted);
  if (key === undefined || reader.take(/\]/y) === undefined) throw reader.unexpected();
  return quoted === undefined ? Number(key) : key;
}

function unquoted(text: string): string {
  return text.slice(1, -1).replace(/\\([\s\S])/g, (_, character: string) => ESCAPES[character] ?? character);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r' };
