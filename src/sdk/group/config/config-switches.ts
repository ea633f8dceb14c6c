import { AGENT_KINDS } from '../../session/agent-kinds.ts';
import type { SessionDefaults, SessionDefinition, SessionGroupConfig } from '../types.ts';

/** What is generated for a session, as far as its agent takes it (design-docs/spec-session-groups.md §9). */
export interface ConfigSwitches {
  readonly claudeMd: boolean;
  readonly mcpConfig: boolean;
  readonly settings: boolean;
  readonly commands: boolean;
  /** A config folder of its own. */
  readonly configDir: boolean;
  /** What the group shares is part of it. */
  readonly inherit: boolean;
}

export type SwitchedSession = Pick<SessionDefinition, 'agent' | 'config' | 'mcpServers' | 'isolateConfigDir'>;

/**
 * The session's own switch decides; without one, what it gives of its own (`mcpServers`, `settingsOverride`,
 * `commands`, `claudeMdTemplate`) switches the file on; else the group's default.
 */
export function switchesOf(
  { config, mcpServers, isolateConfigDir, agent }: SwitchedSession,
  { agent: { kind }, sessionDefaults }: Pick<SessionGroupConfig, 'agent' | 'sessionDefaults'>,
): ConfigSwitches {
  const takes = AGENT_KINDS[agent?.kind ?? kind].capabilities;
  const on = (key: keyof SessionDefaults, content: unknown) =>
    config?.[key] ?? (content !== undefined || sessionDefaults[key]);
  return {
    claudeMd: takes.instructions && on('generateClaudeMd', config?.claudeMdTemplate),
    mcpConfig: takes.mcp && on('generateMcpConfig', mcpServers),
    settings: takes.instructions && on('generateSettings', config?.settingsOverride),
    commands: takes.instructions && on('generateCommands', config?.commands),
    configDir: takes.configDir && isolateConfigDir,
    inherit: config?.inheritFromGroup ?? true,
  };
}
