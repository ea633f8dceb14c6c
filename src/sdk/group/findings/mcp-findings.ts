import { McpServer } from '../../session/agent-config.ts';
import { looksSecret } from '../../session/reports/redaction.ts';
import type { HostEnvironment } from '../config/environment.ts';
import { hasCredentials, textsOfServer } from '../config/mcp-config.ts';
import { ServerName } from '../config/shared-files.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView } from '../document/session-view.ts';
import { shown } from '../document/visible.ts';
import { referenceFindings, secretFinding } from './environment-findings.ts';

/** Problems of the sessions' MCP servers, beyond their shape. */
export function sessionServerFindings(sessions: readonly SessionView[], host: HostEnvironment): Finding[] {
  return sessions.flatMap(({ raw, path }) =>
    raw.mcpServers === undefined ? [] : serverFindings(raw.mcpServers, [...path, 'mcpServers'], host),
  );
}

/**
 * Problems of a map of MCP servers: names that can't be part of a tool name, references that can't be resolved, invalid
 * URLs, and secrets that others could read. Values of another shape are left to the schema.
 */
export function serverFindings(servers: unknown, path: Finding['path'], host: HostEnvironment): Finding[] {
  return Object.entries(isMap(servers) ? servers : {}).flatMap(([name, value]) => {
    const at = [...path, name];
    const server = McpServer.safeParse(value);
    return [
      ...(ServerName.safeParse(name).success ? [] : [badName(name, at)]),
      ...(server.success ? contentFindings(server.data, at, host) : []),
    ];
  });
}

function contentFindings(server: McpServer, path: Finding['path'], host: HostEnvironment): Finding[] {
  const texts = textsOfServer(server).flatMap(([inner, text]) => {
    const at = [...path, ...inner];
    const [part] = inner;
    const name = String(inner.at(-1));
    return [
      ...referenceFindings(text, at, host),
      ...((part === 'env' || part === 'headers') && looksSecret(name, text) ? [secretFinding(name, at)] : []),
      ...(part === 'args' || part === 'command' ? shownFindings(text, at) : []),
    ];
  });
  return 'url' in server ? [...texts, ...urlFindings(server.url, [...path, 'url'])] : texts;
}

function badName(name: string, path: Finding['path']): Finding {
  const message = `${shown(name)} is not a valid name of an MCP server`;
  const suggestion = 'use letters, digits, underscores and hyphens, at most 64';
  return { code: 'invalid_value', message, path, points: 'key', suggestion };
}

function urlFindings(url: string, path: Finding['path']): Finding[] {
  if (!url.includes('${')) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
      const suggestion = 'write the full URL: https://host/path';
      const message = 'expected an http or https URL';
      return [{ code: 'invalid_value', message, path, suggestion }];
    }
    const { password, search } = parsed;
    if (password !== '' || (hasCredentials(url) && looksSecret(search, search))) {
      return [secretFinding('url', path)];
    }
  }
  return [];
}

/** Every user of the machine can read a command line. */
function shownFindings(text: string, path: Finding['path']): Finding[] {
  const names = [...text.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
  const secret = names.find(name => looksSecret(name, 'a secret of some length'));
  if (secret === undefined && !looksSecret('', text)) return [];
  const what = secret === undefined ? 'a value that looks like a secret' : `the value of ${secret}`;
  const finding: Finding = {
    severity: 'warning',
    code: 'secret_in_command',
    message: `${what} would appear in the server's command line, which every user of this machine can read`,
    path,
    suggestion: 'pass it with env',
  };
  return [secret === undefined ? { ...finding, secret: true } : finding];
}
