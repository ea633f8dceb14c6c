import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { foldersUpToGitTop } from '../../project/project-key.ts';
import type { SettingSource } from '../../session/permissions.ts';

/** What a project's own settings would run without asking. */
export interface ProjectSettings {
  readonly mcpServers: readonly { readonly name: string; readonly file: string }[];
  /** Commands that run at an event, or whenever a helper such as `apiKeyHelper` is needed. */
  readonly hooks: readonly { readonly event: string; readonly command: string; readonly file: string }[];
  /** Files that exist but can't be read or parsed; the client silently ignores broken ones. */
  readonly unreadable: readonly { readonly file: string; readonly message: string }[];
}

const McpFile = z.object({ mcpServers: z.record(z.string(), z.unknown()).default({}) });
const SettingsFile = z.object({
  hooks: z
    .record(
      z.string(),
      z.array(z.object({ hooks: z.array(z.object({ command: z.string().optional() })).default([]) })),
    )
    .default({}),
  apiKeyHelper: z.string().optional(),
  awsAuthRefresh: z.string().optional(),
  awsCredentialExport: z.string().optional(),
  otelHeadersHelper: z.string().optional(),
});

/** Reads the settings files that these sources include, in the folder and its parents up to the top of the git tree. */
export function readProjectSettings(folder: string, sources: readonly SettingSource[]): ProjectSettings {
  const mcpServers: { name: string; file: string }[] = [];
  const hooks: { event: string; command: string; file: string }[] = [];
  const unreadable: { file: string; message: string }[] = [];
  const read = <T>(file: string, schema: z.ZodType<T>): T | undefined => {
    try {
      // Reading a pipe would never end.
      const isFile = statSync(file, { throwIfNoEntry: false })?.isFile() === true;
      return isFile ? schema.parse(JSON.parse(readFileSync(file, 'utf8'))) : undefined;
    } catch (error) {
      const message = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
      unreadable.push({ file, message });
      return undefined;
    }
  };

  const settingsFiles = [
    ...(sources.includes('project') ? ['settings.json'] : []),
    ...(sources.includes('local') ? ['settings.local.json'] : []),
  ];
  for (const place of foldersUpToGitTop(folder)) {
    const mcpFile = join(place, '.mcp.json');
    const servers = sources.includes('project') ? read(mcpFile, McpFile)?.mcpServers : undefined;
    for (const name of Object.keys(servers ?? {})) mcpServers.push({ name, file: mcpFile });
    for (const name of settingsFiles) {
      const file = join(place, '.claude', name);
      const { hooks: events = {}, ...helpers } = read(file, SettingsFile) ?? {};
      for (const [event, command] of Object.entries(helpers)) {
        if (command !== undefined) hooks.push({ event, command, file });
      }
      for (const [event, groups] of Object.entries(events)) {
        for (const { command = '(no command)' } of groups.flatMap(group => group.hooks)) {
          hooks.push({ event, command, file });
        }
      }
    }
  }
  return { mcpServers, hooks, unreadable };
}
