import { SessionGroupsError } from '../../errors.ts';
import type { GroupFiles } from '../document/group-files.ts';
import type { SessionDefinition } from '../types.ts';
import {
  isForeign,
  namedSessions,
  type PromptGroup,
  type PromptSession,
  promptScope,
  type UpstreamResult,
} from './prompt-scope.ts';
import { templateValues, validTemplate } from './template-file.ts';
import { compileParsed, compileTemplate, renderTracked, type Template } from './templates.ts';

export interface RenderedPrompt {
  readonly text: string;
  /** It contains text written by another agent, which must not act as a command or file reference. */
  readonly composed: boolean;
}

/** What is needed to render the texts of a group's sessions. */
export interface RenderContext {
  readonly group: PromptGroup;
  /** The templates: the group's own copies. */
  readonly files: Pick<GroupFiles, 'templates'>;
  /** Only called for sessions that the text names, all of them dependencies (promptFindings ensures that). */
  readonly resultOf: (id: string) => UpstreamResult | undefined;
}

type Prompted = PromptSession & Pick<SessionDefinition, 'prompt' | 'template' | 'templating'>;

/** The prompt that a session starts with. Throws a TemplateError if something that it names has no value. */
export function renderPrompt(session: Prompted, context: RenderContext): RenderedPrompt {
  if (session.template !== undefined) return renderTemplate(session.template, session, context);
  const prompt = session.prompt ?? '';
  // A text without a tag stays as it is; of its inputs, each is rendered all the same, and may be wrong.
  const isPlain = !prompt.includes('{{') && Object.keys(session.inputs ?? {}).length === 0;
  if (!session.templating || isPlain) return { text: prompt, composed: false };
  return renderText(prompt, `prompt of ${session.id}`, session, context);
}

/** Renders a text with tags in the definition; `name` identifies it in errors. Throws a TemplateError. */
export function renderText(
  text: string,
  name: string,
  session: PromptSession,
  context: RenderContext,
): RenderedPrompt {
  return filled(compileTemplate(text, { name }), session, context);
}

/** Whether the prompt has to be rendered and can't be sent as written in the definition. */
export function isRendered({ prompt, template, templating }: Omit<Prompted, keyof PromptSession>): boolean {
  return template !== undefined || (templating && (prompt ?? '').includes('{{'));
}

/**
 * Renders a template that the session names: for its prompt, its CLAUDE.md, or a command.
 * @throws SessionGroupsError `template_not_kept` if the group has no copy of it; TemplateError.
 */
export function renderTemplate(name: string, session: PromptSession, context: RenderContext): RenderedPrompt {
  const file = validTemplate(templateText(context.files, name), name);
  const declared = templateValues(file, session.variables);
  return filled(compileParsed(file.body, `template ${name}`), session, context, declared);
}

/** The group's copy of a template, front matter included. @throws like `renderTemplate`. */
export function templateText({ templates }: RenderContext['files'], name: string): string {
  const text = Object.hasOwn(templates, name) ? templates[name] : undefined;
  if (text !== undefined) return text;
  throw new SessionGroupsError('template_not_kept', `the group has no copy of the template "${name}"`, {
    hint: 'Update the group from its definition.',
  });
}

/** With `declared`, only these variables exist, with these values unless an input overrides them. */
function filled(
  template: Template,
  session: PromptSession,
  context: RenderContext,
  declared?: Readonly<Record<string, unknown>>,
): RenderedPrompt {
  const inputs = renderInputs(session, context, declared);
  const variables = { ...(declared ?? session.variables), ...inputs.values };
  const upstream = resultsFor(template, context);
  const options = { declared: declared !== undefined };
  const scope = promptScope(context.group, { ...session, variables }, upstream, options);
  const { text, used } = renderTracked(template, scope);
  return { text, composed: used.some(({ path }) => isForeign(path) || inputs.isForeign(path)) };
}

/** A session's inputs as values, and which paths lead to an input with another agent's text. */
function renderInputs(
  session: PromptSession,
  context: RenderContext,
  wanted: object = session.inputs ?? {},
): { values: Record<string, string>; isForeign(path: readonly (string | number)[] | undefined): boolean } {
  const values: [string, string][] = [];
  const foreign = new Set<string | number>();
  for (const [name, text] of Object.entries(session.inputs ?? {})) {
    if (!Object.hasOwn(wanted, name)) continue;
    const template = compileTemplate(text, { name: `input ${name} of ${session.id}` });
    const scope = promptScope(context.group, session, resultsFor(template, context));
    const rendered = renderTracked(template, scope);
    values.push([name, rendered.text]);
    if (rendered.used.some(({ path }) => isForeign(path))) foreign.add(name);
  }
  const isForeignInput = (path: readonly (string | number)[] | undefined): boolean => {
    if (path === undefined || path[0] === undefined) return false;
    if (path[0] !== 'variables') return foreign.has(path[0]);
    return path[1] === undefined ? foreign.size > 0 : foreign.has(path[1]);
  };
  return { values: Object.fromEntries(values), isForeign: isForeignInput };
}

function resultsFor(template: Template, { resultOf }: RenderContext): Map<string, UpstreamResult> {
  const results = namedSessions(template.tags).map(id => [id, resultOf(id)] as const);
  return new Map(results.flatMap(([id, result]) => (result === undefined ? [] : [[id, result] as const])));
}
