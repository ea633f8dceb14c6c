import type { z } from 'zod';
import type { Agent, AgentCheck, AgentEvent, Attempt, AttemptSpec } from '../agent.ts';
import type { OwnAgentConfig } from '../agent-config.ts';

/** An agent whose options are typed by its own zod schema; see `defineAgent`. */
export interface AgentDefinition<Schema extends z.core.$ZodType>
  extends Omit<Agent, 'optionsSchema' | 'check' | 'start'> {
  /** What a definition may give as `options`. */
  readonly optionsSchema: Schema;
  /** Says whether the agent can start with these options, within 30 s. Default: it always can. */
  check?(options?: {
    readonly agent?: OwnAgentConfig<z.output<Schema>>;
    readonly signal?: AbortSignal;
  }): Promise<AgentCheck>;
  /** Starts one attempt: `spec.agent.options` is what the schema has parsed, and events reach `sink` later. */
  start(
    spec: Omit<AttemptSpec, 'agent'> & { readonly agent: OwnAgentConfig<z.output<Schema>> },
    sink: (event: AgentEvent) => void,
  ): Attempt;
}

/**
 * An agent for `agents`, with its options typed by their zod schema. What a definition gives as
 * `agent: { kind, options }` is checked when it is loaded, and errors point to its place.
 *
 * @example
 * const review = defineAgent({
 *   kind: 'review',
 *   capabilities: { resume: false, usage: 'none', spends: false, approvals: false },
 *   optionsSchema: z.strictObject({ tone: z.enum(['plain', 'dry']).default('plain') }),
 *   start: ({ agent: { options }, prompt }, sink) => startReview(prompt, options.tone, sink),
 * });
 * await createSessionGroup('session-groups.yaml', { agents: { review } });
 */
export const defineAgent = <Schema extends z.core.$ZodType>(agent: AgentDefinition<Schema>): Agent => agent;
