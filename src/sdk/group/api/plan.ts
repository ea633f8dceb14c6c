import type { GitProject } from '../../delivery/config.ts';
import { given } from '../../given.ts';
import { type Agents, type CapabilitiesOf, capabilitiesOf } from '../../session/own/registered.ts';
import type { PermissionsConfig, SettingSource } from '../../session/permissions.ts';
import { MERGED_BRANCH, type PlannedWork, plannedWork } from '../config/planned-work.ts';
import { type ProjectSettings, readProjectSettings } from '../config/project-settings.ts';
import {
  integrateOf,
  type ResolvedSession,
  resolveSession,
  shownProject,
} from '../config/resolve-session.ts';
import { serversOf } from '../config/shared-files.ts';
import { buildGraph } from '../dependency-graph.ts';
import { type GroupFiles, NO_FILES } from '../document/group-files.ts';
import { type FanOutMember, isGiven, variableValue } from '../fan-out/config.ts';
import { fanOutOf } from '../fan-out/members.ts';
import type {
  BudgetConfig,
  ConcurrencyConfig,
  SessionDefinition,
  SessionDependency,
  SessionGroupDefinition,
} from '../types.ts';

/** What would run, in which order and with which permissions, as plain data. Planning starts and spends nothing. */
export interface GroupPlan {
  readonly name: string;
  readonly description?: string;
  /** The group's variables by name; absent if it declares none. */
  readonly variables?: Readonly<Record<string, PlannedVariable>>;
  /** Sessions of one layer depend on earlier layers only. */
  readonly layers: readonly (readonly string[])[];
  /** The longest chain of the sessions that run if all do their work: the group can't finish faster then. */
  readonly criticalPath: readonly string[];
  /** Its duration; absent unless every session on it has an `estimate`. */
  readonly criticalPathMs?: number;
  /** Sessions that count as 10 minutes there: they have no `estimate`, and others have. Absent if there are none. */
  readonly unestimated?: readonly string[];
  readonly limits: PlannedLimits;
  /** What becomes of the work of sessions with trees of their own; absent if there are none. */
  readonly delivery?: PlannedDelivery;
  /** In the order of the definition. */
  readonly sessions: readonly PlannedSession[];
}

/** The limits of a group in a plan. */
export type PlannedLimits = Readonly<BudgetConfig & ConcurrencyConfig>;

/** A variable of a group in a plan. */
export interface PlannedVariable {
  /** Absent: it has none. */
  readonly value?: unknown;
  /** Whether the value was given for it, and is not its default. */
  readonly given: boolean;
  readonly description?: string;
}

/** Where the work of a group would go. */
export interface PlannedDelivery {
  /** The group's branch in each repository, with `<group>` in place of its id; absent if nothing is merged. */
  readonly merged?: string;
  /** The branch of the user's that is moved; absent: none is. */
  readonly into?: string;
  readonly scope: 'all' | 'each';
}

/** A session in a plan. */
export interface PlannedSession {
  readonly id: string;
  readonly description?: string;
  /** The fan-out that it belongs to, and the value that it is for; absent for any other session. */
  readonly forEach?: FanOutMember;
  /** Its folder; of a `project`, the repository as the definition names it. */
  readonly projectPath: string;
  /** The repository that is cloned for it, if any. */
  readonly project?: GitProject;
  /** Absent: it works in the project's folder, and nothing checks it. */
  readonly work?: PlannedWork;
  /** Its kind: `claude`, `command`, `scripted`, or one of the host's own. */
  readonly agent: string;
  /** The template of its prompt, if any. */
  readonly template?: string;
  /** Present for a `command` agent. */
  readonly command?: readonly string[];
  /** Absent: the agent's own default. */
  readonly model?: string;
  readonly trigger: 'all' | 'any';
  readonly dependsOn: readonly SessionDependency[];
  readonly priority: number;
  readonly maxBudgetUsd?: number;
  readonly allowFailure: boolean;
  /** Present for agents that request permissions. */
  readonly permissions?: PermissionsConfig;
  readonly settingSources?: readonly SettingSource[];
  /** What the project's settings start without asking; absent for a repository that is still to be cloned. */
  readonly projectSettings?: ProjectSettings;
  /** MCP servers of the definition: they are started, and their tools allowed. */
  readonly mcpServers?: readonly string[];
  readonly isolateConfigDir?: boolean;
}

/**
 * Plans a loaded definition; reads only the settings of its projects.
 * @param options `agents`: the host's own, as it was loaded with.
 */
export function planGroup(
  loaded: { readonly definition: SessionGroupDefinition; readonly files?: GroupFiles },
  { agents = {} }: { readonly agents?: Agents } = {},
): GroupPlan {
  const { definition, files = NO_FILES } = loaded;
  const { budget, concurrency } = definition.config;
  const { maxConcurrent, maxPerProject, respectDependencies, errorThreshold, pauseOnError } = concurrency;
  const can = capabilitiesOf(agents);
  const graph = buildGraph(definition.sessions, { respectDependencies });
  const { sessions: criticalPath, durationMs } = graph.criticalPath();
  const isEstimated = (id: string) => graph.node(id)?.session.estimate !== undefined;
  const unestimated = definition.sessions.map(({ id }) => id).filter(id => !isEstimated(id));
  const isMixed = unestimated.length > 0 && unestimated.length < definition.sessions.length;
  return {
    name: definition.name,
    ...given({ description: definition.description, variables: planVariables(definition) }),
    layers: graph.getExecutionOrder(),
    criticalPath,
    ...(criticalPath.every(isEstimated) ? { criticalPathMs: durationMs } : {}),
    ...(isMixed ? { unestimated } : {}),
    limits: { ...budget, maxConcurrent, maxPerProject, respectDependencies, errorThreshold, pauseOnError },
    ...given({ delivery: planDelivery(definition) }),
    sessions: definition.sessions.map(session => planSession(session, definition, files, can)),
  };
}

function planVariables({ variables }: SessionGroupDefinition): GroupPlan['variables'] {
  if (variables === undefined) return undefined;
  return Object.fromEntries(
    Object.entries(variables).map(([name, one]) => {
      const { description } = one;
      return [
        name,
        { ...given({ value: variableValue(one) }), given: isGiven(one), ...given({ description }) },
      ];
    }),
  );
}

function planDelivery({ sessions, config }: SessionGroupDefinition): PlannedDelivery | undefined {
  const own = sessions
    .map(session => resolveSession(session, config))
    .filter(({ workspace }) => workspace.mode !== 'shared');
  if (own.length === 0) return undefined;
  const { into, scope } = integrateOf(config);
  const merges = own.some(({ integrate }) => integrate.mode === 'merge');
  return { ...(merges ? { merged: MERGED_BRANCH } : {}), ...given({ into }), scope };
}

function planSession(
  session: SessionDefinition,
  { config }: SessionGroupDefinition,
  files: GroupFiles,
  can: CapabilitiesOf,
): PlannedSession {
  const resolved = resolveSession(session, config);
  const { agent, model } = resolved;
  const { id, description, project, template, trigger, dependsOn } = session;
  const { priority, maxBudgetUsd, allowFailure } = session;
  return {
    ...given({
      id,
      description,
      forEach: fanOutOf(session),
      projectPath: shownProject(session),
      project,
      agent: agent.kind,
      template,
    }),
    ...given({ work: plannedWork(resolved) }),
    ...('command' in agent ? { command: agent.command } : {}),
    ...given({ model, trigger, dependsOn, priority, maxBudgetUsd, allowFailure }),
    ...postureOf(resolved, config, files, can),
  };
}

function postureOf(
  session: ResolvedSession,
  config: SessionGroupDefinition['config'],
  { sharedConfig }: GroupFiles,
  can: CapabilitiesOf,
): Partial<PlannedSession> {
  const { standsIn, approvals, instructions, mcp, configDir } = can(session.agent.kind);
  if (standsIn) return {};
  const { permissions, projectPath, settingSources, isolateConfigDir } = session;
  return {
    ...(approvals ? { permissions } : {}),
    ...(instructions
      ? { settingSources, ...(projectPath !== undefined && settingsOf(projectPath, settingSources)) }
      : {}),
    ...(mcp ? { mcpServers: Object.keys(serversOf(session, config, sharedConfig, can)) } : {}),
    ...(configDir ? { isolateConfigDir } : {}),
  };
}

const settingsOf = (
  folder: string,
  sources: readonly SettingSource[],
): Pick<PlannedSession, 'projectSettings'> => ({
  projectSettings: readProjectSettings(folder, sources),
});
