import { type GroupFiles, NO_FILES } from '../document/group-files.ts';
import { type GroupVariables, variableValues } from '../fan-out/config.ts';
import { allOf, fanOuts } from '../fan-out/members.ts';
import type { SessionDefinition, SessionGroupDefinition } from '../types.ts';
import { LATER_RESULT, type PromptGroup, type PromptSession, promptScope } from './prompt-scope.ts';
import { templateText } from './render-prompt.ts';
import { TemplateError } from './template-error.ts';
import { templateValues, validTemplate } from './template-file.ts';
import { resolve, type Scope, writtenPath } from './template-scope.ts';
import { compileParsed, compileTemplate, type Template } from './templates.ts';

type Files = Pick<GroupFiles, 'templates'>;

/**
 * The prompt as it would be sent, with `<result of ID>` in place of another session's result.
 * Throws a TemplateError, except for a definition that was loaded.
 */
export function previewPrompt(
  session: SessionDefinition,
  definition: SessionGroupDefinition,
  files: Files = NO_FILES,
): string {
  if (session.template !== undefined) return previewTemplate(session.template, session, definition, files);
  const prompt = session.prompt ?? '';
  if (!session.templating) return prompt;
  return previewText(prompt, `prompt of ${session.id}`, session, definition);
}

/** The same for a text with tags in the definition; `name` identifies it in errors. */
export function previewText(
  text: string,
  name: string,
  session: PromptSession,
  definition: PreviewedGroup,
): string {
  return previewed(compileTemplate(text, { name }), session, definition);
}

/** The same for a template that the session names: for its prompt, its CLAUDE.md, or a command. */
export function previewTemplate(
  name: string,
  session: PromptSession,
  definition: PreviewedGroup,
  files: Files,
): string {
  const file = validTemplate(templateText(files, name), name);
  const template = compileParsed(file.body, `template ${name}`);
  return previewed(template, session, definition, templateValues(file, session.variables));
}

/** The part of the group that a preview needs. */
export interface PreviewedGroup extends Pick<PromptGroup, 'name' | 'description'> {
  readonly sessions: readonly Pick<PromptSession, 'id' | 'forEach'>[];
  /** Default: none. */
  readonly variables?: GroupVariables | undefined;
}

function previewed(
  template: Template,
  session: PromptSession,
  definition: PreviewedGroup,
  declared?: Readonly<Record<string, unknown>>,
): string {
  const { name, description, variables: declaredVars } = definition;
  const group = { id: '<group id>', name, description, vars: variableValues(declaredVars) };
  const { projectPath = `<workspace of ${session.id}>` } = session;
  const placed = { ...session, projectPath };
  const together = [...fanOuts(definition.sessions).keys()].map(allOf);
  const ids = [...definition.sessions.map(({ id }) => id), ...together];
  const upstream = new Map(ids.map(id => [id, LATER_RESULT]));
  const inputs = Object.entries(session.inputs ?? {})
    .filter(([name]) => declared === undefined || Object.hasOwn(declared, name))
    .map(([name, text]) => {
      const input = compileTemplate(text, { name: `input ${name} of ${session.id}` });
      return [name, filled(input, promptScope(group, placed, upstream))] as const;
    });
  const variables = { ...(declared ?? session.variables), ...Object.fromEntries(inputs) };
  const options = { declared: declared !== undefined };
  return filled(template, promptScope(group, { ...placed, variables }, upstream, options));
}

function filled(template: Template, scope: Scope): string {
  return template.fill(
    template.tags.map(tag => {
      const outcome = resolve(tag, scope);
      if (!outcome.ok) throw new TemplateError(template.name, [outcome.problem]);
      const [root, id, ...field] = outcome.use.path ?? [];
      return root === 'sessions' && field.length > 0 ? `<${writtenPath(field)} of ${id}>` : outcome.text;
    }),
  );
}
