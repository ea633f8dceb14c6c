import type { McpServer } from '../types.ts';
import { deepMerge } from './deep-merge.ts';

export type McpServers = Readonly<Record<string, McpServer>>;

/** A client's MCP file for servers, and the variables that the client needs to read it. */
export interface McpConfig {
  readonly servers: readonly string[];
  /** The file. It holds references only where a secret may stand. */
  readonly text: string;
  /** By name, the text whose references give the value: to be resolved at each start, and never written. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The servers of both; one that is in both is merged deeply if it is reached in the same way, else the session's. */
export function mergeServers(shared: McpServers, own: McpServers): McpServers {
  const merged = Object.entries(own).map(([name, server]) => {
    const base = Object.hasOwn(shared, name) ? shared[name] : undefined;
    const alike = base !== undefined && 'url' in base === 'url' in server;
    return [name, alike ? (deepMerge(base, server) as McpServer) : server] as const;
  });
  return { ...shared, ...Object.fromEntries(merged) };
}

/**
 * Invariants: a value of `env` or `headers`, and a URL with credentials, is in the file only as a reference. The
 * client fills in `${NAME}` in every text of a server and knows neither our escape nor an empty default (measured on
 * 2.1.330 and 2.1.197; in headers it does so once more with the outcome), so a text with a default, an escape, or a
 * variable that the session has otherwise, gets a variable of our own.
 */
export function mcpConfig(servers: McpServers, sessionEnv: Readonly<Record<string, string>>): McpConfig {
  const variables: Record<string, string> = {};
  let made = 0;
  const ownVariable = (text: string): string => {
    const name = `${OWN_PREFIX}${++made}`;
    variables[name] = text;
    return `\${${name}}`;
  };
  const open = (text: string): string => {
    if (!text.includes('${')) return text;
    const names = plainReferences(text);
    if (names === undefined || names.some(name => isWithheld(name) || Object.hasOwn(sessionEnv, name))) {
      return ownVariable(text);
    }
    for (const name of names) variables[name] = `\${${name}}`;
    return text;
  };
  const secret = (text: string): string => (text.includes('${') ? open(text) : ownVariable(text));
  const secrets = (map: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(map).map(([key, text]) => [key, secret(text)]));
  const written = (server: McpServer) =>
    'url' in server
      ? {
          ...server,
          url: hasCredentials(server.url) ? secret(server.url) : open(server.url),
          ...(server.headers ? { headers: secrets(server.headers) } : {}),
        }
      : {
          ...server,
          command: open(server.command),
          ...(server.args ? { args: server.args.map(open) } : {}),
          ...(server.env ? { env: secrets(server.env) } : {}),
        };
  const file = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, written(server)]));
  return {
    servers: Object.keys(servers),
    text: `${JSON.stringify({ mcpServers: file }, null, 2)}\n`,
    variables,
  };
}

/** Every text of a server that may hold references, with its place in it. */
export function textsOfServer(
  server: McpServer,
): readonly (readonly [path: readonly (string | number)[], text: string])[] {
  const inMap = (key: string, map: Readonly<Record<string, string>> = {}) =>
    Object.entries(map).map(([name, text]) => [[key, name], text] as const);
  if ('url' in server) return [[['url'], server.url], ...inMap('headers', server.headers)];
  const args = (server.args ?? []).map((text, index) => [['args', index], text] as const);
  return [[['command'], server.command], ...args, ...inMap('env', server.env)];
}

/** A name or password, or a query, which is where keys are put. */
export const hasCredentials = (url: string): boolean => /^[a-z]+:\/\/[^/]*@|[?]/i.test(url);

const OWN_PREFIX = 'SESSION_GROUPS_MCP_';

/** The names of a text's references, undefined where it has other than `${NAME}`. */
function plainReferences(text: string): string[] | undefined {
  const names: string[] = [];
  const rest = text.replace(/\$?\$\{([A-Za-z_]\w*)\}/g, (whole, name: string) => {
    names.push(name);
    return whole.startsWith('$$') ? '${' : '';
  });
  return rest.includes('${') ? undefined : names;
}

/** Variables of ours and of a client around this one do not reach the agent. */
const isWithheld = (name: string): boolean => /^(?:SESSION_GROUPS_|CLAUDE|AI_AGENT$)/.test(name);
