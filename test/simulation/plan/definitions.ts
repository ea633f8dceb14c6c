import type { SessionGroupInput } from '../../../src/sdk/group/types.ts';
import type { SimulatedDelivery } from '../history.ts';
import type { PlannedChange, PlannedDefinition, PlannedSession } from './plan.ts';

type SessionInput = SessionGroupInput['sessions'][number];

/** Where the simulated machine keeps everything; no such folder is ever made on a real one. */
export const MACHINE = '/simulated';
const USD = 1_000_000;

/** The folder of a project, and of a repository. */
export const projectOf = (name: string): string => `${MACHINE}/projects/${name}`;

/** The definition as a user writes it. */
export function definitionInput(planned: PlannedDefinition, name = 'Simulated'): SessionGroupInput {
  const { retry, limitMicroUsd, onBudgetExceeded, warningThreshold } = planned;
  const { maxConcurrent, maxPerProject, respectDependencies, pauseOnError, errorThreshold } = planned;
  const { nonRetryable, ...policy } = retry;
  const { delivery } = planned;
  return {
    version: 1,
    name,
    config: {
      agent: 'scripted',
      budget: {
        maxBudgetUsd: limitMicroUsd === undefined ? 'none' : limitMicroUsd / USD,
        onBudgetExceeded,
        warningThreshold,
      },
      concurrency: { maxConcurrent, maxPerProject, respectDependencies, pauseOnError, errorThreshold },
      retry: { ...policy, nonRetryableErrorTypes: [...nonRetryable] as never },
      timeouts: { idle: planned.idleMs, attempt: planned.attemptMs },
      quota: { maxWait: planned.maxQuotaWaitMs },
      permissions: { onRequest: planned.onRequest, timeout: planned.approvalMs },
      sessionDefaults: { generateClaudeMd: false },
      ...(delivery ? deliveryInput(delivery) : {}),
    },
    sessions: planned.sessions.map(sessionInput),
  };
}

/** What set-up and checks are called. */
export const COMMANDS = { setup: 'prepare', verify: 'check' };

function deliveryInput(delivery: SimulatedDelivery): Partial<SessionGroupInput['config'] & object> {
  const { trees, verify, setup, integrate: mode, verifyMerge, onConflict, into, scope, keep } = delivery;
  const commands = { commands: [COMMANDS.verify] };
  return {
    ...(verify ? { verify: { ...commands, attempts: verify.attempts, timeout: verify.timeoutMs } } : {}),
    ...(trees
      ? {
          workspace: { mode: 'worktree', keep, ...(setup ? { setup: [COMMANDS.setup] } : {}) },
          integrate: {
            mode,
            verify: verifyMerge,
            onConflict,
            scope,
            ...(into === undefined ? {} : { into }),
          },
        }
      : {}),
  };
}

export function sessionInput(planned: PlannedSession): SessionInput {
  const { id, project, repository, dependsOn, trigger, priority } = planned;
  const { estimateMs, limitMicroUsd, allowFailure, resumes, forEach, reads } = planned;
  return {
    id,
    projectPath: projectOf(repository ?? project),
    prompt: reads === undefined ? 'go' : `{{ sessions['${reads}[*]'].result }}`,
    ...(forEach === undefined ? {} : { forEach: [...forEach] }),
    dependsOn: [...dependsOn],
    trigger,
    priority,
    allowFailure,
    agent: resumes ? { kind: 'scripted' } : { kind: 'command', command: ['simulated'] },
    ...(estimateMs === undefined ? {} : { estimate: estimateMs }),
    ...(limitMicroUsd === undefined ? {} : { maxBudgetUsd: limitMicroUsd / USD }),
  };
}

/** The definition after a change; undefined if the change names a session that is not there. */
export function changed(definition: PlannedDefinition, change: PlannedChange): PlannedDefinition | undefined {
  const { sessions } = definition;
  switch (change.kind) {
    case 'add':
      return { ...definition, sessions: [...sessions, change.session] };
    case 'limit': {
      const { limitMicroUsd: _, ...rest } = definition;
      return change.microUsd === undefined ? rest : { ...rest, limitMicroUsd: change.microUsd };
    }
    case 'values':
      return sessions.some(({ forEach }) => forEach)
        ? {
            ...definition,
            sessions: sessions.map(one => (one.forEach ? { ...one, forEach: change.values } : one)),
          }
        : undefined;
    case 'remove':
      return sessions.some(({ id }) => id === change.session)
        ? { ...definition, sessions: sessions.filter(({ id }) => id !== change.session) }
        : undefined;
    case 'change':
      return sessions.some(({ id }) => id === change.session)
        ? {
            ...definition,
            sessions: sessions.map(one => (one.id === change.session ? { ...one, ...change.to } : one)),
          }
        : undefined;
  }
}
