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

/** A text with tags that a session is given: its prompt, a template, an input. */
export interface SessionText {
  /** Where the definition has or names it. */
  readonly path: Finding['path'];
  /** Undefined: it stands in the definition. */
  readonly file: SourceText | undefined;
  readonly tags: readonly Tag[];
  /** Of its syntax. */
  readonly problems: readonly TemplateProblem[];
  /** Places of problems that are told with the template itself. */
  readonly told: readonly Partial<Place>[];
  readonly variables: Readonly<Record<string, unknown>>;
  /** `variables` holds all that there is. */
  readonly declared: boolean;
}

/** All of a session's texts whose tags are filled in. */
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
  return [{ ...place, tags, problems, told: [], declared: false }];
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
    // That these are missing is reported where they are not given.
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
        told: template.problems,
        variables: known,
        declared: true,
      },
    ];
  });
}

function later(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return Object.fromEntries(entries.map(([name]) => [name, LATER]));
}
