import { AgentUnavailableError } from '../../errors.ts';
import type { Agent, AgentEvent, Attempt, AttemptSpec } from '../agent.ts';

/**
 * Stands for an agent that a saved group names and that can't be used here: it isn't registered, or no longer accepts
 * its options. The group can be opened, read, changed and stopped; nothing starts.
 */
export class AbsentAgent implements Agent {
  readonly kind: string;
  readonly capabilities = { resume: true, usage: 'optional', spends: false, approvals: false } as const;
  /** Why, and what to do about it. */
  readonly problem: AgentUnavailableError;

  constructor(kind: string, problem: AgentUnavailableError) {
    this.kind = kind;
    this.problem = problem;
  }

  /** The host checks first, so this comes only where it doesn't. */
  start(_spec: AttemptSpec, sink: (event: AgentEvent) => void): Attempt {
    const { message } = this.problem;
    setImmediate(() => sink({ type: 'ended', end: { outcome: 'failed', code: 'agent_not_found', message } }));
    const nothing = (): void => {};
    return { interrupt: nothing, terminate: nothing, kill: nothing, answerPermission: nothing };
  }
}

/** @param id the session that names it. */
export function unregistered(id: string, kind: string): AbsentAgent {
  const hint = `Register an agent of the kind ${kind}: with the option agents, or for the command line in plugins of your config.yaml.`;
  const message = `session "${id}": no agent is registered for the kind "${kind}"`;
  return new AbsentAgent(kind, new AgentUnavailableError('unknown_agent', message, { hint }));
}

/** @param reason what its schema now finds wrong with the options that are stored. */
export function outgrown(id: string, kind: string, reason: string): AbsentAgent {
  const message = `session "${id}": the agent ${kind} does not accept its options: ${reason}`;
  const hint =
    'Give the group a definition whose options it accepts, or register the version of the agent that does.';
  return new AbsentAgent(kind, new AgentUnavailableError('invalid_agent_options', message, { hint }));
}
