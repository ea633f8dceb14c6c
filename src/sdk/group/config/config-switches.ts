import type { SessionDefaults, SessionDefinition } from '../types.ts';

/** What is generated for a session (design-docs/spec-session-groups.md §9). */
export interface ConfigSwitches {
  readonly claudeMd: boolean;
  readonly mcpConfig: boolean;
  readonly settings: boolean;
  readonly commands: boolean;
  /** What the group shares is part of it. */
  readonly inherit: boolean;
}

/**
 * The session's own switch decides; without one, what it gives of its own (`mcpServers`, `settingsOverride`,
 * `commands`, `claudeMdTemplate`) switches the file on; else the group's default.
 */
export function switchesOf(
  { config, mcpServers }: Pick<SessionDefinition, 'config' | 'mcpServers'>,
  defaults: SessionDefaults,
): ConfigSwitches {
  const given = (content: unknown) => (content === undefined ? undefined : true);
  return {
    claudeMd: config?.generateClaudeMd ?? given(config?.claudeMdTemplate) ?? defaults.generateClaudeMd,
    mcpConfig: config?.generateMcpConfig ?? given(mcpServers) ?? defaults.generateMcpConfig,
    settings: config?.generateSettings ?? given(config?.settingsOverride) ?? defaults.generateSettings,
    commands: config?.generateCommands ?? given(config?.commands) ?? defaults.generateCommands,
    inherit: config?.inheritFromGroup ?? true,
  };
}
