import type { CapabilitiesOf } from '../../session/own/registered.ts';
import type { SessionDefaults, SessionDefinition, SessionGroupConfig } from '../types.ts';

/** What is generated for a session, as far as its agent accepts it (design-docs/spec-session-groups.md §9). */
export interface ConfigSwitches {
  readonly claudeMd: boolean;
  readonly mcpConfig: boolean;
  readonly settings: boolean;
  readonly commands: boolean;
  /** A separate config folder. */
  readonly configDir: boolean;
  /** Whether the group's shared configuration is included. */
  readonly inherit: boolean;
}

export type SwitchedSession = Pick<SessionDefinition, 'agent' | 'config' | 'mcpServers' | 'isolateConfigDir'>;

/**
 * The session's own switch decides. Without one, a file is generated if the session provides content for it
 * (`mcpServers`, `settingsOverride`, `commands`, `claudeMdTemplate`); otherwise the group's default applies.
 */
export function switchesOf(
  { config, mcpServers, isolateConfigDir, agent }: SwitchedSession,
  { agent: { kind }, sessionDefaults }: Pick<SessionGroupConfig, 'agent' | 'sessionDefaults'>,
  can: CapabilitiesOf,
): ConfigSwitches {
  const accepts = can(agent?.kind ?? kind);
  const on = (key: keyof SessionDefaults, content: unknown) =>
    config?.[key] ?? (content !== undefined || sessionDefaults[key]);
  return {
    claudeMd: accepts.instructions && on('generateClaudeMd', config?.claudeMdTemplate),
    mcpConfig: accepts.mcp && on('generateMcpConfig', mcpServers),
    settings: accepts.instructions && on('generateSettings', config?.settingsOverride),
    commands: accepts.instructions && on('generateCommands', config?.commands),
    configDir: accepts.configDir && isolateConfigDir,
    inherit: config?.inheritFromGroup ?? true,
  };
}
