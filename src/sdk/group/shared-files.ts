import { z } from 'zod';
import type { McpServers } from './mcp-config.ts';
import { McpServer } from './types.ts';

/** Keys of GroupFiles.sharedConfig. The client's own name of the MCP file begins with a dot; here it has none. */
export const SHARED_CLAUDE_MD = 'CLAUDE.md';
export const SHARED_MCP = 'mcp.json';
export const SHARED_SETTINGS = 'settings.json';
export const SHARED_COMMANDS = 'commands/';

/** The name that the client, and the tools that are made of it, can call. */
export const ServerName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, 'expected 1 to 64 letters, digits, underscores or hyphens');

export const McpFile = z.strictObject({ mcpServers: z.record(ServerName, McpServer).default({}) });

/** The servers of an MCP file that was found sound when its group was made. */
export const sharedServers = (text: string): McpServers => McpFile.parse(JSON.parse(text)).mcpServers;
