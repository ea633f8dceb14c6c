import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { given } from '../../given.ts';
import type { HostEnvironment } from '../config/environment.ts';
import {
  McpFile,
  SHARED_CLAUDE_MD,
  SHARED_COMMANDS,
  SHARED_MCP,
  SHARED_SETTINGS,
} from '../config/shared-files.ts';
import type { Diagnostic } from '../document/diagnostics.ts';
import { type Finding, locate, locateAll } from '../document/finding.ts';
import { type GroupFiles, isInnerPath } from '../document/group-files.ts';
import { readDocument } from '../document/read-document.ts';
import { readText } from '../document/read-text.ts';
import { isMap } from '../document/session-view.ts';
import { shapeFindings } from '../document/shape-findings.ts';
import { didYouMean } from '../document/suggest.ts';
import { shown } from '../document/visible.ts';
import { serverFindings } from './mcp-findings.ts';
import { settingsFindings } from './settings-findings.ts';

export interface SharedConfig {
  readonly texts: GroupFiles['sharedConfig'];
  /** Located in the files; their `path` is empty. */
  readonly problems: readonly Diagnostic[];
}

/**
 * Reads `shared-config/` next to a definition: CLAUDE.md, .mcp.json, settings.json and commands/*.md. Never throws.
 * References in the MCP file are looked up in `host`.
 */
export async function readSharedConfig(baseDir: string, host: HostEnvironment): Promise<SharedConfig> {
  const folder = join(baseDir, FOLDER);
  const texts: Record<string, string> = {};
  const problems: Diagnostic[] = [];
  for (const { path, file } of await filesIn(folder)) {
    const key = keyOf(path);
    if (key === undefined) {
      problems.push(unusedFile(path, file));
      continue;
    }
    const read = await readText(file);
    if (!read.ok) {
      problems.push({
        severity: 'error',
        code: read.code,
        message: `the file ${read.message}`,
        path: [],
        file,
      });
      continue;
    }
    texts[key] = read.text;
    problems.push(...problemsOf(key, read.text, file, host));
  }
  return { texts, problems };
}

export const NO_SHARED_CONFIG: SharedConfig = { texts: {}, problems: [] };

/** Like `readSharedConfig`, for texts that were read before. */
export function savedConfig(texts: GroupFiles['sharedConfig'], host: HostEnvironment): SharedConfig {
  const problems = Object.entries(texts).flatMap(([key, text]) =>
    problemsOf(key, text, `${FOLDER}/${key}`, host),
  );
  return { texts, problems };
}

const FOLDER = 'shared-config';
const NAMES: Readonly<Record<string, string>> = {
  [SHARED_CLAUDE_MD]: SHARED_CLAUDE_MD,
  '.mcp.json': SHARED_MCP,
  [SHARED_SETTINGS]: SHARED_SETTINGS,
};
/** A folder with more files than this wasn't made for us. */
const MOST_FILES = 1_000;

const keyOf = (path: string): string | undefined => {
  if (Object.hasOwn(NAMES, path)) return NAMES[path];
  return path.startsWith(SHARED_COMMANDS) && path.endsWith('.md') && isInnerPath(path) ? path : undefined;
};

async function filesIn(folder: string): Promise<readonly { path: string; file: string }[]> {
  const found: { path: string; file: string }[] = [];
  const pending = [''];
  for (let inner = pending.pop(); inner !== undefined; inner = pending.pop()) {
    const entries = await readdir(join(folder, inner), { withFileTypes: true }).catch(() => []);
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = inner === '' ? entry.name : `${inner}/${entry.name}`;
      if (entry.isDirectory()) pending.push(path);
      else found.push({ path, file: join(folder, path) });
      if (found.length >= MOST_FILES) return found;
    }
  }
  return found;
}

function unusedFile(path: string, file: string): Diagnostic {
  return {
    severity: 'warning',
    code: 'unused_file',
    message: `${shown(path)} in ${FOLDER} is not used: only CLAUDE.md, .mcp.json, settings.json and commands/NAME.md are`,
    path: [],
    file,
    ...given({ suggestion: didYouMean(path, Object.keys(NAMES)) }),
  };
}

function problemsOf(key: string, text: string, file: string, host: HostEnvironment): readonly Diagnostic[] {
  if (key !== SHARED_MCP && key !== SHARED_SETTINGS) return [];
  if (text.trim() === '') {
    const message = 'the file is empty; write {} for no settings';
    return [{ ...locate({ code: 'empty_file', message, path: [] }), file }];
  }
  const read = readDocument(text, file);
  if (!read.ok) return read.problems;
  const { value, source } = read.document;
  const findings = key === SHARED_MCP ? mcpFindings(value, host) : settingsFindings(value, []);
  return locateAll(findings, source).map(problem => ({ ...problem, path: [] }));
}

function mcpFindings(value: unknown, host: HostEnvironment): Finding[] {
  const parsed = McpFile.safeParse(value);
  const shape = parsed.success ? [] : shapeFindings(value, parsed.error.issues, McpFile);
  const servers = isMap(value) ? value.mcpServers : undefined;
  const inner = serverFindings(servers, ['mcpServers'], host).filter(({ points }) => points !== 'key');
  return [...shape, ...inner];
}
