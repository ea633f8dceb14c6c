import type { TreePlan } from '../../../../machines/contract.ts';
import { IntegrateConfig, VerifyConfig, WorkspaceConfig } from '../../delivery/config.ts';
import type { ResolvedAgent } from '../../session/agent-config.ts';
import type { PermissionsConfig, SettingSource } from '../../session/permissions.ts';
import { checkSession } from '../input/checked-sessions.ts';
import type {
  RetryPolicy,
  SessionDefinition,
  SessionGroupConfig,
  SessionInput,
  TimeoutsConfig,
} from '../types.ts';

/** A session with the group's settings as defaults for its own. */
export interface ResolvedSession
  extends Omit<
    SessionDefinition,
    | 'agent'
    | 'model'
    | 'retry'
    | 'timeouts'
    | 'permissions'
    | 'settingSources'
    | 'workspace'
    | 'verify'
    | 'integrate'
  > {
  readonly agent: ResolvedAgent;
  readonly model: string | undefined;
  readonly retry: RetryPolicy;
  readonly timeouts: TimeoutsConfig;
  readonly permissions: PermissionsConfig;
  readonly settingSources: readonly SettingSource[];
  readonly workspace: WorkspaceConfig;
  /** undefined: its word is enough. */
  readonly verify: VerifyConfig | undefined;
  readonly integrate: Integrate;
}

/** How the work of a session is integrated; the rest of `IntegrateConfig` is the group's. */
export interface Integrate extends Pick<IntegrateConfig, 'verify' | 'onConflict'> {
  readonly mode: NonNullable<IntegrateConfig['mode']>;
}

/**
 * Session settings take precedence; lists are replaced, not merged (design-docs/spec-session-groups.md §9).
 * @param agent what the session's agent is asked for. Default: as it is written.
 */
export function resolveSession(
  session: SessionDefinition,
  config: SessionGroupConfig,
  agent = session.agent ?? config.agent,
): ResolvedSession {
  const workspace = workspaceOf(session, config);
  // Field by field: a spread costs many times as much, and the object is made for every session that runs.
  const resolved: Settable = {
    id: session.id,
    variables: session.variables,
    inputs: session.inputs,
    templating: session.templating,
    dependsOn: session.dependsOn,
    trigger: session.trigger,
    priority: session.priority,
    allowFailure: session.allowFailure,
    env: session.env,
    envPolicy: session.envPolicy,
    isolateConfigDir: session.isolateConfigDir,
    agent,
    model: session.model ?? config.model,
    retry: overlay(config.retry, session.retry),
    timeouts: overlay(config.timeouts, session.timeouts),
    permissions: overlay(config.permissions, session.permissions),
    settingSources: session.settingSources ?? config.settingSources,
    workspace,
    verify: verifyOf(session, config),
    integrate: integrateFor(session, config, workspace),
  };
  for (const key of OPTIONAL) copyGiven(session, resolved, key);
  return marked(resolved);
}

type Settable = { -readonly [K in keyof ResolvedSession]: ResolvedSession[K] };
/** Of a session itself, what may be absent; what the group has a setting for is never. */
type OptionalField = {
  [K in keyof ResolvedSession & keyof SessionDefinition]-?: object extends Pick<ResolvedSession, K>
    ? K
    : never;
}[keyof ResolvedSession & keyof SessionDefinition];

const OPTIONAL_FIELDS: Readonly<Record<OptionalField, true>> = {
  projectPath: true,
  forEach: true,
  prompt: true,
  project: true,
  description: true,
  promptFile: true,
  template: true,
  estimate: true,
  maxBudgetUsd: true,
  config: true,
  mcpServers: true,
  outputSchema: true,
};
const OPTIONAL = Object.keys(OPTIONAL_FIELDS) as OptionalField[];

type Optional = Pick<Settable, OptionalField>;
function copyGiven<K extends OptionalField>(from: Readonly<Optional>, to: Optional, key: K): void {
  if (from[key] !== undefined) to[key] = from[key];
}

function integrateFor(
  { integrate: own }: SessionDefinition,
  config: SessionGroupConfig,
  workspace: WorkspaceConfig,
): Integrate {
  const group = integrateOf(config);
  return {
    mode: own?.mode ?? group.mode ?? (workspace.mode === 'shared' ? 'none' : 'branch'),
    verify: own?.verify ?? group.verify,
    onConflict: own?.onConflict ?? group.onConflict,
  };
}

/** A resolved session with other parts: it stays as resolved as it was, and isn't checked again. */
export const withParts = (session: ResolvedSession, parts: Partial<ResolvedSession>): ResolvedSession =>
  marked({ ...session, ...parts });

/** The same for a session as people write it. @throws DefinitionError. One that is resolved already stays as it is. */
export const resolveInput = (
  session: ResolvedSession | SessionInput,
  config: SessionGroupConfig,
): ResolvedSession => (isResolved(session) ? session : resolveSession(checkSession(session), config));

const RESOLVED = new WeakSet<object>();
const isResolved = (session: ResolvedSession | SessionInput): session is ResolvedSession =>
  RESOLVED.has(session);

function marked(session: ResolvedSession): ResolvedSession {
  RESOLVED.add(session);
  return session;
}

/** How the group delivers, with defaults filled in. */
export const integrateOf = ({ integrate }: SessionGroupConfig): IntegrateConfig =>
  integrate ?? NOT_INTEGRATED;

const SHARED = WorkspaceConfig.parse({});
const NOT_INTEGRATED = IntegrateConfig.parse({});

/**
 * What is shown as a session's project before it has a workspace: its folder, or the repository as the definition names
 * it, which is no folder to work in.
 */
export const shownProject = ({
  projectPath,
  project,
}: Pick<SessionDefinition, 'projectPath' | 'project'>): string => projectPath ?? project?.git ?? '';

function workspaceOf(
  { project, workspace: own }: SessionDefinition,
  config: SessionGroupConfig,
): WorkspaceConfig {
  const workspace = overlay(config.workspace ?? SHARED, own);
  if (!project) return workspace;
  return { ...workspace, mode: own?.mode ?? 'checkout', base: project.ref ?? workspace.base };
}

/** What the engine does with a session's tree; undefined if the agent's word is enough, in the project's folder. */
export function treePlanOf({ workspace, verify, integrate }: ResolvedSession): TreePlan | undefined {
  const own = workspace.mode !== 'shared';
  if (!own && !verify) return undefined;
  return {
    own,
    verifies: verify !== undefined,
    integrates: own && integrate.mode === 'merge',
    verifiesMerge: integrate.verify && verify !== undefined,
    resolves: integrate.onConflict === 'resolve',
    corrections: { checks: verify ? verify.attempts - 1 : 0, conflicts: CONFLICTS },
  };
}

/** A conflict is nobody's fault, and a sibling that merges first makes another one; then a person is asked. */
const CONFLICTS = 3;

/** A session's own checks need no checks of the group. */
function verifyOf({ verify }: SessionDefinition, config: SessionGroupConfig): VerifyConfig | undefined {
  if (config.verify) return overlay(config.verify, verify);
  return verify?.commands && VerifyConfig.parse({ ...verify, commands: verify.commands });
}

function overlay<T extends object>(
  base: T,
  over: { readonly [K in keyof T]?: T[K] | undefined } | undefined,
): T {
  if (over === undefined) return base;
  const given = Object.entries(over).filter(([, value]) => value !== undefined);
  return { ...base, ...Object.fromEntries(given) };
}
