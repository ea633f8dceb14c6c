import type { Diagnostic } from '../document/diagnostics.ts';
import { type Finding, locate } from '../document/finding.ts';
import { createSourceText, placeOf, type SourceText } from '../document/source-text.ts';
import { LATER_RESULT, namedSessions, promptScope } from './prompt-scope.ts';
import { TemplateError, type TemplateProblem } from './template-error.ts';
import { readMatter, type TemplateVariable } from './template-matter.ts';
import { LATER } from './template-scope.ts';
import { type ParsedTemplate, parseTemplate, resolveTags, rootsOf } from './templates.ts';

/**
 * A template file: front matter that declares its variables, then Markdown with tags. Invariants: a tag can only name
 * declared variables, `group`, `session` and `sessions`; places are those in the file, front matter included.
 */
export interface TemplateFile {
  /** As named in definitions: `implement-feature`, `team/review`. */
  readonly name: string;
  readonly description: string | undefined;
  readonly variables: readonly TemplateVariable[];
  /** The text after the front matter. */
  readonly body: ParsedTemplate;
  /** Where the body starts in the file. */
  readonly bodyStart: number;
  /** The whole file. */
  readonly source: SourceText;
}

export interface ReadTemplate {
  /** Undefined if the front matter can't be read. Malformed tags are missing from its body. */
  readonly template: TemplateFile | undefined;
  /** In the order of their places; `path` is empty. */
  readonly problems: readonly Diagnostic[];
}

/** Reads a template's text. Never throws: all problems are in `problems`. */
export function readTemplate(text: string, options: { name: string; file?: string }): ReadTemplate {
  const source = createSourceText(text, options.file ?? `template ${options.name}`);
  const { matter, findings, bodyStart } = readMatter(source, options.name);
  if (bodyStart === undefined) return { template: undefined, problems: findings };
  const body = parseTemplate(text, bodyStart);
  const problems = [...findings, ...bodyProblems(source, bodyStart, body)];
  if (matter === undefined) return { template: undefined, problems };
  const { description, variables } = matter;
  const template = { name: options.name, description, variables, body, bodyStart, source };
  return { template, problems: [...problems, ...nameProblems(template), ...unused(template)] };
}

/**
 * The template of a text that was valid when its group was created.
 * @throws TemplateError with all of its problems.
 */
export function validTemplate(text: string, name: string): TemplateFile {
  const { template, problems } = readTemplate(text, { name });
  const errors = problems.filter(problem => problem.severity === 'error').map(asTemplateProblem);
  const [first, ...rest] = errors;
  if (first !== undefined) throw new TemplateError(`template ${name}`, [first, ...rest]);
  if (template === undefined) throw new TypeError(`template ${name}: no problem, and no template`);
  return template;
}

function bodyProblems(source: SourceText, start: number, body: ParsedTemplate): Diagnostic[] {
  if (source.text.slice(start).trim() === '') {
    const message = 'the template contains no text';
    return [locate({ code: 'empty_file', message, path: [], within: at(source, start, 1) })];
  }
  return body.problems.map(problem => located(problem, source));
}

/** Tags with names that no use of the template could define. */
function nameProblems({ variables, body, source }: TemplateFile): Diagnostic[] {
  const known = Object.fromEntries(variables.map(({ name }) => [name, LATER]));
  const results = namedSessions(body.tags).map(id => [id, LATER_RESULT] as const);
  const group = { id: '', name: '', description: '' };
  const session = { id: '', projectPath: '', description: '', model: '', priority: 0, variables: known };
  const scope = promptScope(group, session, new Map(results), { declared: true });
  return resolveTags(body.tags, scope).problems.map(problem => located(problem, source));
}

function located(problem: TemplateProblem, text: SourceText): Diagnostic {
  const { code, message, suggestion, line, column, length } = problem;
  return locate({ code, message, suggestion, path: [], within: { line, column, length, text } });
}

/** Variables that no tag names: their values would silently be lost. */
function unused({ variables, body, source }: TemplateFile): Diagnostic[] {
  const roots = rootsOf(body.tags);
  if (roots.includes('variables') || body.problems.length > 0) return [];
  return variables
    .filter(variable => !roots.includes(variable.name))
    .map(({ name, place }) => {
      const message = `the variable "${name}" is not used by any tag`;
      return locate({
        severity: 'warning',
        code: 'unused_variable',
        message,
        path: [],
        within: { ...place, length: name.length, text: source },
      });
    });
}

function at(source: SourceText, offset: number, length: number): NonNullable<Finding['within']> {
  return { ...placeOf(source, offset), length, text: source };
}

function asTemplateProblem({ message, line = 1, column = 1, suggestion }: Diagnostic): TemplateProblem {
  return { code: 'template_syntax', message, line, column, length: 1, suggestion };
}

/** The values of a template's variables: the given value, else the default; undefined if there is neither. */
export function templateValues(
  { variables }: Pick<TemplateFile, 'variables'>,
  given: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return Object.fromEntries(
    variables.map(variable => {
      const value = Object.hasOwn(given, variable.name) ? given[variable.name] : undefined;
      return [variable.name, value ?? variable.default];
    }),
  );
}
