import { LATER_RESULT, promptScope } from './prompt-scope.ts';
import { TemplateError } from './template-error.ts';
import { resolve, writtenPath } from './template-scope.ts';
import { compileTemplate } from './templates.ts';
import type { SessionDefinition, SessionGroupDefinition } from './types.ts';

/**
 * The prompt as it would be sent, with `<result of ID>` where the result of another session will stand.
 * Throws a TemplateError, but not for a definition that was loaded.
 */
export function previewPrompt(session: SessionDefinition, definition: SessionGroupDefinition): string {
  const prompt = session.prompt ?? '';
  if (!session.templating) return prompt;
  const name = `prompt of ${session.id}`;
  const template = compileTemplate(prompt, { name });
  const group = { id: '<group id>', name: definition.name, description: definition.description };
  const upstream = new Map(definition.sessions.map(({ id }) => [id, LATER_RESULT]));
  const scope = promptScope(group, session, upstream);
  return template.fill(
    template.tags.map(tag => {
      const outcome = resolve(tag, scope);
      if (!outcome.ok) throw new TemplateError(name, [outcome.problem]);
      const [root, id, ...field] = outcome.use.path ?? [];
      return root === 'sessions' && field.length > 0 ? `<${writtenPath(field)} of ${id}>` : outcome.text;
    }),
  );
}
