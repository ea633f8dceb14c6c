import { join } from 'node:path';
import { SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import type { Agent, AttemptConfig } from '../../session/agent.ts';
import { type CapabilitiesOf, capabilitiesOf } from '../../session/own/registered.ts';
import { type HostEnvironment, resolveReferences } from '../config/environment.ts';
import { hasPortableLogin, noPortableLogin } from '../config/portable-login.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import {
  CLAUDE_MD,
  ConfigGenerator,
  type ConfigSource,
  type GeneratedConfig,
  MCP_CONFIG,
  PLUGIN,
  SETTINGS,
} from '../config-generator.ts';
import { NO_FILES } from '../document/group-files.ts';
import type { GroupEventBody } from '../journal/events.ts';
import type { GroupFold } from '../journal/fold.ts';
import { described } from '../prompts/config-text.ts';
import { type RenderContext, renderTemplate, renderText } from '../prompts/render-prompt.ts';
import type { SessionGroup } from '../types.ts';
import { makeOwnConfigDir, OWN_CONFIG_DIR, TemporaryFolders, writeConfig } from './config-folder.ts';

export interface SessionConfigsOptions extends ConfigSource {
  /** The session's folder; undefined if nothing is kept on disk. */
  readonly folderOf: (id: string) => string | undefined;
  readonly record: (body: GroupEventBody) => void;
}

/**
 * The generated configuration of a group's sessions, on disk and in the journal.
 *
 * CONFIG-1 `config_generated` is journalled before a session first runs with a configuration, and whenever it changes.
 * CONFIG-2 the values of references exist only in the agent's environment: in no file, event or command line.
 */
export class SessionConfigs {
  readonly #options: SessionConfigsOptions;
  readonly #can: CapabilitiesOf;
  #generator: ConfigGenerator;
  readonly #temporary = new TemporaryFolders();
  readonly #variables = new Map<string, GeneratedConfig['variables']>();
  /** By session: the hash journalled last, and the one with which its conversation began. */
  readonly #last = new Map<string, string>();
  readonly #begun = new Map<string, string>();

  constructor(options: SessionConfigsOptions) {
    this.#options = options;
    this.#can = capabilitiesOf(options.agents);
    this.#generator = new ConfigGenerator(options);
  }

  /** Sessions that start from now on use this source. */
  redefine(source: ConfigSource): void {
    this.#generator = new ConfigGenerator(source);
  }

  restore({ sessions }: GroupFold): void {
    for (const [id, { configHash, conversationConfigHash }] of sessions) {
      if (configHash !== undefined) this.#last.set(id, configHash);
      if (conversationConfigHash !== undefined) this.#begun.set(id, conversationConfigHash);
    }
  }

  generates(session: ResolvedSession): boolean {
    return this.#generator.generates(session);
  }

  /** Generates and writes the configuration; undefined if there is none. An error fails the session (prepare_failed). */
  configure(session: ResolvedSession): AttemptConfig | undefined {
    const config = this.#generator.generateSessionConfig(session);
    if (!config) return undefined;
    const { id } = session;
    const folder = this.#options.folderOf(id);
    const dir = folder === undefined ? this.#temporary.folder(id) : join(folder, 'config');
    writeConfig(dir, config.files);
    if (session.isolateConfigDir) makeOwnConfigDir(dir);
    this.#variables.set(id, config.variables);
    if (this.#last.get(id) !== config.hash) {
      const files = Object.keys(config.files);
      this.#options.record({ type: 'config_generated', sessionId: id, files, hash: config.hash });
      this.#last.set(id, config.hash);
    }
    return this.#attemptConfig(session, config, dir);
  }

  /** The session begins a conversation with the configuration generated last. */
  begins(id: string): void {
    const hash = this.#last.get(id);
    if (hash !== undefined) this.#begun.set(id, hash);
  }

  /**
   * The variables that a session's configuration refers to, resolved now.
   * @throws SessionGroupsError `unset_variable`, `no_portable_login`.
   */
  environment(
    session: ResolvedSession,
    host: HostEnvironment,
    child: Readonly<Record<string, string>>,
  ): Record<string, string> {
    if (!this.#generator.generates(session)) return {};
    const { configDir, standsIn } = this.#can(session.agent.kind);
    // A scripted agent needs no login.
    if (
      session.isolateConfigDir &&
      configDir &&
      !standsIn &&
      !hasPortableLogin(child, this.#generator.generateSettings(session))
    ) {
      throw noPortableLogin(session.id);
    }
    const values: Record<string, string> = {};
    for (const [name, text] of Object.entries(this.#variables.get(session.id) ?? {})) {
      const { value, unset } = resolveReferences(text, host);
      if (unset.length > 0) throw unsetVariable(unset[0] ?? '');
      values[name] = value;
    }
    return values;
  }

  /** The names of those variables. */
  variablesOf(id: string): readonly string[] {
    return Object.keys(this.#variables.get(id) ?? {});
  }

  /** Removes the files generated for a group that is kept in memory. */
  close(): void {
    this.#temporary.remove();
  }

  #attemptConfig(session: ResolvedSession, config: GeneratedConfig, dir: string): AttemptConfig {
    const paths = Object.keys(config.files);
    const fileOf = (path: string) => (paths.includes(path) ? join(dir, path) : undefined);
    const begun = this.#begun.get(session.id);
    const changed = paths.includes(CLAUDE_MD) && begun !== undefined && begun !== config.hash;
    const hasPlugin = paths.some(path => path.startsWith(`${PLUGIN}/`));
    return given({
      instructionsFile: fileOf(CLAUDE_MD),
      instructionsChanged: changed ? true : undefined,
      settingsFile: fileOf(SETTINGS),
      mcpConfigFile: fileOf(MCP_CONFIG),
      mcpServers: paths.includes(MCP_CONFIG) ? config.mcpServers : undefined,
      pluginDir: hasPlugin ? join(dir, PLUGIN) : undefined,
      configDir: session.isolateConfigDir ? join(dir, OWN_CONFIG_DIR) : undefined,
    });
  }
}

function unsetVariable(name: string): SessionGroupsError {
  const hint = `Set ${name} before starting, or give it a default: \${${name}:-text}`;
  const text = `an MCP server requires the variable ${name}, which is not set`;
  return new SessionGroupsError('unset_variable', text, { hint });
}

/** The source from which configuration is generated when sessions run. */
export function configSource(
  { definition, files = NO_FILES }: Pick<SessionGroup, 'definition' | 'files'>,
  context: () => RenderContext,
  agents: ReadonlyMap<string, Agent> = new Map(),
): ConfigSource {
  return {
    definition,
    files,
    agents: Object.fromEntries(agents),
    render: (session, use) =>
      'text' in use
        ? renderText(use.text, `claudeMdTemplate of ${session.id}`, session, context())
        : {
            ...renderTemplate(use.template, session, context()),
            ...described(files, use.template),
          },
  };
}
