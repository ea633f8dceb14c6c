import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView } from '../document/session-view.ts';
import type { Place, SourceText } from '../document/source-text.ts';
import type { TemplateProblem } from '../prompts/template-error.ts';
import { templateValues } from '../prompts/template-file.ts';
import { LATER, type Tag } from '../prompts/template-scope.ts';
import { isTemplateName, type NamedTemplates, templateUses } from '../prompts/template-uses.ts';
import { parseTemplate } from '../prompts/templates.ts';

/** The texts of prompt files, by the index of their session. */
export type PromptFiles = ReadonlyMap<number, SourceText>;

/** A text with tags that is sent to a session: its prompt, a template, an input. */
export interface SessionText {
  /** Its place in the definition, or that of its name. */
  readonly path: Finding['path'];
  /** Undefined: the text is in the definition. */
  readonly file: SourceText | undefined;
  readonly tags: readonly Tag[];
  /** Syntax problems. */
  readonly problems: readonly TemplateProblem[];
  /** Places of problems that are reported with the template itself. */
  readonly reported: readonly Partial<Place>[];
  readonly variables: Readonly<Record<string, unknown>>;
  /** Whether `variables` contains all that exist. */
  readonly declared: boolean;
}

/** All texts of a session in which tags are replaced. */
export function sessionTexts(
  session: SessionView,
  files: PromptFiles,
  templates: NamedTemplates,
): readonly SessionText[] {
  const { raw, path } = session;
  const variables = isMap(raw.variables) ? raw.variables : {};
  const inputs = Object.entries(isMap(raw.inputs) ? raw.inputs : {});
  const instructions = isMap(raw.config) ? raw.config.claudeMdTemplate : undefined;
  const others = [
    ...(isTemplateName(instructions)
      ? []
      : text(instructions, {
          path: [...path, 'config', 'claudeMdTemplate'],
          file: undefined,
          variables: { ...variables, ...later(inputs) },
        })),
    ...templateTexts(session, templates),
  ];
  if (raw.templating === false) return others;
  const file = files.get(session.index);
  const prompt = file?.text ?? raw.prompt;
  const key = file === undefined || raw.prompt !== undefined ? 'prompt' : 'promptFile';
  return [
    ...text(prompt, { path: [...path, key], file, variables: { ...variables, ...later(inputs) } }),
    ...inputs.flatMap(([name, input]) =>
      text(input, { path: [...path, 'inputs', name], file: undefined, variables }),
    ),
    ...others,
  ];
}

function text(value: unknown, place: Pick<SessionText, 'path' | 'file' | 'variables'>): SessionText[] {
  if (typeof value !== 'string') return [];
  const { tags, problems } = parseTemplate(value);
  return [{ ...place, tags, problems, reported: [], declared: false }];
}

function templateTexts(session: SessionView, templates: NamedTemplates): SessionText[] {
  const { raw } = session;
  const inputs = later(Object.entries(isMap(raw.inputs) ? raw.inputs : {}));
  const given = { ...(isMap(raw.variables) ? raw.variables : {}), ...inputs };
  return templateUses(session).flatMap(({ name, path }) => {
    const template = templates.get(name);
    if (template?.ok !== true || template.template === undefined) return [];
    const { body, source, variables } = template.template;
    const values = templateValues(template.template, given);
    // Missing variables are reported where they should have been given.
    const missing = variables.filter(
      ({ name: variable, required }) => required && values[variable] === undefined,
    );
    const known = { ...values, ...later(missing.map(({ name: variable }) => [variable, undefined])) };
    return [
      {
        path,
        file: source,
        tags: body.tags,
        problems: [],
        reported: template.problems,
        variables: known,
        declared: true,
      },
    ];
  });
}

function later(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([name]) => [name, LATER]));
}
