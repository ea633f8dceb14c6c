import type { Diagnostic } from '../document/diagnostics.ts';
import type { DocumentSource } from '../document/document-source.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, keysOf, type SessionView } from '../document/session-view.ts';
import { placeOf } from '../document/source-text.ts';
import { didYouMean } from '../document/suggest.ts';
import { shown } from '../document/visible.ts';
import type { TemplateFile } from '../prompts/template-file.ts';
import {
  isTemplateName,
  type NamedTemplates,
  type TemplateUse,
  templateUses,
} from '../prompts/template-uses.ts';
import { parseTemplate } from '../prompts/templates.ts';

/** Problems with the use of templates in sessions: unknown names, undeclared variables and missing ones. */
export function templateFindings(sessions: readonly SessionView[], templates: NamedTemplates): Finding[] {
  return sessions.flatMap(session => {
    const uses = templateUses(session);
    return [
      ...uses.flatMap(use => lookupFindings(use, templates)),
      ...uses.flatMap(use => missingFindings(session, use, templates)),
      ...undeclaredFindings(session, uses, templates),
      ...templatingFindings(session),
      ...inputFindings(session),
    ];
  });
}

/** Problems within the templates themselves, each reported once, with the first place that names the template. */
export function templateProblems(
  sessions: readonly SessionView[],
  templates: NamedTemplates,
  document: DocumentSource | undefined,
): Diagnostic[] {
  const uses = new Map<string, TemplateUse>();
  for (const use of sessions.flatMap(session => templateUses(session))) {
    if (!uses.has(use.name)) uses.set(use.name, use);
  }
  return [...uses.values()].flatMap(({ name, path }) => {
    const template = templates.get(name);
    if (template?.ok !== true) return [];
    return template.problems.map(problem => {
      if (document === undefined) return { ...problem, path };
      const { line, column } = placeOf(document, document.span(path, 'value').start);
      const file = document.file === undefined ? {} : { file: document.file };
      return { ...problem, path, related: [{ message: 'named at', ...file, line, column }] };
    });
  });
}

function lookupFindings({ name, path }: TemplateUse, templates: NamedTemplates): Finding[] {
  const found = templates.get(name);
  if (found === undefined || found.ok) return [];
  const { code, message, suggestion } = found;
  return [{ code, message, suggestion, path }];
}

function missingFindings(session: SessionView, use: TemplateUse, templates: NamedTemplates): Finding[] {
  const file = fileOf(use, templates);
  const given = givenNames(session);
  if (file === undefined || given === undefined) return [];
  const missing = file.variables.filter(({ required, name }) => required && !given.has(name));
  return missing.map(({ name, description, place }) => ({
    code: 'missing_variable',
    message: `the template ${shown(use.name)} requires the variable "${name}"${description === undefined ? '' : `: ${oneLine(description)}`}`,
    path: use.path,
    suggestion: `set it: variables: { ${name}: … }`,
    related: { message: 'declared at', text: file.source, place },
  }));
}

/** Variables that no template of the session declares: their values would silently be lost. */
function undeclaredFindings(
  session: SessionView,
  uses: readonly TemplateUse[],
  templates: NamedTemplates,
): Finding[] {
  if (typeof session.raw.template !== 'string') return []; // a prompt may use any variable
  const files = uses.map(use => fileOf(use, templates));
  if (files.some(file => file === undefined)) return [];
  const declared = [
    ...files.flatMap(file => file?.variables.map(variable => variable.name) ?? []),
    ...namedByInstructions(session),
  ];
  return ['variables', 'inputs'].flatMap(key =>
    keysOf(session.raw[key])
      .filter(name => !declared.includes(name))
      .map(name => ({
        code: 'unknown_variable',
        message: `the template ${shown(session.raw.template)} does not declare a variable ${shown(name)}`,
        path: [...session.path, key, name],
        points: 'key',
        suggestion: didYouMean(name, declared) ?? declaredNames(declared),
      })),
  );
}

/** Instructions within the definition may use any variable, like a prompt. */
function namedByInstructions({ raw }: SessionView): readonly string[] {
  const instructions = isMap(raw.config) ? raw.config.claudeMdTemplate : undefined;
  if (typeof instructions !== 'string' || isTemplateName(instructions)) return [];
  return parseTemplate(instructions).tags.flatMap(tag =>
    tag.expression.flatMap(operand => {
      const [root, name] = operand.kind === 'path' ? operand.path : [];
      return root === 'variables' ? [String(name)] : [String(root)];
    }),
  );
}

function declaredNames(declared: readonly string[]): string {
  return declared.length === 0
    ? 'it declares none'
    : `it declares ${declared.slice(0, MOST_NAMED).join(', ')}`;
}

const MOST_NAMED = 12;

function templatingFindings({ raw, path }: SessionView): Finding[] {
  if (raw.templating !== false) return [];
  const suggestion = 'remove templating: false, which is for a prompt that is sent unchanged';
  const at = { code: 'templating_off', path: [...path, 'templating'], suggestion };
  if (typeof raw.template === 'string') return [{ ...at, message: 'a template is always filled in' }];
  if (keysOf(raw.inputs).length > 0) return [{ ...at, message: 'the prompt cannot use these inputs' }];
  return [];
}

function inputFindings({ raw, path }: SessionView): Finding[] {
  const inputs = keysOf(raw.inputs);
  const twice = keysOf(raw.variables).filter(name => inputs.includes(name));
  const tagged = raw.templating === false ? [] : Object.entries(isMap(raw.variables) ? raw.variables : {});
  return [
    ...twice.map(
      (name): Finding => ({
        code: 'duplicate_variable',
        message: `${shown(name)} is in both variables and inputs`,
        path: [...path, 'inputs', name],
        points: 'key',
      }),
    ),
    ...tagged
      .filter(([, value]) => typeof value === 'string' && SESSION_TAG.test(value))
      .map(
        ([name]): Finding => ({
          severity: 'warning',
          code: 'tag_in_variable',
          message: 'variables are data: this tag is inserted unchanged',
          path: [...path, 'variables', name],
          suggestion: `move ${name} to inputs, where tags are replaced`,
        }),
      ),
  ];
}

/** The author probably expected the result of a session here. */
const SESSION_TAG = /\{\{\s*(?:sessions|session|group)\b/;

/** Undefined if it can't be determined. */
function givenNames({ raw }: SessionView): ReadonlySet<string> | undefined {
  for (const key of ['variables', 'inputs']) if (raw[key] !== undefined && !isMap(raw[key])) return undefined;
  const given = isMap(raw.variables) ? Object.entries(raw.variables) : [];
  const names = given.flatMap(([name, value]) => (value === null || value === undefined ? [] : [name]));
  return new Set([...names, ...keysOf(raw.inputs)]);
}

function fileOf({ name }: TemplateUse, templates: NamedTemplates): TemplateFile | undefined {
  const template = templates.get(name);
  return template?.ok === true ? template.template : undefined;
}

function oneLine(text: string): string {
  return text.trim().replace(/\s+/g, ' ');
}
