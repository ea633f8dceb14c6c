import { Eta } from 'eta/core';
import { createSourceText, placeOf } from '../document/source-text.ts';
import { TemplateError, type TemplateProblem } from './template-error.ts';
import { type Expression, ExpressionError, LITERAL_HINT, parseExpression } from './template-expression.ts';
import { resolve, type Scope, type Tag, type Use } from './template-scope.ts';

/**
 * Prompts with `{{ expression }}` tags, rendered by Eta. Invariants:
 *
 * TEMPLATE-1 values are data: a tag's value is inserted verbatim and never parsed as a template.
 * TEMPLATE-2 no part of a template is JavaScript; Eta only gets text and numbered slots (template-expression.ts).
 * TEMPLATE-3 text outside tags is unchanged, except for the escape: `\{{` becomes `{{`, and `\\{{` a backslash and a
 *    tag. Two closing braces need no escape.
 * TEMPLATE-4 a name that is unknown or has no value is an error with its place; `??` provides a value for the latter.
 */
export interface Template {
  readonly name: string;
  readonly tags: readonly Tag[];
  /** Inserts the values of `tags` into the text. */
  readonly fill: (values: readonly string[]) => string;
}

/** The tags that could be parsed, and the problems of the others. */
export interface ParsedTemplate {
  readonly tags: readonly Tag[];
  readonly pieces: readonly (string | Expression)[];
  readonly problems: readonly TemplateProblem[];
}

/** Throws a TemplateError with all syntax problems of the text. */
export function compileTemplate(text: string, { name }: { readonly name: string }): Template {
  return compileParsed(parseTemplate(text), name);
}

/** The same for a text that is already parsed. */
export function compileParsed({ tags, pieces, problems }: ParsedTemplate, name: string): Template {
  throwIfAny(name, problems);
  return { name, tags, fill: compile(pieces) };
}

/** Parses the text from the offset `start` on; places are those in the whole text. Never throws. */
export function parseTemplate(text: string, start = 0): ParsedTemplate {
  const source = createSourceText(text);
  const problems: TemplateProblem[] = [];
  const pieces: (string | Expression)[] = [];
  const tags: Tag[] = [];
  let from = start;
  for (let match = nextTag(text, from); match !== undefined; match = nextTag(text, from)) {
    pieces.push(text.slice(from, match.start), match.literal);
    from = match.end;
    if (match.escaped) continue;
    try {
      const { expression, end } = parseExpression(text, match.end);
      tags.push({ expression, source });
      pieces.push(expression);
      from = end;
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      problems.push(syntaxProblem(error, placeOf(source, error.offset)));
      if (problems.length === MOST_PROBLEMS) break;
    }
  }
  pieces.push(text.slice(from));
  return { tags, pieces, problems };
}

/** Replaces every tag with its value; returns the used paths too. Throws a TemplateError that lists every tag without a value. */
export function renderTracked(template: Template, scope: Scope): { text: string; used: readonly Use[] } {
  const resolved = resolveTags(template.tags, scope);
  throwIfAny(template.name, resolved.problems);
  return { text: template.fill(resolved.values), used: resolved.used };
}

/** The values of tags; a tag without a value becomes a problem and an empty string. */
export function resolveTags(tags: readonly Tag[], scope: Scope) {
  const problems: TemplateProblem[] = [];
  const used: Use[] = [];
  const values = tags.map(tag => {
    const outcome = resolve(tag, scope);
    if (!outcome.ok) {
      problems.push(outcome.problem);
      return '';
    }
    used.push(outcome.use);
    return outcome.text;
  });
  return { values, used, problems };
}

function throwIfAny(name: string, problems: readonly TemplateProblem[]): void {
  const [first, ...rest] = problems;
  if (first !== undefined) throw new TemplateError(name, [first, ...rest]);
}

/** More malformed tags than this are one mistake, such as a file in another template language. */
const MOST_PROBLEMS = 20;

/** Of more than two braces the last two open the tag, so `{"id": {{{ id }}}}` works as expected. */
const OPENING = /(\\{0,2})(\{*?)\{\{(?!\{)/g;

/** Where the next tag opens, or an escaped one, from an offset on. */
export function nextTag(text: string, from: number) {
  OPENING.lastIndex = from;
  const match = OPENING.exec(text);
  if (match === null) return undefined;
  const [whole, slashes = '', braces = ''] = match;
  const escaped = slashes.length === 1;
  const literal = escaped ? whole.slice(1) : slashes.slice(1) + braces;
  return { start: match.index, end: match.index + match[0].length, escaped, literal };
}

/** The first names of all paths, each once. */
export function rootsOf(tags: readonly Tag[]): string[] {
  const operands = tags.flatMap(tag => tag.expression);
  return [...new Set(operands.flatMap(operand => (operand.kind === 'path' ? [operand.path[0]] : [])))];
}

const eta = new Eta({
  autoEscape: false,
  autoTrim: false,
  cache: false,
  useWith: false,
  varName: 'slots',
  tags: ['{{', '}}'],
  parse: { exec: '%', interpolate: '', raw: '~' },
});

/** Eta sees plain text and slots; text that it would interpret (braces, CR) is put in a slot. */
function compile(pieces: readonly (string | Expression)[]): Template['fill'] {
  if (pieces.every(piece => typeof piece === 'string')) {
    const text = pieces.join('');
    return () => text;
  }
  const literals: string[] = [];
  let tags = 0;
  const source = joined(pieces).map(piece => {
    if (typeof piece !== 'string') return `{{ slots.values[${tags++}] }}`;
    return /\{\{|\{$|\r/.test(piece) ? `{{ slots.literals[${literals.push(piece) - 1}] }}` : piece;
  });
  const run = eta.compile(source.join(''));
  return values => run.call(eta, { values, literals });
}

function joined(pieces: readonly (string | Expression)[]): (string | Expression)[] {
  const result: (string | Expression)[] = [];
  let text = '';
  for (const piece of pieces) {
    if (typeof piece === 'string') {
      text += piece;
    } else {
      result.push(text, piece);
      text = '';
    }
  }
  return [...result, text];
}

function syntaxProblem(error: ExpressionError, place: { line: number; column: number }): TemplateProblem {
  const suggestion = error.hint ?? LITERAL_HINT;
  return { code: 'template_syntax', message: error.message, ...place, length: 2, suggestion };
}
