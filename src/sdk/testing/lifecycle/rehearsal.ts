import { resolve } from 'node:path';
import { expectArgument } from '../../argument.ts';
import { SessionGroupsError } from '../../errors.ts';
import { given } from '../../given.ts';
import { compileOutputSchema } from '../../group/config/output-schema.ts';
import { type ResolvedSession, resolveSession } from '../../group/config/resolve-session.ts';
import { loadDefinition, parseDefinition } from '../../group/definition/definition.ts';
import { DEFAULT_ESTIMATE_MS } from '../../group/dependency-graph.ts';
import type { GroupFiles } from '../../group/document/group-files.ts';
import type { SessionDefinition, SessionGroupDefinition, SessionGroupInput } from '../../group/types.ts';
import { projectKey } from '../../project/project-key.ts';
import { type Agents, capabilitiesOf } from '../../session/own/registered.ts';
import type { LifecycleInput } from './types.ts';

/** What the puppet of a session returns when it completes. */
export interface PuppetResult {
  /** Default: a short text. */
  readonly result?: string;
  /** Its structured output; required where the session has an `outputSchema`. */
  readonly output?: unknown;
}

/** A definition as it is rehearsed, and the group that the model represents. */
export interface Rehearsal {
  readonly name: string;
  readonly definition: SessionGroupInput;
  readonly files: GroupFiles;
  readonly input: LifecycleInput;
  readonly sessions: ReadonlyMap<string, ResolvedSession>;
  /** USD; undefined without a limit. */
  readonly limitUsd: number | undefined;
  readonly warningThreshold: number;
  /** Milliseconds that the group waits for an account. */
  readonly maxWaitMs: number;
}

export interface RehearsalOptions {
  readonly baseDir?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly results?: Readonly<Record<string, PuppetResult>>;
  /** The host's own agents, of which the definition may name the kinds. Default: none. */
  readonly agents?: Agents;
  /** Whether agents of that kind do what they want: paths don't say what they spend. Default: none. */
  readonly actsItself?: (kind: string) => boolean;
}

/** Longer than any path takes. */
export const NEVER_MS = 10 * 365 * 24 * 3_600_000;
/** Between two attempts of a session. */
export const RETRY_MS = 1_000;

/** Retries without end, as each path is as long as the test wants it. */
export const ALWAYS = {
  initialInterval: RETRY_MS,
  backoffCoefficient: 1,
  maximumInterval: RETRY_MS,
  maximumAttempts: Number.MAX_SAFE_INTEGER,
};

/**
 * Reads a definition, and makes of it the one that is rehearsed:
 *
 * REHEARSAL-1 sessions, dependencies, triggers, priorities, limits, prompts and instructions are as they were.
 * REHEARSAL-2 nothing in a project is touched: there are no workspaces, checks and deliveries, and no clones.
 * REHEARSAL-3 time decides nothing: retries wait equally long, nothing times out, and sessions without an estimate have
 *    the same one.
 */
export async function rehearse(
  given: string | SessionGroupInput,
  options: RehearsalOptions,
): Promise<Rehearsal> {
  const { definition, files } = await load(given, options);
  const { config } = definition;
  const sessions = new Map(definition.sessions.map(session => [session.id, resolveSession(session, config)]));
  for (const id of Object.keys(options.results ?? {}))
    expectArgument(sessions.has(id), `results.${id}`, 'the id of a session');
  for (const session of sessions.values()) await requireOutput(session, options);
  const { workspace: _, verify: __, integrate: ___, ...kept } = config;
  const { maxBudgetUsd, onBudgetExceeded, warningThreshold } = config.budget;
  return {
    name: definition.name,
    definition: {
      ...definition,
      config: kept,
      sessions: definition.sessions.map(one => rehearsed(one, sessions.get(one.id)?.retry.maximumAttempts)),
    },
    files,
    sessions,
    input: {
      sessions: [...sessions.values()].map(session => modelled(session, definition, options)),
      maxConcurrent: config.concurrency.maxConcurrent,
      maxPerProject: config.concurrency.maxPerProject,
      errorThreshold: config.concurrency.errorThreshold,
      pauseOnError: config.concurrency.pauseOnError,
      onBudgetExceeded,
    },
    limitUsd: maxBudgetUsd === 'none' ? undefined : maxBudgetUsd,
    warningThreshold,
    maxWaitMs: config.quota.maxWait,
  };
}

const load = (definition: string | SessionGroupInput, { baseDir, env, agents }: RehearsalOptions) =>
  typeof definition === 'string'
    ? loadDefinition(definition, given({ env, agents }))
    : parseDefinition(definition, given({ baseDir, env, agents }));

async function requireOutput(
  { id, outputSchema, agent }: ResolvedSession,
  { results, actsItself }: RehearsalOptions,
): Promise<void> {
  if (outputSchema === undefined || actsItself?.(agent.kind)) return;
  const output = results?.[id]?.output;
  if (output !== undefined) {
    const problem = (await compileOutputSchema(outputSchema))(output);
    if (problem === undefined) return;
    throw new SessionGroupsError('invalid_argument', `results.${id}.output: ${problem}`);
  }
  throw new SessionGroupsError(
    'invalid_argument',
    `session "${id}" has an outputSchema, and nothing says what its puppet returns`,
    { hint: `Pass results: { '${id}': { output: … } } with an output that matches the schema.` },
  );
}

function rehearsed(
  { workspace: _, verify: __, integrate: ___, project, ...session }: SessionDefinition,
  maximumAttempts = 1,
): SessionDefinition {
  const timeouts = { attempt: NEVER_MS, idle: NEVER_MS };
  return {
    ...session,
    ...(project ? { projectPath: resolve('.') } : {}),
    estimate: session.estimate ?? DEFAULT_ESTIMATE_MS,
    timeouts,
    permissions: { ...session.permissions, timeout: NEVER_MS },
    retry: { ...session.retry, ...(maximumAttempts > 1 ? ALWAYS : { maximumAttempts: 1 }) },
  };
}

function modelled(
  session: ResolvedSession,
  { config: { concurrency } }: SessionGroupDefinition,
  { agents, actsItself = () => false }: RehearsalOptions,
): LifecycleInput['sessions'][number] {
  const { id, dependsOn, trigger, priority, allowFailure, projectPath } = session;
  const { spends, approvals } = capabilitiesOf(agents)(session.agent.kind);
  const { retry, permissions, maxBudgetUsd } = session;
  const isPuppet = !actsItself(session.agent.kind);
  return {
    ...{ id, trigger, priority, allowFailure },
    dependsOn: concurrency.respectDependencies ? dependsOn : [],
    estimate: session.estimate ?? DEFAULT_ESTIMATE_MS,
    project: projectKey(projectPath ?? '.'),
    account: spends ? session.agent.kind : undefined,
    retries: retry.maximumAttempts > 1 && !retry.nonRetryableErrorTypes.includes('server_error'),
    asks: approvals && permissions.onRequest === 'ask',
    spends: spends && maxBudgetUsd === undefined && isPuppet,
  };
}
