import { createSourceText, placeOf } from '../document/source-text.ts';
import type { TemplateProblem } from '../prompts/template-error.ts';
import { ExpressionError, parseExpression } from '../prompts/template-expression.ts';
import { resolve, type Scope } from '../prompts/template-scope.ts';
import { nextTag } from '../prompts/templates.ts';

/**
 * Tags that are filled in when a definition is loaded: `{{ each }}` and `{{ vars.NAME }}`, outside of prompts. Invariants:
 *
 * FILL-1 any other tag, and whatever is escaped, stays as it is written: it is data, or a prompt's.
 * FILL-2 a text that was filled in has no such tag left, so that filling it in again changes nothing: a value that has
 *    one is a problem.
 */
export interface FilledText {
  readonly text: string;
  readonly problems: readonly TemplateProblem[];
}

/** Names of which tags are filled in early. */
const EARLY: ReadonlySet<string> = new Set(['each', 'vars']);
const SOME = /\{\{\s*(?:each|vars)\b/;

/** Whether a text may have such a tag. */
export const hasEarlyTag = (text: string): boolean => SOME.test(text);

/**
 * @param names which of `each` and `vars` there are; the others are no tags.
 * @param write how a value is written where the text goes. Default: as it is.
 */
export function fillText(
  text: string,
  scope: Scope,
  names: ReadonlySet<string>,
  write: (value: string) => string = value => value,
): FilledText {
  if (!hasEarlyTag(text)) return { text, problems: [] };
  const source = createSourceText(text);
  const problems: TemplateProblem[] = [];
  let filled = '';
  let from = 0;
  for (let match = nextTag(text, from); match !== undefined; match = nextTag(text, match.end)) {
    const root = ROOT.exec(text.slice(match.end, match.end + 100))?.[1] ?? '';
    if (match.escaped || !EARLY.has(root) || !names.has(root)) continue;
    try {
      const { expression, end } = parseExpression(text, match.end);
      const outcome = resolve({ expression, source }, scope);
      const tag = match.end - 2;
      filled += text.slice(from, tag);
      from = end;
      match = { ...match, end };
      if (!outcome.ok) problems.push(outcome.problem);
      else if (outcome.text.includes('{{'))
        problems.push({ ...TAG_IN_VALUE, ...placeOf(source, tag), length: end - tag });
      else filled += write(outcome.text);
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      const { message, hint } = error;
      problems.push({
        code: 'template_syntax',
        message,
        ...placeOf(source, error.offset),
        length: 2,
        suggestion: hint,
      });
    }
  }
  return { text: filled + text.slice(from), problems };
}

const ROOT = /^\s*([A-Za-z_$][\w$]*)/;

const TAG_IN_VALUE = {
  code: 'template_syntax',
  message: 'a value that contains {{ can only be used in prompts',
  suggestion: 'leave the braces out of the value',
} as const;
