import type { Finding } from '../document/finding.ts';
import { isMap } from '../document/session-view.ts';
import { shapeFindings } from '../document/shape-findings.ts';
import { shown } from '../document/visible.ts';
import { ForEach } from '../fan-out/config.ts';
import type { TemplateProblem } from '../prompts/template-error.ts';
import type { Scope } from '../prompts/template-scope.ts';
import { SessionGroupDefinition } from '../types.ts';
import { fillText } from './fill-text.ts';
import { glob } from './glob.ts';

/** The values that a session is for, or what is wrong with them. */
export type ForEachValues =
  | {
      readonly ok: true;
      readonly values: readonly string[] /** They are folders of projects. */;
      readonly areProjects: boolean;
    }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export interface ValuesContext {
  /** The whole definition, for words about its schema. */
  readonly definition: unknown;
  readonly baseDir: string;
  /** What `vars` names; undefined if there is none. */
  readonly variables: Readonly<Record<string, unknown>> | undefined;
  /** How many more sessions there may be. */
  readonly most: number;
}

/** Invariant: never more than `most` values are kept, and a list that is too long is refused before anything is made of it. */
export async function forEachValues(
  forEach: unknown,
  path: Finding['path'],
  context: ValuesContext,
): Promise<ForEachValues> {
  const failed = (...findings: Finding[]): ForEachValues => ({ ok: false, findings });
  const parsed = ForEach.safeParse(forEach);
  if (!parsed.success)
    return failed(...shapeFindings(context.definition, parsed.error.issues, SessionGroupDefinition, path));
  const wanted = parsed.data;
  if (typeof wanted === 'object' && 'of' in wanted) return failed(); // expanded already: not asked for
  if (typeof wanted === 'object' && 'glob' in wanted) return globbed(wanted, [...path, 'glob'], context);
  const areProjects = typeof wanted === 'object' && 'projects' in wanted;
  const items = isMap(wanted) ? wanted.projects : wanted;
  const at = areProjects ? [...path, 'projects'] : path;
  const list = typeof items === 'string' ? listOf(items, at, context) : filledList(items, at, context);
  if (!list.ok) return list;
  if (list.values.length > context.most) return failed(tooMany(at));
  const seen = new Set<string>();
  const twice = list.values.findIndex(value => seen.size === seen.add(value).size);
  if (twice === -1) return { ...list, areProjects };
  const message = `${shown(list.values[twice])} appears twice in this list`;
  return failed({ code: 'duplicate_value', message, path: typeof items === 'string' ? at : [...at, twice] });
}

/** How many sessions the fan-outs of a definition may have together. */
export const MOST_MEMBERS = 10_000;

const tooMany = (path: Finding['path']): Finding => ({
  code: 'too_many_sessions',
  message: `the fan-outs of a definition may have at most ${MOST_MEMBERS} sessions`,
  path,
});

async function globbed(
  { glob: written, files = false }: { readonly glob: string; readonly files?: boolean | undefined },
  path: Finding['path'],
  context: ValuesContext,
): Promise<ForEachValues> {
  const { text: pattern, problems } = fillText(written, scopeOf(context), VARS);
  if (problems.length > 0) return { ok: false, findings: problems.map(problem => asFinding(problem, path)) };
  const result = await glob(context.baseDir, pattern, { files, most: context.most });
  if (!result.ok) return { ok: false, findings: [{ ...result, path }] };
  if (result.paths.length > 0) return { ok: true, values: result.paths, areProjects: false };
  const message = `the glob ${shown(pattern)} matches no ${files ? 'file' : 'folder'} in ${context.baseDir}`;
  const suggestion = files ? undefined : 'files: true matches files';
  return { ok: false, findings: [{ code: 'empty_for_each', message, path, suggestion }] };
}

/** A variable's value: a list, or text with commas, as from a command line. */
function listOf(tag: string, path: Finding['path'], { variables = {} }: ValuesContext): ForEachValues {
  const failed = (message: string, suggestion?: string): ForEachValues => ({
    ok: false,
    findings: [{ code: 'invalid_value', message, path, suggestion }],
  });
  const name = WHOLE_VARIABLE.exec(tag)?.[1];
  if (name === undefined)
    return failed(`expected a tag of a variable; got ${shown(tag)}`, 'write {{ vars.NAME }}');
  if (!Object.hasOwn(variables, name)) {
    const suggestion = `declare it: variables: { ${name}: [a, b] }`;
    return failed(`the definition does not declare a variable ${shown(name)}`, suggestion);
  }
  const value = variables[name];
  const items: unknown = typeof value === 'string' ? value.split(',').map(item => item.trim()) : value;
  const texts = Array.isArray(items) ? items.filter(item => typeof item === 'string' && item !== '') : [];
  if (!Array.isArray(items) || texts.length < items.length) {
    return failed(`the variable ${shown(name)} is not a list of texts`, `--var ${name}=a,b gives it one`);
  }
  if (texts.length > 0) return { ok: true, values: texts, areProjects: false };
  return {
    ok: false,
    findings: [{ code: 'empty_for_each', message: `the variable ${shown(name)} is empty`, path }],
  };
}

const WHOLE_VARIABLE = /^\s*\{\{\s*vars\.([A-Za-z_]\w*)\s*\}\}\s*$/;

function filledList(items: readonly string[], path: Finding['path'], context: ValuesContext): ForEachValues {
  const filled = items.map(item => fillText(item, scopeOf(context), VARS));
  const findings = filled.flatMap(({ problems }, index) =>
    problems.map(problem => asFinding(problem, [...path, index])),
  );
  if (findings.length > 0) return { ok: false, findings };
  return { ok: true, values: filled.map(({ text }) => text), areProjects: false };
}

/** The only names in texts that say which values there are. */
export const VARS: ReadonlySet<string> = new Set(['vars']);

const scopeOf = ({ variables }: ValuesContext): Scope => earlyScope(variables);

/** What tags name that are filled in early. */
export function earlyScope(vars: Readonly<Record<string, unknown>> | undefined, each?: string): Scope {
  const values = { ...(vars === undefined ? {} : { vars }), ...(each === undefined ? {} : { each }) };
  return { values, closed: new Set<object>([values, ...(vars === undefined ? [] : [vars])]) };
}

/** A problem in a text of the definition. */
export function asFinding(
  { code, message, suggestion, line, column, length }: TemplateProblem,
  path: Finding['path'],
): Finding {
  return { code, message, suggestion, path, within: { line, column, length } };
}
