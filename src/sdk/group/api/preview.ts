import { previewSource } from '../attempt/render-config.ts';
import { resolveSession } from '../config/resolve-session.ts';
import { ConfigGenerator } from '../config-generator.ts';
import {
  type LoadedDefinition,
  loadDefinition,
  type ParseOptions,
  parseDefinition,
} from '../definition/definition.ts';
import type { Diagnostic } from '../document/diagnostics.ts';
import { previewPrompt } from '../prompts/preview-prompt.ts';
import type { SessionGroupInput } from '../types.ts';

/** A group as its sessions would be started. */
export interface GroupPreview {
  readonly name: string;
  /** In the order of the definition. */
  readonly sessions: readonly SessionPreview[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * What a session would be given: its prompt and every generated file, with placeholders for what is known
 * later.
 */
export interface SessionPreview {
  readonly id: string;
  /** `<result of ID>` stands where the result of another session will. */
  readonly prompt: string;
  /** Every file that would be generated, by its path in the session's `config` folder; secrets are references. */
  readonly files: Readonly<Record<string, string>>;
  /**
   * Of the files; absent where there are none. `config_generated` has the same one, unless a placeholder or the group's
   * id is in them.
   */
  readonly hash?: string;
  /** MCP servers whose tools would be allowed. */
  readonly mcpServers: readonly string[];
}

/**
 * Every prompt and file of a group as it would be, without starting or writing anything.
 * @param definition path of a YAML or JSON file, or the definition itself.
 * @throws DefinitionError with every problem of the definition.
 */
export async function preview(
  definition: string | SessionGroupInput,
  options: ParseOptions = {},
): Promise<GroupPreview> {
  const loaded =
    typeof definition === 'string'
      ? await loadDefinition(definition, options)
      : await parseDefinition(definition, options);
  return previewLoaded(loaded);
}

/** The same of a definition that has been loaded. */
export function previewLoaded({
  definition,
  files,
  warnings,
}: Pick<LoadedDefinition, 'definition' | 'files' | 'warnings'>): GroupPreview {
  const generator = new ConfigGenerator(previewSource(definition, files));
  const sessions = definition.sessions.map((session): SessionPreview => {
    const config = generator.generateSessionConfig(resolveSession(session, definition.config));
    return {
      id: session.id,
      prompt: previewPrompt(session, definition, files),
      files: config?.files ?? {},
      ...(config === undefined ? {} : { hash: config.hash }),
      mcpServers: config?.mcpServers ?? [],
    };
  });
  return { name: definition.name, sessions, warnings };
}
