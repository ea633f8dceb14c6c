import { z } from 'zod';
import { ERROR_CODES, GROUP_STATUSES, SESSION_STATUSES } from '../../../machines/vocabulary.ts';
import {
  GitProject,
  IntegrateConfig,
  SessionIntegrate,
  SessionVerify,
  SessionWorkspace,
  VerifyConfig,
  WorkspaceConfig,
} from '../delivery/config.ts';
import { Duration } from '../duration.ts';
import { AgentConfig, McpServer } from '../session/agent-config.ts';
import { PermissionsConfig, permissionFields, SettingSource } from '../session/permissions.ts';
import { Usd, UsdLimit } from '../usd.ts';
import type { GroupFiles } from './document/group-files.ts';
import { ForEach, GroupVariables } from './fan-out/config.ts';

/**
 * The definition format, version 1 (design-docs/spec-session-groups.md §3). Each schema is next to its inferred type:
 * `z.output` is what the engine reads (defaults filled in), `z.input` is what users write.
 */

/** The state of a group, as a schema and as a type. */
export const GroupStatus = z.enum(GROUP_STATUSES);
export type GroupStatus = z.infer<typeof GroupStatus>;

/** The state of a session, as a schema and as a type. */
export const SessionStatus = z.enum(SESSION_STATUSES);
export type SessionStatus = z.infer<typeof SessionStatus>;
export const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
export const SessionId = z
  .string()
  .regex(
    SESSION_ID,
    'expected 1 to 64 letters, digits, dots, underscores or hyphens, the first a letter or digit',
  );

/** How much a group may spend, and what happens at the limit. */
export const BudgetConfig = z.strictObject({
  maxBudgetUsd: UsdLimit.default(10),
  onBudgetExceeded: z.enum(['pause', 'stop', 'warn']).default('pause'),
  warningThreshold: z.number().gt(0).max(1).default(0.8),
});
export type BudgetConfig = z.output<typeof BudgetConfig>;

/** How many sessions run at once, and how many failures are too many. */
export const ConcurrencyConfig = z.strictObject({
  maxConcurrent: z.number().int().min(1).max(1_000).default(3),
  maxPerProject: z.number().int().min(1).default(1),
  respectDependencies: z.boolean().default(true),
  pauseOnError: z.boolean().default(true),
  errorThreshold: z.number().int().min(1).default(2),
});
export type ConcurrencyConfig = z.output<typeof ConcurrencyConfig>;

/** The names are Temporal's (https://docs.temporal.io/encyclopedia/retry-policies). */
const retryFields = {
  maximumAttempts: z.number().int().min(1),
  initialInterval: Duration,
  backoffCoefficient: z.number().min(1),
  maximumInterval: Duration,
  nonRetryableErrorTypes: z.array(z.enum(ERROR_CODES)),
};
/** How often and when a session is retried; the names are Temporal's. */
export const RetryPolicy = z.strictObject({
  maximumAttempts: retryFields.maximumAttempts.default(3),
  initialInterval: retryFields.initialInterval.prefault('5s'),
  backoffCoefficient: retryFields.backoffCoefficient.default(2),
  maximumInterval: retryFields.maximumInterval.prefault('5m'),
  nonRetryableErrorTypes: retryFields.nonRetryableErrorTypes.default([]),
});
export type RetryPolicy = z.output<typeof RetryPolicy>;

/** How long an attempt may take. */
export const TimeoutsConfig = z.strictObject({
  attempt: Duration.prefault('2h'),
  idle: Duration.prefault('10m'),
});
export type TimeoutsConfig = z.output<typeof TimeoutsConfig>;

/** What ConfigGenerator generates for a session (design-docs/spec-session-groups.md §9). */
const sessionConfigFields = {
  generateClaudeMd: z.boolean(),
  generateMcpConfig: z.boolean(),
  generateSettings: z.boolean(),
  generateCommands: z.boolean(),
};
export const SessionDefaults = z.strictObject({
  generateClaudeMd: sessionConfigFields.generateClaudeMd.default(true),
  generateMcpConfig: sessionConfigFields.generateMcpConfig.default(false),
  generateSettings: sessionConfigFields.generateSettings.default(false),
  generateCommands: sessionConfigFields.generateCommands.default(false),
});
export type SessionDefaults = z.output<typeof SessionDefaults>;
/** Which files are generated for a session, and from what. */
export const SessionConfig = z.strictObject({
  ...z.object(sessionConfigFields).partial().shape,
  inheritFromGroup: z.boolean().optional(),
  claudeMdTemplate: z.string().min(1).optional(),
  settingsOverride: z.record(z.string(), z.unknown()).optional(),
  commands: z.array(z.string().min(1)).optional(),
});
export type SessionConfig = z.output<typeof SessionConfig>;

/** Settings of all sessions in a group; a session can override them. */
export const SessionGroupConfig = z.strictObject({
  agent: AgentConfig.prefault('claude'),
  model: z.string().min(1).optional(),
  budget: BudgetConfig.prefault({}),
  concurrency: ConcurrencyConfig.prefault({}),
  retry: RetryPolicy.prefault({}),
  timeouts: TimeoutsConfig.prefault({}),
  quota: z
    .strictObject({
      maxWait: Duration.prefault('6h'),
    })
    .prefault({}),
  // Absent, not filled in: a group that leaves them out is stored as it always was, and older releases open it.
  workspace: WorkspaceConfig.optional(),
  verify: VerifyConfig.optional(),
  integrate: IntegrateConfig.optional(),
  permissions: PermissionsConfig.prefault({}),
  settingSources: z.array(SettingSource).default(['user', 'project', 'local']),
  sessionDefaults: SessionDefaults.prefault({}),
});
export type SessionGroupConfig = z.output<typeof SessionGroupConfig>;

/** Which outcome of a session another one waits for. */
export const EdgeCondition = z.enum(['completed', 'failed', 'settled']);
export type EdgeCondition = z.output<typeof EdgeCondition>;

/** An edge: an id alone means `when: completed`. */
export const SessionDependency = z
  .union([SessionId, z.strictObject({ session: SessionId, when: EdgeCondition.default('completed') })], {
    error: 'expected a session id, or {session: ID, when: completed | failed | settled}',
  })
  .transform(edge => (typeof edge === 'string' ? { session: edge, when: 'completed' as const } : edge));
export type SessionDependency = z.output<typeof SessionDependency>;

export const ENV_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** One session: its project, its prompt and what it depends on. */
export const SessionDefinition = z.strictObject({
  id: SessionId,
  projectPath: z.string().min(1).optional(),
  project: GitProject.optional(),
  description: z.string().optional(),
  forEach: ForEach.optional(),
  prompt: z.string().min(1).optional(),
  promptFile: z.string().min(1).optional(),
  template: z.string().min(1).optional(),
  variables: z.record(z.string(), z.unknown()).default({}),
  inputs: z.record(z.string(), z.string()).default({}),
  templating: z.boolean().default(true),
  dependsOn: z.array(SessionDependency).default([]),
  trigger: z.enum(['all', 'any']).default('all'),
  priority: z.number().int().default(0),
  estimate: Duration.optional(),
  agent: AgentConfig.optional(),
  model: z.string().min(1).optional(),
  maxBudgetUsd: Usd.optional(),
  allowFailure: z.boolean().default(false),
  retry: z.strictObject(retryFields).partial().optional(),
  timeouts: z.strictObject({ attempt: Duration.optional(), idle: Duration.optional() }).optional(),
  workspace: SessionWorkspace.optional(),
  verify: SessionVerify.optional(),
  integrate: SessionIntegrate.optional(),
  permissions: z.strictObject(permissionFields).partial().optional(),
  settingSources: z.array(SettingSource).optional(),
  config: SessionConfig.optional(),
  mcpServers: z.record(z.string(), McpServer).optional(),
  env: z
    .record(z.string().regex(ENV_NAME, 'expected the name of an environment variable'), z.string())
    .default({}),
  envPolicy: z.enum(['inherit', 'allowlist']).default('inherit'),
  isolateConfigDir: z.boolean().default(false),
  outputSchema: z.record(z.string(), z.unknown()).optional(),
});
export type SessionDefinition = z.output<typeof SessionDefinition>;

/** A session as written in a definition, before defaults: only `id` is required to be there. */
export type SessionInput = z.input<typeof SessionDefinition>;

export const GROUP_SLUG = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;

/** A whole definition file. */
export const SessionGroupDefinition = z.strictObject({
  version: z.literal(1, { error: 'expected version: 1, the only version of the format' }),
  name: z.string().min(1).max(200),
  slug: z
    .string()
    .max(40)
    .regex(GROUP_SLUG, 'expected lower-case letters and digits joined by hyphens')
    .optional(),
  description: z.string().optional(),
  variables: GroupVariables.optional(),
  config: SessionGroupConfig.prefault({}),
  sessions: z.array(SessionDefinition).min(1, 'expected at least one session'),
});
/** The definition as the engine reads it: defaults filled in, durations in milliseconds. */
export type SessionGroupDefinition = z.output<typeof SessionGroupDefinition>;
/** The definition as users write it, in code or in a file. */
export type SessionGroupInput = z.input<typeof SessionGroupDefinition>;

/** Where the sessions of a group are carried out, as it is saved with the group: never how that is reached. */
export interface SavedExecutor {
  /** `bullmq`: by workers over a Redis. Others are a host's own. */
  readonly kind: string;
  /** Whose workers. */
  readonly pool: string;
}

/** A group: its identity and the definition it runs. */
export interface SessionGroup {
  readonly id: string;
  readonly slug: string;
  readonly createdAt: string;
  readonly definition: SessionGroupDefinition;
  /** Absolute path of the definition file; undefined if the definition is an object. */
  readonly sourceFile?: string;
  /** Templates and shared configuration as of the group's creation or last update. Default: none. */
  readonly files?: GroupFiles;
  /** The number of updates since the group was created. Default: 0. */
  readonly revision?: number;
  /** It was created as a rehearsal. Default: it was not. */
  readonly rehearsal?: true;
  /** Where its sessions are carried out, as it was created. Default: on the machine of whoever opens it. */
  readonly executor?: SavedExecutor;
}
