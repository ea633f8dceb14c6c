import { createHash } from 'node:crypto';
import { z } from 'zod';
import { SessionGroupsError } from '../errors.ts';
import { type Agents, type CapabilitiesOf, capabilitiesOf, checkAgents } from '../session/own/registered.ts';
import { switchesOf } from './config/config-switches.ts';
import { deepMerge } from './config/deep-merge.ts';
import { type McpConfig, mcpConfig } from './config/mcp-config.ts';
import { projectInstructions } from './config/project-instructions.ts';
import { type ResolvedSession, resolveInput } from './config/resolve-session.ts';
import {
  SHARED_CLAUDE_MD,
  SHARED_COMMANDS,
  SHARED_MCP,
  SHARED_SETTINGS,
  serversOf,
} from './config/shared-files.ts';
import { type GroupFiles, NO_FILES } from './document/group-files.ts';
import { checkInput } from './input/checked-sessions.ts';
import { type ConfigText, previewsConfig, type RenderedText } from './prompts/config-text.ts';
import { isTemplateName } from './prompts/template-uses.ts';
import { SessionGroupConfig, type SessionInput } from './types.ts';

/** Paths of the generated files in a session's `config` folder. */
export const CLAUDE_MD = 'CLAUDE.md';
export const MCP_CONFIG = '.mcp.json';
export const SETTINGS = 'settings.json';
export const PLUGIN = 'plugin';
/** The command `review` is invoked as `/group:review`. */
export const PLUGIN_NAME = 'group';

/** A session's configuration as plain data. */
export interface GeneratedConfig {
  /** Text by path in the session's `config` folder, sorted. Never contains a secret: values of MCP servers that refer to the environment stay references. */
  readonly files: Readonly<Record<string, string>>;
  /** SHA-256 of `files`: the same configuration has the same hash. */
  readonly hash: string;
  /** MCP servers by name; their tools are allowed. */
  readonly mcpServers: readonly string[];
  /** Environment variables that the servers need: texts whose references are resolved at each start. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The group whose sessions are configured: a definition, as written or loaded, or as much of one as there is. */
export interface ConfigGroup {
  /** Named in the heading of the instructions. Default: `group`. */
  readonly name?: string;
  readonly description?: string | undefined;
  /** The group's settings. Default: those of a definition without any. */
  readonly config?: z.input<typeof SessionGroupConfig>;
  /** Whose results texts may name. Default: the sessions in `dependsOn`. */
  readonly sessions?: readonly { readonly id: string }[];
}

/** What the configuration of sessions is generated from, besides the sessions. */
export interface ConfigSource {
  /** Default: a group without settings. */
  readonly definition?: ConfigGroup;
  /** Templates and shared configuration by name. Default: none. */
  readonly files?: Partial<GroupFiles> | undefined;
  /**
   * Renders a template, or a text of the session's own. Default: with `<result of ID>` in place of a result, like
   * `preview`; a problem is a DefinitionError. @throws TemplateError.
   */
  readonly render?: (session: ResolvedSession, template: ConfigText) => RenderedText;
  /** The project's own instructions, for an agent that must not read them itself. Default: read from its folder. */
  readonly projectText?: ((session: ResolvedSession) => string | undefined) | undefined;
  /** The host's own agents by kind: only what their capabilities accept is generated. Default: none. */
  readonly agents?: Agents | undefined;
}

/** A session as written in a definition, or loaded from one. */
export type ConfigInput = SessionInput | ResolvedSession;

/**
 * Text appended to the instructions of a session's agent; undefined if nothing is configured:
 * `generateClaudeMd({ id: 'a', config: { claudeMdTemplate: 'Be brief.' } })`.
 * @throws DefinitionError with every problem of the session.
 */
export const generateClaudeMd = (session: ConfigInput, source?: ConfigSource): string | undefined =>
  new ConfigGenerator(source).generateClaudeMd(session);

/**
 * The MCP file of a session's agent; undefined if it has no servers:
 * `generateMcpConfig({ id: 'a', mcpServers: { files: { command: 'files-mcp' } } })`.
 * @throws DefinitionError with every problem of the session.
 */
export const generateMcpConfig = (session: ConfigInput, source?: ConfigSource): McpConfig | undefined =>
  new ConfigGenerator(source).generateMcpConfig(session);

/**
 * Generates the configuration of sessions. Pure: files are returned as text, nothing is written, and the host's
 * environment isn't read. A part that would be empty is undefined, so the default costs nothing.
 */
export class ConfigGenerator {
  readonly #name: string;
  readonly #config: SessionGroupConfig;
  readonly #files: GroupFiles;
  readonly #can: CapabilitiesOf;
  readonly #render: NonNullable<ConfigSource['render']>;
  readonly #projectText: NonNullable<ConfigSource['projectText']>;

  /** @throws DefinitionError if the group's settings, or another part of the source, are invalid. */
  constructor(source: ConfigSource = {}) {
    checkInput(Source, source, 'source');
    const { definition = {}, files, render, projectText, agents } = source;
    const { name, config } = checkInput(GroupPart, definition, 'definition');
    this.#name = name;
    this.#config = config;
    this.#files = { ...NO_FILES, ...files };
    this.#can = capabilitiesOf(agents && checkAgents(agents));
    this.#render = render ?? previewsConfig({ ...definition, name }, this.#files);
    this.#projectText =
      projectText ?? (({ projectPath }) => (projectPath ? projectInstructions(projectPath) : undefined));
  }

  /** Whether there may be anything to generate; otherwise the session needs no preparation. */
  generates(input: ConfigInput): boolean {
    const session = this.#resolved(input);
    const { claudeMd, mcpConfig: mcp, settings, commands, inherit, configDir } = this.#switches(session);
    if (!(claudeMd || mcp || settings || commands)) return configDir;
    const shared = Object.keys(inherit ? this.#files.sharedConfig : {});
    const own = session.config;
    return (
      configDir ||
      (claudeMd &&
        (own?.claudeMdTemplate !== undefined ||
          shared.includes(SHARED_CLAUDE_MD) ||
          readsNoProject(session))) ||
      (mcp && (session.mcpServers !== undefined || shared.includes(SHARED_MCP))) ||
      (settings && (own?.settingsOverride !== undefined || shared.includes(SHARED_SETTINGS))) ||
      (commands && (own?.commands !== undefined || shared.some(path => path.startsWith(SHARED_COMMANDS))))
    );
  }

  /** Text appended to the agent's instructions: the group's, the session's, then those of an untrusted project. */
  generateClaudeMd(input: ConfigInput): string | undefined {
    const session = this.#resolved(input);
    const { claudeMd } = this.#switches(session);
    if (!claudeMd) return undefined;
    const template = session.config?.claudeMdTemplate;
    const parts = [
      this.#shared(session, SHARED_CLAUDE_MD),
      template === undefined ? undefined : this.#render(session, useOf(template)).text,
      readsNoProject(session) ? this.#projectText(session) : undefined,
    ].flatMap(part => (part === undefined || part.trim() === '' ? [] : [part.trim()]));
    return parts.length === 0 ? undefined : `${[this.#heading(session), ...parts].join('\n\n')}\n`;
  }

  /** Claude Code's MCP file; it contains secrets only as references. */
  generateMcpConfig(input: ConfigInput): McpConfig | undefined {
    const session = this.#resolved(input);
    const servers = serversOf(session, this.#config, this.#files.sharedConfig, this.#can);
    return Object.keys(servers).length === 0 ? undefined : mcpConfig(servers, session.env);
  }

  /** The group's settings with the session's merged over them. */
  generateSettings(input: ConfigInput): string | undefined {
    const session = this.#resolved(input);
    if (!this.#switches(session).settings) return undefined;
    const shared = this.#shared(session, SHARED_SETTINGS);
    const own = session.config?.settingsOverride;
    if (shared === undefined && own === undefined) return undefined;
    return `${JSON.stringify(deepMerge(shared === undefined ? {} : JSON.parse(shared), own), null, 2)}\n`;
  }

  /**
   * Slash commands by path: `review.md` is `/group:review`.
   * @throws SessionGroupsError `foreign_in_command`: Claude Code runs commands and reads files that such a text names.
   */
  generateCommands(input: ConfigInput): Readonly<Record<string, string>> | undefined {
    const session = this.#resolved(input);
    const { commands, inherit } = this.#switches(session);
    if (!commands) return undefined;
    const shared = Object.entries(inherit ? this.#files.sharedConfig : {})
      .filter(([path]) => path.startsWith(SHARED_COMMANDS))
      .map(([path, text]) => [path.slice(SHARED_COMMANDS.length), text] as const);
    const own = (session.config?.commands ?? []).map(name => {
      const { text, composed, description } = this.#render(session, { template: name });
      if (composed) throw foreignInCommand(name);
      return [`${name}.md`, `${commandMatter(name, description)}${text}`] as const;
    });
    return shared.length + own.length === 0 ? undefined : Object.fromEntries([...shared, ...own]);
  }

  /** All of the above; undefined if there is nothing to generate. */
  generateSessionConfig(input: ConfigInput): GeneratedConfig | undefined {
    const session = this.#resolved(input);
    if (!this.generates(session)) return undefined;
    const mcp = this.generateMcpConfig(session);
    const commands = this.generateCommands(session);
    const plugin = commands && {
      [`${PLUGIN}/.claude-plugin/plugin.json`]: PLUGIN_MANIFEST,
      ...Object.fromEntries(
        Object.entries(commands).map(([path, text]) => [`${PLUGIN}/commands/${path}`, text]),
      ),
    };
    const all = {
      [CLAUDE_MD]: this.generateClaudeMd(session),
      [MCP_CONFIG]: mcp?.text,
      [SETTINGS]: this.generateSettings(session),
      ...plugin,
    };
    const entries = Object.entries(all).flatMap(([path, text]) =>
      text === undefined ? [] : [[path, text] as const],
    );
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    if (entries.length === 0 && !session.isolateConfigDir) return undefined;
    return {
      files: Object.fromEntries(entries),
      hash: createHash('sha256').update(JSON.stringify(entries)).digest('hex'),
      mcpServers: mcp?.servers ?? [],
      variables: mcp?.variables ?? {},
    };
  }

  #resolved(session: ConfigInput): ResolvedSession {
    return resolveInput(session, this.#config);
  }

  #switches(session: ResolvedSession) {
    return switchesOf(session, this.#config, this.#can);
  }

  #shared(session: ResolvedSession, path: string): string | undefined {
    return this.#switches(session).inherit ? this.#files.sharedConfig[path] : undefined;
  }

  #heading(session: ResolvedSession): string {
    const name = this.#name.replace(/\s+/g, ' ');
    return `# Instructions of the session group "${name}" for its session ${session.id}`;
  }
}

/** A template name is a single word; anything else is a text. */
export const useOf = (template: string): ConfigText =>
  isTemplateName(template) ? { template } : { text: template };

/** Whether the agent ignores the project's own files; its instructions are passed as text instead. */
export const readsNoProject = ({ settingSources }: Pick<ResolvedSession, 'settingSources'>): boolean =>
  !settingSources.includes('project');

const PLUGIN_MANIFEST = `${JSON.stringify(
  { name: PLUGIN_NAME, version: '1.0.0', description: 'Commands of the session group' },
  null,
  2,
)}\n`;

/** Always present, so that no line of the following text can be taken for front matter. */
const commandMatter = (name: string, description = `The command ${name} of the session group`): string =>
  `---\ndescription: ${JSON.stringify(description)}\n---\n\n`;

function foreignInCommand(name: string): SessionGroupsError {
  return new SessionGroupsError(
    'foreign_in_command',
    `the command ${name} would contain another session's result`,
    { hint: 'Put results into the prompt or claudeMdTemplate, where they are only text.' },
  );
}

const GroupPart = z.object({
  name: z.string().default('group'),
  config: SessionGroupConfig.prefault({}),
  sessions: z.array(z.object({ id: z.string() })).optional(),
});

const Texts = z.record(z.string(), z.string()).optional();
const Call = z.custom(given => typeof given === 'function', 'expected a function').optional();
/** For callers without types. */
const Source = z.object({
  files: z.object({ templates: Texts, sharedConfig: Texts }).optional(),
  render: Call,
  projectText: Call,
  agents: z.record(z.string(), z.unknown()).optional(),
});
