import { switchesOf } from '../config/config-switches.ts';
import { childEnvironment, type HostEnvironment, resolveReferences } from '../config/environment.ts';
import { hasPortableLogin, LOGIN_ADVICE, NO_LOGIN } from '../config/portable-login.ts';
import { SHARED_CLAUDE_MD, SHARED_COMMANDS, SHARED_MCP, SHARED_SETTINGS } from '../config/shared-files.ts';
import type { Diagnostic } from '../document/diagnostics.ts';
import type { Finding } from '../document/finding.ts';
import type { GroupFiles } from '../document/group-files.ts';
import type { SessionDefinition, SessionGroupDefinition } from '../types.ts';
import type { SharedConfig } from './shared-config.ts';

/** Whether what a definition asks to be generated can be, and whether all that it brings is used. */
export function generationFindings(
  definition: SessionGroupDefinition,
  shared: GroupFiles['sharedConfig'],
  host: HostEnvironment,
): Finding[] {
  return [
    ...definition.sessions.flatMap((session, index) =>
      sessionFindings(session, ['sessions', index], definition, shared, host),
    ),
    ...unusedShared(definition, shared),
  ];
}

/** Variables that only the shared MCP file names need not be set where no session takes it. */
export function relevantProblems(
  { problems }: SharedConfig,
  definition: SessionGroupDefinition | undefined,
): readonly Diagnostic[] {
  const used = definition === undefined || takers(definition, 'mcpConfig').length > 0;
  return problems.filter(({ code }) => used || code !== 'unset_variable');
}

type Kind = 'claudeMd' | 'mcpConfig' | 'settings' | 'commands';

const SWITCHES: Readonly<Record<Kind, string>> = {
  claudeMd: 'generateClaudeMd',
  mcpConfig: 'generateMcpConfig',
  settings: 'generateSettings',
  commands: 'generateCommands',
};

function sessionFindings(
  session: SessionDefinition,
  path: Finding['path'],
  { config }: SessionGroupDefinition,
  shared: GroupFiles['sharedConfig'],
  host: HostEnvironment,
): Finding[] {
  const { kind } = session.agent ?? config.agent;
  const given = ownContent(session);
  if (kind === 'scripted') return []; // it stands in for the agent that is meant
  if (kind !== 'claude') {
    return given.map(({ keys }) => ({
      severity: 'warning',
      code: 'not_for_this_agent',
      message: `"${keys.at(-1)}" is for the agent claude; the agent ${kind} is given nothing of it`,
      path: [...path, ...keys],
      points: 'key',
    }));
  }
  const switches = switchesOf(session, config.sessionDefaults);
  const off = given.flatMap(({ kind: part, keys }): Finding[] => {
    if (part === undefined || switches[part]) return [];
    const message = `"${keys.at(-1)}" is not used: ${SWITCHES[part]} is false`;
    const at = { path: [...path, ...keys], points: 'key' } as const;
    return [
      { severity: 'warning', code: 'switched_off', message, ...at, suggestion: 'take one of them out' },
    ];
  });
  return [...off, ...loginFindings(session, path, switches, shared, host)];
}

/** What a session gives of its own. */
function ownContent(session: SessionDefinition): { kind: Kind | undefined; keys: readonly string[] }[] {
  const { config, mcpServers, isolateConfigDir } = session;
  const all: [unknown, Kind | undefined, string[]][] = [
    [mcpServers, 'mcpConfig', ['mcpServers']],
    [isolateConfigDir || undefined, undefined, ['isolateConfigDir']],
    [config?.claudeMdTemplate, 'claudeMd', ['config', 'claudeMdTemplate']],
    [config?.settingsOverride, 'settings', ['config', 'settingsOverride']],
    [config?.commands, 'commands', ['config', 'commands']],
  ];
  return all.flatMap(([value, kind, keys]) => (value === undefined ? [] : [{ kind, keys }]));
}

function loginFindings(
  session: SessionDefinition,
  path: Finding['path'],
  { settings, inherit }: ReturnType<typeof switchesOf>,
  shared: GroupFiles['sharedConfig'],
  host: HostEnvironment,
): Finding[] {
  if (!session.isolateConfigDir) return [];
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

function unusedShared(definition: SessionGroupDefinition, shared: GroupFiles['sharedConfig']): Finding[] {
  const kinds: readonly (readonly [Kind, string])[] = [
    ['claudeMd', SHARED_CLAUDE_MD],
    ['mcpConfig', SHARED_MCP],
    ['settings', SHARED_SETTINGS],
    ['commands', SHARED_COMMANDS],
  ];
  return kinds.flatMap(([kind, file]): Finding[] => {
    if (!Object.keys(shared).some(path => path === file || (file.endsWith('/') && path.startsWith(file)))) {
      return [];
    }
    if (takers(definition, kind).length > 0) return [];
    const message = `shared-config/${file === SHARED_MCP ? '.mcp.json' : file} is not used: no session has ${SWITCHES[kind]}`;
    const suggestion = `write sessionDefaults: { ${SWITCHES[kind]}: true } in config`;
    return [
      { severity: 'warning', code: 'unused_file', message, path: ['config'], points: 'key', suggestion },
    ];
  });
}

/** Sessions that take the group's share of it. */
function takers({ config, sessions }: SessionGroupDefinition, kind: Kind): readonly SessionDefinition[] {
  return sessions.filter(session => {
    const switches = switchesOf(session, config.sessionDefaults);
    return (session.agent ?? config.agent).kind === 'claude' && switches.inherit && switches[kind];
  });
}
