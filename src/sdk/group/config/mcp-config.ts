import type { McpServer } from '../../session/agent-config.ts';
import { deepMerge } from './deep-merge.ts';

export type McpServers = Readonly<Record<string, McpServer>>;

/** A client's MCP file, and the variables that the client needs to read it. */
export interface McpConfig {
  readonly servers: readonly string[];
  /** The content of the file. A value that may be secret appears only as a reference. */
  readonly text: string;
  /** Maps each variable to the text that gives its value once references are resolved: at each start, never written. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The servers of both. One that is in both is merged deeply if the transport is the same, else the session's wins. */
export function mergeServers(shared: McpServers, own: McpServers): McpServers {
  const merged = Object.entries(own).map(([name, server]) => {
    const base = Object.hasOwn(shared, name) ? shared[name] : undefined;
    const alike = base !== undefined && 'url' in base === 'url' in server;
    return [name, alike ? (deepMerge(base, server) as McpServer) : server] as const;
  });
  return { ...shared, ...Object.fromEntries(merged) };
}

/**
 * Invariants: a value of `env` or `headers`, and a URL with credentials, appears in the file only as a reference. The
 * client expands `${NAME}` in every string of a server and supports neither our escape nor an empty default (measured
 * on 2.1.330 and 2.1.197; in headers it expands the outcome once more), so a string with a default, an escape, or a
 * variable that the session defines otherwise, gets a variable of our own.
 */
export function mcpConfig(servers: McpServers, sessionEnv: Readonly<Record<string, string>>): McpConfig {
  const variables: Record<string, string> = {};
  let count = 0;
  const ownVariable = (text: string): string => {
    const name = `${OWN_PREFIX}${++count}`;
    variables[name] = text;
    return `\${${name}}`;
  };
  const expose = (text: string): string => {
    if (!text.includes('${')) return text;
    const names = plainReferences(text);
    if (names === undefined || names.some(name => isWithheld(name) || Object.hasOwn(sessionEnv, name))) {
      return ownVariable(text);
    }
    for (const name of names) variables[name] = `\${${name}}`;
    return text;
  };
  const secret = (text: string): string => (text.includes('${') ? expose(text) : ownVariable(text));
  const secrets = (map: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(map).map(([key, text]) => [key, secret(text)]));
  const fileEntry = (server: McpServer) =>
    'url' in server
      ? {
          ...server,
          url: hasCredentials(server.url) ? secret(server.url) : expose(server.url),
          ...(server.headers ? { headers: secrets(server.headers) } : {}),
        }
      : {
          ...server,
          command: expose(server.command),
          ...(server.args ? { args: server.args.map(expose) } : {}),
          ...(server.env ? { env: secrets(server.env) } : {}),
        };
  const file = Object.fromEntries(Object.entries(servers).map(([name, server]) => [name, fileEntry(server)]));
  return {
    servers: Object.keys(servers),
    text: `${JSON.stringify({ mcpServers: file }, null, 2)}\n`,
    variables,
  };
}

/** Every string of a server that may contain references, with its path. */
export function textsOfServer(
  server: McpServer,
): readonly (readonly [path: readonly (string | number)[], text: string])[] {
  const inMap = (key: string, map: Readonly<Record<string, string>> = {}) =>
    Object.entries(map).map(([name, text]) => [[key, name], text] as const);
  if ('url' in server) return [[['url'], server.url], ...inMap('headers', server.headers)];
  const args = (server.args ?? []).map((text, index) => [['args', index], text] as const);
  return [[['command'], server.command], ...args, ...inMap('env', server.env)];
}

/** A name or password, or a query string, which often contains keys. */
export const hasCredentials = (url: string): boolean => /^[a-z]+:\/\/[^/]*@|[?]/i.test(url);

const OWN_PREFIX = 'SESSION_GROUPS_MCP_';

/** The names of a text's references; undefined if there are others than `${NAME}`. */
function plainReferences(text: string): string[] | undefined {
  const names: string[] = [];
  const rest = text.replace(/\$?\$\{([A-Za-z_]\w*)\}/g, (whole, name: string) => {
    names.push(name);
    return whole.startsWith('$$') ? '${' : '';
  });
  return rest.includes('${') ? undefined : names;
}

/** Our own variables, and those of a client that we run inside of, don't reach the agent. */
const isWithheld = (name: string): boolean => /^(?:SESSION_GROUPS_|CLAUDE|AI_AGENT$)/.test(name);
