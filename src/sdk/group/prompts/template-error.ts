import { SessionGroupsError } from '../../errors.ts';
import { sentence } from '../../format.ts';
import { given } from '../../given.ts';

/** One problem of a template, with its place in the template's text. */
export interface TemplateProblem {
  /** `template_syntax`: malformed. `unknown_variable`: no such name. `missing_value`: a name without a value. */
  readonly code: 'template_syntax' | 'unknown_variable' | 'missing_value' | 'not_a_dependency';
  readonly message: string;
  /** 1-based, in the template's text. */
  readonly line: number;
  readonly column: number;
  readonly length: number;
  /** The path of the expression, as written. */
  readonly variable?: string;
  readonly suggestion?: string | undefined;
}

/** A template that can't be compiled or rendered; `problems` contains all of its problems. */
export class TemplateError extends SessionGroupsError {
  override readonly name = 'TemplateError';
  readonly template: string;
  readonly problems: readonly TemplateProblem[];

  constructor(template: string, problems: readonly [TemplateProblem, ...TemplateProblem[]]) {
    const [first] = problems;
    const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
    const text = `${template}:${first.line}:${first.column}: ${first.message}${more}`;
    super(first.code, text, given({ hint: first.suggestion && sentence(first.suggestion) }));
    this.template = template;
    this.problems = problems;
  }
}
