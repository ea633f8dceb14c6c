import { SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import type { GroupFiles } from '../document/group-files.ts';
import { didYouMean } from '../document/suggest.ts';
import { inputError } from '../input/checked-sessions.ts';
import { type PreviewedGroup, previewTemplate, previewText } from './preview-prompt.ts';
import { templateText } from './render-prompt.ts';
import { TemplateError } from './template-error.ts';
import { validTemplate } from './template-file.ts';

/** What a session's instructions or commands come from: a template, or a text of the session's own. */
export type ConfigText = { readonly template: string } | { readonly text: string };

/** A rendered text of a session's configuration. */
export interface RenderedText {
  readonly text: string;
  /** It contains text that another agent wrote. */
  readonly composed: boolean;
  readonly description?: string | undefined;
}

/**
 * Renders with placeholders for results that don't exist yet. Results of the sessions in `dependsOn` can be named if the
 * group doesn't say which sessions it has.
 * @throws DefinitionError at the key of the session that names the text.
 */
export function previewsConfig(
  group: Omit<PreviewedGroup, 'sessions'> & Partial<PreviewedGroup>,
  files: GroupFiles,
): (session: ResolvedSession, use: ConfigText) => RenderedText {
  return (session, use) => {
    const sessions = group.sessions ?? session.dependsOn.map(({ session: id }) => ({ id }));
    const { name, description, variables } = group;
    const whole = { name, description, sessions, variables };
    try {
      const composed = false; // only placeholders; loading has rejected results in commands
      if ('text' in use) {
        const title = `claudeMdTemplate of ${session.id}`;
        return { text: previewText(use.text, title, session, whole), composed };
      }
      const text = previewTemplate(use.template, session, whole, files);
      return { text, composed, ...described(files, use.template) };
    } catch (error) {
      throw error instanceof SessionGroupsError ? inSession(error, session, use, files) : error;
    }
  };
}

/** What a template says of itself. */
export function described(files: GroupFiles, name: string): { readonly description?: string } {
  return given({ description: validTemplate(templateText(files, name), name).description });
}

/** A problem of a text, at the key of the session that names it. */
function inSession(
  error: SessionGroupsError,
  { config }: ResolvedSession,
  use: ConfigText,
  { templates }: GroupFiles,
): Error {
  const command = 'template' in use ? (config?.commands ?? []).indexOf(use.template) : -1;
  const path = ['config', ...(command === -1 ? ['claudeMdTemplate'] : ['commands', command])];
  const unknown = 'template' in use && !Object.hasOwn(templates, use.template);
  if (unknown) {
    const suggestion = didYouMean(use.template, Object.keys(templates)) ?? 'pass it in files.templates';
    const message = `there is no template "${use.template}"`;
    return inputError([{ code: 'unknown_template', message, path, suggestion }], 'session');
  }
  const problems = error instanceof TemplateError ? error.problems : [{ ...error, suggestion: undefined }];
  const findings = problems.map(({ code, message, suggestion }) => ({ code, message, path, suggestion }));
  return inputError(findings, 'session');
}
