import type { Clock } from '../clock.ts';
import type { Agent } from './agent.ts';
import type { AgentKind } from './agent-kinds.ts';
import { createClaudeAgent } from './claude-code/claude-agent.ts';
import { createCommandAgent } from './command.ts';
import { createScriptedAgent } from './scripted/scripted.ts';

/** The built-in agents, one of each kind. `env` determines where programs are found. */
export function builtInAgents(clock: Clock, env = process.env): Readonly<Record<AgentKind, Agent>> {
  return {
    claude: createClaudeAgent({ clock, env }),
    command: createCommandAgent(clock),
    scripted: createScriptedAgent(clock),
  };
}
