import { dirname, resolve } from 'node:path';
import { systemClock } from '../../clock.ts';
import { workspacesOf } from '../../delivery/machine-workspaces.ts';
import { given } from '../../given.ts';
import { type Agents, capabilitiesOf, checkAgents } from '../../session/own/registered.ts';
import type { WorkspacePort } from '../../workspace/port.ts';
import type { HostEnvironment } from '../config/environment.ts';
import type { Diagnostic } from '../document/diagnostics.ts';
import type { DocumentSource } from '../document/document-source.ts';
import { byPlace, type Finding, locate, locateAll } from '../document/finding.ts';
import type { GroupFiles } from '../document/group-files.ts';
import { readDocument, sizeFinding } from '../document/read-document.ts';
import { readText } from '../document/read-text.ts';
import { definitionError } from '../document/render-diagnostic.ts';
import { isMap, keysOf, sessionViews } from '../document/session-view.ts';
import { sourcePath } from '../document/source-places.ts';
import { type ExpandedDefinition, expandDefinition, unique } from '../expansion/expand.ts';
import { commandFindings } from '../findings/command-findings.ts';
import { deliveryFindings } from '../findings/delivery-findings.ts';
import { environmentFindings, nulFindings } from '../findings/environment-findings.ts';
import { generationFindings, relevantProblems } from '../findings/generation-findings.ts';
import { projectChoiceFindings } from '../findings/git-project-findings.ts';
import { sessionServerFindings } from '../findings/mcp-findings.ts';
import { outputFindings } from '../findings/output-findings.ts';
import { absoluteProject, projectFindings } from '../findings/project-findings.ts';
import { promptChoiceFindings, promptFindings } from '../findings/prompt-findings.ts';
import type { PromptFiles } from '../findings/prompt-texts.ts';
import { repositoryFindings } from '../findings/repository-findings.ts';
import { sessionSettingsFindings } from '../findings/settings-findings.ts';
import {
  NO_SHARED_CONFIG,
  readSharedConfig,
  type SharedConfig,
  savedConfig,
} from '../findings/shared-config.ts';
import { templateFindings, templateProblems } from '../findings/template-findings.ts';
import { usageFindings } from '../findings/usage-findings.ts';
import { graphFindings } from '../input/graph-findings.ts';
import { namedTemplates, templateTexts } from '../prompts/template-uses.ts';
import type { SessionGroupDefinition } from '../types.ts';
import { agentFindings, besideKnownAgents, withOptions } from './agent-options.ts';
import { readShape } from './read-shape.ts';

/**
 * A checked definition, ready for the engine. Invariants: a definition is returned only if it has no errors; otherwise
 * one DefinitionError holds every problem that can be detected at once, in file order; and whatever the input is,
 * nothing else is thrown.
 */
export interface LoadedDefinition {
  /**
   * With defaults filled in, absolute paths, and the text of a promptFile as `prompt` instead. It is self-contained:
   * passing it to `parseDefinition` again, stored and read in between or not, returns it unchanged.
   */
  readonly definition: SessionGroupDefinition;
  readonly warnings: readonly Diagnostic[];
  /** Templates and shared configuration that the definition uses. */
  readonly files: GroupFiles;
  /** The file as it was read; absent for an object in code. */
  readonly source?: { readonly file: string; readonly text: string };
}

/** How a definition is read. */
export interface LoadOptions {
  /** Resolves references such as `${TOKEN}`. Default: process.env. */
  readonly env?: HostEnvironment;
  /** Asked about the repositories of sessions with trees of their own. Default: this machine's. */
  readonly workspaces?: WorkspacePort;
  /** The host's own agents by kind, which a definition may name besides the built-in ones. Default: none. */
  readonly agents?: Agents;
  /** Values for the `variables` that the definition declares, by name. Default: those of the definition. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /**
   * The definition that this one replaces: values that were given for its variables stay unless `variables` has others,
   * and the values of a `forEach` keep the ids of their sessions. Default: none.
   */
  readonly replaces?: Pick<SessionGroupDefinition, 'sessions' | 'variables'>;
}

/** How a definition object is read. */
export interface ParseOptions extends LoadOptions {
  /**
   * Base of relative paths; `templates/` is looked up here first, and `shared-config/` is read from here if it is set.
   * Default: the working directory.
   */
  readonly baseDir?: string;
  /** The files read with the definition when it was loaded; if given, no files are read again. */
  readonly files?: GroupFiles;
}

/** Reads a .yaml, .yml or .json file. Relative paths in it are relative to its folder. Throws only DefinitionError. */
export async function loadDefinition(path: string, options: LoadOptions = {}): Promise<LoadedDefinition> {
  const read = await readText(path);
  if (!read.ok) {
    const problem = {
      severity: 'error',
      code: read.code,
      message: `the file ${read.message}`,
      path: [],
    } as const;
    throw definitionError([{ ...problem, file: path }], path);
  }
  const { text } = read;
  const loaded = await loadDefinitionText({ text, name: path, baseDir: dirname(resolve(path)) }, options);
  return { ...loaded, source: { file: path, text } };
}

/** The text of a definition that may be in no file. */
export interface DefinitionText {
  readonly text: string;
  /** Its name in messages; `.json` at the end makes it JSON. */
  readonly name: string;
  /** An absolute path: base of relative paths, with `templates/` and `shared-config/` in it. */
  readonly baseDir: string;
}

/** Reads YAML or JSON. Throws only DefinitionError. */
export async function loadDefinitionText(
  { text, name, baseDir }: DefinitionText,
  options: LoadOptions = {},
): Promise<LoadedDefinition> {
  const outcome = readDocument(text, name, 'variables');
  if (!outcome.ok) throw definitionError(outcome.problems, name);
  const { value, source: document, warnings } = outcome.document;
  const env = options.env ?? process.env;
  return check(value, { baseDir, env, document, warnings, readsSharedConfig: true, ...loadingOf(options) });
}

/** Checks a definition that was created in code. Throws only DefinitionError. */
export async function parseDefinition(value: unknown, options: ParseOptions = {}): Promise<LoadedDefinition> {
  const baseDir = resolve(options.baseDir ?? '.');
  const { env = process.env, files } = options;
  const readsSharedConfig = options.baseDir !== undefined;
  const context = { baseDir, env, document: undefined, warnings: [], readsSharedConfig };
  return check(value, { ...context, ...given({ files }), ...loadingOf(options) });
}

const loadingOf = ({ workspaces, agents, variables, replaces }: LoadOptions) =>
  given({ workspaces, agents, variables, replaces });

interface Context extends Omit<LoadOptions, 'env'> {
  readonly baseDir: string;
  readonly env: HostEnvironment;
  readonly document: DocumentSource | undefined;
  readonly warnings: readonly Diagnostic[];
  readonly files?: GroupFiles;
  /** Whether `shared-config/` in baseDir belongs to the definition. */
  readonly readsSharedConfig: boolean;
}

async function check(input: unknown, context: Context): Promise<LoadedDefinition> {
  const { document } = context;
  const agents = checkAgents(context.agents ?? {});
  const can = capabilitiesOf(agents);
  const tooLarge = sizeFinding(input);
  if (tooLarge !== undefined) throw definitionError([locate(tooLarge, document)], document?.file);
  const { variables: given, replaces, baseDir } = context;
  const written = withoutExtensions(withoutSchemaKey(input));
  const expanded = await expandDefinition(written, { baseDir, given, replaces });
  const { value, places } = expanded;
  const shape = readShape(value);
  const parsed = shape.ok ? shape.definition : undefined;
  const sessions = sessionViews(value, places);
  const { findings, promptFiles, folders } = await projectFindings(sessions, baseDir);
  const templates = await namedTemplates(sessions, context);
  const shared = await sharedConfig(context);
  const ofAgents = agentFindings(value, sessions, agents);
  const inSource = (list: readonly Finding[]) =>
    places ? list.map(finding => ({ ...finding, path: sourcePath(finding.path, places) })) : list;
  const ofShape = shape.ok ? [] : inSource(shape.findings).filter(finding => !isLeftOut(finding, expanded));
  const all: Finding[] = [
    ...expanded.findings,
    ...besideKnownAgents(ofShape, ofAgents),
    ...ofAgents,
    ...projectChoiceFindings(sessions),
    ...promptChoiceFindings(sessions),
    ...graphFindings(sessions),
    ...findings,
    ...environmentFindings(sessions, context.env),
    ...nulFindings(value, sessions),
    ...deliveryFindings(value, sessions),
    ...(await repositoryFindings(value, sessions, folders, () => workspacesOf(context, systemClock))),
    ...(await outputFindings(sessions)),
    ...templateFindings(sessions, templates),
    ...promptFindings(value, sessions, promptFiles, templates),
    ...sessionServerFindings(sessions, context.env),
    ...sessionSettingsFindings(sessions),
    ...commandFindings(sessions, templates),
    ...inSource(parsed ? generationFindings(parsed, shared.texts, context.env, can) : []),
    ...inSource(parsed ? usageFindings(parsed, can) : []),
  ];
  const diagnostics: Diagnostic[] = [
    ...context.warnings,
    ...locateAll(places ? unique(all) : all, document),
    ...templateProblems(sessions, templates, document),
    ...relevantProblems(shared, parsed, can),
  ].sort(byPlace);
  if (parsed === undefined || diagnostics.some(diagnostic => diagnostic.severity === 'error')) {
    throw definitionError(diagnostics, document?.file);
  }
  return {
    definition: resolved(parsed, baseDir, promptFiles, agents),
    warnings: diagnostics,
    files: { sharedConfig: shared.texts, templates: templateTexts(templates) },
  };
}

/** That there is no session at all, where some could not be expanded. */
const isLeftOut = ({ path }: Finding, { incomplete }: ExpandedDefinition): boolean =>
  incomplete && path.length === 1 && path[0] === 'sessions';

/** A saved copy takes precedence over the files on disk. */
async function sharedConfig({ files, env, baseDir, readsSharedConfig }: Context): Promise<SharedConfig> {
  if (files) return savedConfig(files.sharedConfig, env);
  return readsSharedConfig ? readSharedConfig(baseDir, env) : NO_SHARED_CONFIG;
}

/** In a JSON file, `$schema` names the schema for an editor. */
function withoutSchemaKey(value: unknown): unknown {
  if (!isMap(value) || typeof value.$schema !== 'string') return value;
  const { $schema, ...rest } = value;
  return rest;
}

/**
 * Keys that begin with `x-` hold anchors, or what other programs read: at the top, in `config` and in sessions. A
 * definition without any stays the same object.
 */
function withoutExtensions(value: unknown): unknown {
  if (!isMap(value)) return value;
  const { config, sessions } = value;
  const changed: Record<string, unknown> = {};
  if (isMap(config) && keysOf(config).some(isExtension)) changed.config = ownKeys(config);
  if (Array.isArray(sessions) && sessions.some(one => isMap(one) && keysOf(one).some(isExtension))) {
    changed.sessions = sessions.map((one: unknown) => (isMap(one) ? ownKeys(one) : one));
  }
  if (Object.keys(changed).length === 0 && !keysOf(value).some(isExtension)) return value;
  return { ...ownKeys(value), ...changed };
}

const isExtension = (key: string): boolean => key.startsWith('x-');

const ownKeys = (map: object): object =>
  Object.fromEntries(Object.entries(map).filter(([key]) => !isExtension(key)));

function resolved(
  definition: SessionGroupDefinition,
  baseDir: string,
  promptFiles: PromptFiles,
  agents: Agents,
): SessionGroupDefinition {
  const { config } = definition;
  return {
    ...definition,
    config: { ...config, agent: withOptions(config.agent, agents) },
    sessions: definition.sessions.map((session, index) => {
      const { promptFile, ...rest } = {
        ...absoluteProject(session, baseDir),
        ...(session.agent ? { agent: withOptions(session.agent, agents) } : {}),
      };
      return promptFile === undefined ? rest : { ...rest, prompt: promptFiles.get(index)?.text ?? '' };
    }),
  };
}
