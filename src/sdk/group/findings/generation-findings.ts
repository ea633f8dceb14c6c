import { AGENT_KINDS } from '../../session/agent-kinds.ts';
import type { CapabilitiesOf } from '../../session/own/registered.ts';
import { switchesOf } from '../config/config-switches.ts';
import { childEnvironment, type HostEnvironment, resolveReferences } from '../config/environment.ts';
import { hasPortableLogin, LOGIN_ADVICE, NO_LOGIN } from '../config/portable-login.ts';
import { SHARED_CLAUDE_MD, SHARED_COMMANDS, SHARED_MCP, SHARED_SETTINGS } from '../config/shared-files.ts';
import type { Diagnostic } from '../document/diagnostics.ts';
import type { Finding } from '../document/finding.ts';
import type { GroupFiles } from '../document/group-files.ts';
import type { SessionDefinition, SessionGroupDefinition } from '../types.ts';
import type { SharedConfig } from './shared-config.ts';

/** Whether the requested configuration can be generated, and whether everything that is provided is used. */
export function generationFindings(
  definition: SessionGroupDefinition,
  shared: GroupFiles['sharedConfig'],
  host: HostEnvironment,
  can: CapabilitiesOf,
): Finding[] {
  return [
    ...definition.sessions.flatMap((session, index) =>
      sessionFindings(session, ['sessions', index], definition, { shared, host, can }),
    ),
    ...unusedShared(definition, shared, can),
  ];
}

/** Variables that are only used in the shared MCP file need not be set if no session uses it. */
export function relevantProblems(
  { problems }: SharedConfig,
  definition: SessionGroupDefinition | undefined,
  can: CapabilitiesOf,
): readonly Diagnostic[] {
  const used = definition === undefined || usersOf(definition, PARTS.mcpConfig, can).length > 0;
  return problems.filter(({ code }) => used || code !== 'unset_variable');
}

type Need = 'instructions' | 'mcp' | 'configDir' | 'structuredOutput';

/** For each part: the switch that enables it, the capability that an agent needs for it, and its shared file. */
const PARTS = {
  claudeMd: { part: 'claudeMd', by: 'generateClaudeMd', need: 'instructions', file: SHARED_CLAUDE_MD },
  mcpConfig: { part: 'mcpConfig', by: 'generateMcpConfig', need: 'mcp', file: SHARED_MCP },
  settings: { part: 'settings', by: 'generateSettings', need: 'instructions', file: SHARED_SETTINGS },
  commands: { part: 'commands', by: 'generateCommands', need: 'instructions', file: SHARED_COMMANDS },
} as const;
type Part = (typeof PARTS)[keyof typeof PARTS];

function sessionFindings(
  session: SessionDefinition,
  path: Finding['path'],
  { config }: SessionGroupDefinition,
  {
    shared,
    host,
    can,
  }: {
    readonly shared: GroupFiles['sharedConfig'];
    readonly host: HostEnvironment;
    readonly can: CapabilitiesOf;
  },
): Finding[] {
  const { kind } = session.agent ?? config.agent;
  const capabilities = can(kind);
  if (capabilities.standsIn) return []; // the real agent is unknown
  const switches = switchesOf(session, config, can);
  const unused = ownContent(session).flatMap(({ need, part, keys }): Finding[] => {
    const key = `"${keys.at(-1)}"`;
    const at = { severity: 'warning', path: [...path, ...keys], points: 'key' } as const;
    if (!capabilities[need]) {
      const message = `${key} only applies to the agent ${kindsWith(need)}; the agent ${kind} ignores it`;
      return [{ ...at, code: 'not_for_this_agent', message }];
    }
    if (part === undefined || switches[part.part]) return [];
    const message = `${key} is not used: ${part.by} is false`;
    return [{ ...at, code: 'switched_off', message, suggestion: 'remove one of them' }];
  });
  return [...unused, ...loginFindings(session, path, switches, shared, host)];
}

const kindsWith = (need: Need): string =>
  Object.entries(AGENT_KINDS)
    .flatMap(([kind, { capabilities }]) => (capabilities[need] && !capabilities.standsIn ? [kind] : []))
    .join(' or ');

/** What a session provides itself. */
function ownContent(session: SessionDefinition): { need: Need; part?: Part; keys: readonly string[] }[] {
  const { config, mcpServers, isolateConfigDir, outputSchema } = session;
  const ofPart = (content: unknown, part: Part, ...keys: string[]) =>
    content === undefined ? [] : [{ need: part.need, part, keys }];
  return [
    ...ofPart(mcpServers, PARTS.mcpConfig, 'mcpServers'),
    ...(isolateConfigDir ? [{ need: 'configDir', keys: ['isolateConfigDir'] } as const] : []),
    ...ofPart(config?.claudeMdTemplate, PARTS.claudeMd, 'config', 'claudeMdTemplate'),
    ...ofPart(config?.settingsOverride, PARTS.settings, 'config', 'settingsOverride'),
    ...ofPart(config?.commands, PARTS.commands, 'config', 'commands'),
    ...(outputSchema ? [{ need: 'structuredOutput', keys: ['outputSchema'] } as const] : []),
  ];
}

function loginFindings(
  session: SessionDefinition,
  path: Finding['path'],
  { configDir, settings, inherit }: ReturnType<typeof switchesOf>,
  shared: GroupFiles['sharedConfig'],
  host: HostEnvironment,
): Finding[] {
  if (!configDir) return [];
  const own = session.config?.settingsOverride;
  const texts = [inherit ? shared[SHARED_SETTINGS] : undefined, own && JSON.stringify(own)];
  const helped = settings && texts.some(text => text !== undefined && hasPortableLogin({}, text));
  const env = { ...session.env };
  for (const [name, text] of Object.entries(env)) env[name] = resolveReferences(text, host).value;
  const child = childEnvironment({ ...session, env: {} }, host);
  if (helped || hasPortableLogin({ ...child, ...env }, undefined)) return [];
  return [
    {
      code: 'no_portable_login',
      message: NO_LOGIN,
      path: [...path, 'isolateConfigDir'],
      points: 'key',
      suggestion: LOGIN_ADVICE,
    },
  ];
}

function unusedShared(
  definition: SessionGroupDefinition,
  shared: GroupFiles['sharedConfig'],
  can: CapabilitiesOf,
): Finding[] {
  return Object.values(PARTS).flatMap((part): Finding[] => {
    const { by, file } = part;
    if (!Object.keys(shared).some(path => path === file || (file.endsWith('/') && path.startsWith(file)))) {
      return [];
    }
    if (usersOf(definition, part, can).length > 0) return [];
    const message = `shared-config/${file === SHARED_MCP ? '.mcp.json' : file} is not used: no session sets ${by}`;
    const suggestion = `set sessionDefaults: { ${by}: true } in config`;
    return [
      { severity: 'warning', code: 'unused_file', message, path: ['config'], points: 'key', suggestion },
    ];
  });
}

/** Sessions that use the group's shared file for it. */
function usersOf(
  { config, sessions }: SessionGroupDefinition,
  { part }: Part,
  can: CapabilitiesOf,
): readonly SessionDefinition[] {
  return sessions.filter(session => {
    const switches = switchesOf(session, config, can);
    const { standsIn } = can((session.agent ?? config.agent).kind);
    return !standsIn && switches.inherit && switches[part];
  });
}
