import { projectInstructions } from '../config/project-instructions.ts';
import type { ConfigSource } from '../config-generator.ts';
import type { GroupFiles } from '../document/group-files.ts';
import { NO_FILES } from '../document/group-files.ts';
import { previewTemplate, previewText } from '../prompts/preview-prompt.ts';
import { type RenderContext, renderTemplate, renderText, templateText } from '../prompts/render-prompt.ts';
import { validTemplate } from '../prompts/template-file.ts';
import type { SessionGroup, SessionGroupDefinition } from '../types.ts';

/** The source from which configuration is generated when sessions run. */
export function configSource(
  { definition, files = NO_FILES }: Pick<SessionGroup, 'definition' | 'files'>,
  context: () => RenderContext,
): ConfigSource {
  return {
    definition,
    files,
    render: (session, use) =>
      'text' in use
        ? renderText(use.text, `claudeMdTemplate of ${session.id}`, session, context())
        : {
            ...renderTemplate(use.template, session, context()),
            ...described(files, use.template),
          },
    projectText,
  };
}

/** The same, with placeholders for results that don't exist yet. */
export function previewSource(definition: SessionGroupDefinition, files: GroupFiles): ConfigSource {
  return {
    definition,
    files,
    render: (session, use) => ({
      composed: false, // only placeholders; loading has rejected results in commands
      ...('text' in use
        ? { text: previewText(use.text, `claudeMdTemplate of ${session.id}`, session, definition) }
        : {
            text: previewTemplate(use.template, session, definition, files),
            ...described(files, use.template),
          }),
    }),
    projectText,
  };
}

/** Nothing is known of a repository before it has been cloned. */
const projectText: ConfigSource['projectText'] = ({ projectPath }) =>
  projectPath === undefined ? undefined : projectInstructions(projectPath);

function described(files: GroupFiles, name: string): { readonly description?: string } {
  const { description } = validTemplate(templateText(files, name), name);
  return description === undefined ? {} : { description };
}
