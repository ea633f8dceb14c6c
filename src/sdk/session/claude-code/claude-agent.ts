import { type Clock, systemClock } from '../../clock.ts';
import type { Agent } from '../agent.ts';
import { AGENT_KINDS } from '../agent-kinds.ts';
import { startClaudeAttempt } from './attempt.ts';
import { createClaudeCheck, findClaude } from './executable.ts';
import { createStartGate } from './start-gate.ts';

export interface ClaudeAgentOptions {
  /** Default: the system's. */
  readonly clock?: Clock;
  /** How many clients may be between their start and their first word. Default: the number of processors. */
  readonly spawnLimit?: number;
  /** Where to look for the client (PATH, SESSION_GROUPS_CLAUDE). Default: the environment of this process. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/**
 * Claude Code as an agent: one `claude -p` process per attempt, spoken to over stream-json. Everything that is
 * known of the client and does not come from its documentation was measured on 2.1.330 and 2.1.197
 * (design-docs, and `npm run test:claude`).
 */
export function createClaudeAgent(options: ClaudeAgentOptions = {}): Agent & Required<Pick<Agent, 'check'>> {
  const { clock = systemClock, spawnLimit, env = process.env } = options;
  const gate = createStartGate(spawnLimit);
  return {
    kind: 'claude',
    capabilities: AGENT_KINDS.claude.capabilities,
    check: createClaudeCheck(clock, env),
    start: (spec, sink) =>
      startClaudeAttempt({ spec, sink, clock, gate, executable: findClaude(spec.agent, env) }),
  };
}
