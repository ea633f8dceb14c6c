import type { Agent } from '../../session/agent.ts';
import type { ConfigSource } from '../config-generator.ts';
import { NO_FILES } from '../document/group-files.ts';
import { described } from '../prompts/config-text.ts';
import { type RenderContext, renderTemplate, renderText } from '../prompts/render-prompt.ts';
import type { SessionGroup } from '../types.ts';

/** The source from which configuration is generated when sessions run. */
export function configSource(
  { definition, files = NO_FILES }: Pick<SessionGroup, 'definition' | 'files'>,
  context: () => RenderContext,
  agents: ReadonlyMap<string, Agent> = new Map(),
): ConfigSource {
  return {
    definition,
    files,
    agents: Object.fromEntries(agents),
    render: (session, use) =>
      'text' in use
        ? renderText(use.text, `claudeMdTemplate of ${session.id}`, session, context())
        : {
            ...renderTemplate(use.template, session, context()),
            ...described(files, use.template),
          },
  };
}
