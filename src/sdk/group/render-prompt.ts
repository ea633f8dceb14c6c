import {
  FOREIGN_FIELDS,
  type PromptGroup,
  type PromptSession,
  promptScope,
  type UpstreamResult,
} from './prompt-scope.ts';
import { compileTemplate, renderTracked } from './templates.ts';
import type { SessionDefinition } from './types.ts';

export interface RenderedPrompt {
  readonly text: string;
  /** It holds text that another agent wrote: it must not act as a command or a file reference. */
  readonly composed: boolean;
}

/**
 * The prompt that a session starts with. `resultOf` is asked only for sessions that the prompt names, all of them
 * dependencies (checkPrompts has seen to that). Throws a TemplateError when something that it names has no value.
 */
export function renderPrompt(
  session: Pick<SessionDefinition, 'prompt' | 'templating'> & PromptSession,
  group: PromptGroup,
  resultOf: (id: string) => UpstreamResult | undefined,
): RenderedPrompt {
  const prompt = session.prompt ?? '';
  if (!session.templating) return { text: prompt, composed: false };
  const template = compileTemplate(prompt, { name: `prompt of ${session.id}` });
  const named = new Set(template.tags.flatMap(tag => tag.expression.map(operand => namedSession(operand))));
  const upstream = new Map<string, UpstreamResult>();
  for (const id of named) {
    const result = id === undefined ? undefined : resultOf(id);
    if (id !== undefined && result !== undefined) upstream.set(id, result);
  }
  const { text, used } = renderTracked(template, promptScope(group, session, upstream));
  return { text, composed: used.some(use => isForeign(use.path)) };
}

function namedSession(operand: { kind: string; path?: readonly (string | number)[] }): string | undefined {
  const [root, id] = operand.path ?? [];
  return root === 'sessions' && typeof id === 'string' ? id : undefined;
}

function isForeign(path: readonly (string | number)[] | undefined): boolean {
  if (path?.[0] !== 'sessions') return false;
  const [, , field] = path;
  return field === undefined || FOREIGN_FIELDS.has(field);
}
