import type { HostEnvironment } from '../config/environment.ts';
import { hasCredentials, textsOfServer } from '../config/mcp-config.ts';
import { ServerName } from '../config/shared-files.ts';
import type { Finding } from '../document/finding.ts';
import { isMap, type SessionView } from '../document/session-view.ts';
import { shown } from '../document/visible.ts';
import { McpServer } from '../types.ts';
import { looksSecret, referenceFindings, secretFinding } from './environment-findings.ts';

/** What is wrong with the MCP servers of sessions, beyond their shape. */
export function sessionServerFindings(sessions: readonly SessionView[], host: HostEnvironment): Finding[] {
  return sessions.flatMap(({ raw, path }) => serverFindings(raw.mcpServers, [...path, 'mcpServers'], host));
}

/**
 * What is wrong with a map of MCP servers: names that make no tool, references that cannot be resolved, URLs that are
 * none, and secrets where others could read them. Whatever has another shape is left to the schema.
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
  const message = `${shown(name)} cannot be the name of an MCP server: its tools could not be named`;
  const suggestion = 'use letters, digits, underscores and hyphens, at most 64';
  return { code: 'invalid_value', message, path, points: 'key', suggestion };
}

function urlFindings(url: string, path: Finding['path']): Finding[] {
  if (!url.includes('${')) {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    if (parsed === undefined || !/^https?:$/.test(parsed.protocol)) {
      const suggestion = 'write it in full: https://host/path';
      const message = 'expected the address of a server that speaks http';
      return [{ code: 'invalid_value', message, path, suggestion }];
    }
    const { password, search } = parsed;
    if (password !== '' || (hasCredentials(url) && looksSecret(search, search))) {
      return [secretFinding('url', path)];
    }
  }
  return [];
}

/** Everybody on the machine can read a command line. */
function shownFindings(text: string, path: Finding['path']): Finding[] {
  const names = [...text.matchAll(/(?<!\$)\$\{([A-Za-z_]\w*)/g)].map(([, name = '']) => name);
  const secret = names.find(name => looksSecret(name, 'a secret of some length'));
  if (secret === undefined && !looksSecret('', text)) return [];
  const what = secret === undefined ? 'what looks like a secret' : `the value of ${secret}`;
  const finding: Finding = {
    severity: 'warning',
    code: 'secret_in_command',
    message: `${what} would stand in the command line of the server, which everybody on this machine can read`,
    path,
    suggestion: 'give it by env',
  };
  return [secret === undefined ? { ...finding, secret: true } : finding];
}
