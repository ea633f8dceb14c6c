import { join } from 'node:path';
import { SessionGroupsError } from '../../../errors.ts';
import { given } from '../../../given.ts';
import type { AttemptConfig, AttemptSpec } from '../../../session/agent.ts';
import type { KindCapabilities } from '../../../session/agent-kinds.ts';
import { childEnvironment, type HostEnvironment, resolveReferences } from '../../config/environment.ts';
import { hasPortableLogin, noPortableLogin } from '../../config/portable-login.ts';
import { secretsOf } from '../../config/secrets.ts';
import { CLAUDE_MD, MCP_CONFIG, PLUGIN, SETTINGS } from '../../config-generator.ts';
import type { AttemptOrder, OrderedConfig } from './attempt-order.ts';
import { OWN_CONFIG_DIR } from './config-folder.ts';

/** What belongs to the machine where an agent works. */
export interface AttemptSite {
  /** Where the agent works; absolute. */
  readonly cwd: string;
  /** Variables that references may name, and that agents inherit. */
  readonly host: HostEnvironment;
  /** What the place adds to that: ports, a name for commits. */
  readonly environment: (env: Record<string, string>) => Record<string, string>;
  /** Where the order's configuration has been written. */
  readonly configFolder: string | undefined;
  /** Absent: nothing is kept on disk. */
  readonly logDir: string | undefined;
  readonly can: Pick<KindCapabilities, 'configDir' | 'standsIn'>;
}

/**
 * An order, resolved on this machine.
 * @throws SessionGroupsError `unset_variable`, `no_portable_login`.
 */
export function resolveOrder(order: AttemptOrder, site: AttemptSite): AttemptSpec {
  const { env: set, envPolicy, config, logs, tree: _, results: __, ...ordered } = order;
  const { cwd, host, can, configFolder, logDir } = site;
  const child = childEnvironment({ env: set, envPolicy }, host);
  const variables = config ? configVariables(order.sessionId, config, { can, child, host }) : {};
  const env = site.environment(Object.assign(child, variables));
  const secrets = secretsOf(env, [...Object.keys(set), ...Object.keys(config?.variables ?? {})]);
  const spec: { -readonly [K in keyof AttemptSpec]: AttemptSpec[K] } = { ...ordered, cwd, env, secrets };
  if (config && configFolder !== undefined) spec.config = configPaths(config, configFolder);
  if (logs && logDir !== undefined) spec.logDir = logDir;
  return spec;
}

interface Host extends Pick<AttemptSite, 'can' | 'host'> {
  readonly child: Readonly<Record<string, string>>;
}

/** The variables that the configuration refers to. */
function configVariables(
  id: string,
  { isolated, files, variables }: OrderedConfig,
  { can, child, host }: Host,
): Record<string, string> {
  // A scripted agent needs no login.
  if (isolated && can.configDir && !can.standsIn && !hasPortableLogin(child, files[SETTINGS])) {
    throw noPortableLogin(id);
  }
  const values: Record<string, string> = {};
  for (const [name, text] of Object.entries(variables)) {
    const { value, unset } = resolveReferences(text, host);
    if (unset.length > 0) throw unsetVariable(unset[0] ?? '');
    values[name] = value;
  }
  return values;
}

function unsetVariable(name: string): SessionGroupsError {
  const hint = `Set ${name} before starting, or give it a default: \${${name}:-text}`;
  const text = `an MCP server requires the variable ${name}, which is not set`;
  return new SessionGroupsError('unset_variable', text, { hint });
}

function configPaths({ files, mcpServers, isolated, changed }: OrderedConfig, dir: string): AttemptConfig {
  const paths = Object.keys(files);
  const fileOf = (path: string) => (paths.includes(path) ? join(dir, path) : undefined);
  const hasPlugin = paths.some(path => path.startsWith(`${PLUGIN}/`));
  return given({
    instructionsFile: fileOf(CLAUDE_MD),
    instructionsChanged: changed ? true : undefined,
    settingsFile: fileOf(SETTINGS),
    mcpConfigFile: fileOf(MCP_CONFIG),
    mcpServers: paths.includes(MCP_CONFIG) ? mcpServers : undefined,
    pluginDir: hasPlugin ? join(dir, PLUGIN) : undefined,
    configDir: isolated ? join(dir, OWN_CONFIG_DIR) : undefined,
  });
}
