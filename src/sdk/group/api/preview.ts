import type { Agents } from '../../session/own/registered.ts';
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

/** What each session of a group would be started with. */
export interface GroupPreview {
  readonly name: string;
  /** In the order of the definition. */
  readonly sessions: readonly SessionPreview[];
  readonly warnings: readonly Diagnostic[];
}

/**
 * A session's prompt and generated files, with placeholders for values that are known only at run time.
 */
export interface SessionPreview {
  readonly id: string;
  /** `<result of ID>` is the placeholder for another session's result. */
  readonly prompt: string;
  /** Generated files by path in the session's `config` folder; secrets appear as references. */
  readonly files: Readonly<Record<string, string>>;
  /**
   * The hash of the files; absent if there are none. Equals the one in `config_generated` unless the files contain a
   * placeholder or the group's id.
   */
  readonly hash?: string;
  /** MCP servers whose tools would be allowed. */
  readonly mcpServers: readonly string[];
}

/**
 * Renders every prompt and file of a group, without starting or writing anything.
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
  return previewLoaded(loaded, options.agents);
}

/** The same for a loaded definition. */
export function previewLoaded(
  { definition, files, warnings }: Pick<LoadedDefinition, 'definition' | 'files' | 'warnings'>,
  agents?: Agents,
): GroupPreview {
  const generator = new ConfigGenerator({ definition, files, agents });
  const sessions = definition.sessions.map((session): SessionPreview => {
    const config = generator.generateSessionConfig(session);
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
