import { join } from 'node:path';
import type { Agent } from '../../session/agent.ts';
import { type CapabilitiesOf, capabilitiesOf } from '../../session/own/registered.ts';
import type { ResolvedSession } from '../config/resolve-session.ts';
import { CLAUDE_MD, ConfigGenerator, type ConfigSource } from '../config-generator.ts';
import { NO_FILES } from '../document/group-files.ts';
import type { GroupEventBody } from '../journal/events.ts';
import type { GroupFold } from '../journal/fold.ts';
import { described } from '../prompts/config-text.ts';
import { type RenderContext, renderTemplate, renderText } from '../prompts/render-prompt.ts';
import type { SessionGroup } from '../types.ts';
import type { OrderedConfig } from './order/attempt-order.ts';
import { makeOwnConfigDir, TemporaryFolders, writeConfig } from './order/config-folder.ts';

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
  readonly can: CapabilitiesOf;
  #generator: ConfigGenerator;
  readonly #temporary = new TemporaryFolders();
  /** By session: the hash journalled last, and the one with which its conversation began. */
  readonly #last = new Map<string, string>();
  readonly #begun = new Map<string, string>();

  constructor(options: SessionConfigsOptions) {
    this.#options = options;
    this.can = capabilitiesOf(options.agents);
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
  configure(session: ResolvedSession): OrderedConfig | undefined {
    const config = this.#generator.generateSessionConfig(session);
    if (!config) return undefined;
    const { id, isolateConfigDir: isolated } = session;
    const { files, hash, mcpServers, variables } = config;
    const dir = this.folder(id);
    writeConfig(dir, files);
    if (isolated) makeOwnConfigDir(dir);
    if (this.#last.get(id) !== hash) {
      this.#options.record({ type: 'config_generated', sessionId: id, files: Object.keys(files), hash });
      this.#last.set(id, hash);
    }
    const begun = this.#begun.get(id);
    const changed = Object.hasOwn(files, CLAUDE_MD) && begun !== undefined && begun !== hash;
    return { files, mcpServers, variables, isolated, changed };
  }

  /** Where a session's configuration is written. */
  folder(id: string): string {
    const folder = this.#options.folderOf(id);
    return folder === undefined ? this.#temporary.folder(id) : join(folder, 'config');
  }

  /** The session begins a conversation with the configuration generated last. */
  begins(id: string): void {
    const hash = this.#last.get(id);
    if (hash !== undefined) this.#begun.set(id, hash);
  }

  /** Removes the files generated for a group that is kept in memory. */
  close(): void {
    this.#temporary.remove();
  }
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
