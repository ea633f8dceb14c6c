import { type Clock, systemClock } from '../../clock.ts';
import type { Agent } from '../agent.ts';
import { AGENT_KINDS } from '../agent-kinds.ts';
import { startClaudeAttempt } from './attempt.ts';
import { claudeProblem, createClaudeCheck, findClaude } from './executable.ts';
import { createStartGate } from './start-gate.ts';

/** Options of `createClaudeAgent`. */
export interface ClaudeAgentOptions {
  /** Default: the system clock. */
  readonly clock?: Clock;
  /** How many Claude Code processes may be starting at once. Default: the number of processors. */
  readonly spawnLimit?: number;
  /** Where to look for Claude Code (PATH, SESSION_GROUPS_CLAUDE). Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Claude Code as an agent: one `claude -p` process per attempt, controlled over stream-json. Behavior of the client
 * that isn't documented was measured on 2.1.330 and 2.1.197.
 */
export function createClaudeAgent(options: ClaudeAgentOptions = {}): Agent & Required<Pick<Agent, 'check'>> {
  const { clock = systemClock, spawnLimit, env = process.env } = options;
  const gate = createStartGate(spawnLimit);
  return {
    kind: 'claude',
    capabilities: AGENT_KINDS.claude.capabilities,
    check: createClaudeCheck(clock, env),
    start: (spec, sink) =>
      startClaudeAttempt({
        ...{ spec, sink, clock, gate },
        executable: findClaude(spec.agent, env),
        problem: claudeProblem(spec.agent, env)?.message,
      }),
  };
}
