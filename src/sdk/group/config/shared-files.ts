import { z } from 'zod';
import { McpServer } from '../../session/agent-config.ts';
import type { CapabilitiesOf } from '../../session/own/registered.ts';
import type { GroupFiles } from '../document/group-files.ts';
import type { SessionGroupConfig } from '../types.ts';
import { type SwitchedSession, switchesOf } from './config-switches.ts';
import { type McpServers, mergeServers } from './mcp-config.ts';

/** Keys of GroupFiles.sharedConfig. The client's name of the MCP file starts with a dot; here it has none. */
export const SHARED_CLAUDE_MD = 'CLAUDE.md';
export const SHARED_MCP = 'mcp.json';
export const SHARED_SETTINGS = 'settings.json';
export const SHARED_COMMANDS = 'commands/';

/** A name that the client accepts and that tool names can be built from. */
export const ServerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'expected 1 to 64 letters, digits, underscores or hyphens');

export const McpFile = z.strictObject({ mcpServers: z.record(ServerName, McpServer).default({}) });

/** The servers in a session's MCP file: the group's, validated when it was created, and the session's own. */
export function serversOf(
  session: SwitchedSession,
  group: Pick<SessionGroupConfig, 'agent' | 'sessionDefaults'>,
  shared: GroupFiles['sharedConfig'],
  can: CapabilitiesOf,
): McpServers {
  const { mcpConfig, inherit } = switchesOf(session, group, can);
  if (!mcpConfig) return {};
  const text = inherit ? shared[SHARED_MCP] : undefined;
  const inherited = text === undefined ? {} : McpFile.parse(JSON.parse(text)).mcpServers;
  return mergeServers(inherited, session.mcpServers ?? {});
}
