import type { Clock } from '../clock.ts';
import type { Agent } from './agent.ts';
import type { AgentKind } from './agent-kinds.ts';
import { createClaudeAgent } from './claude-code/claude-agent.ts';
import { createCommandAgent } from './command.ts';
import { createScriptedAgent } from './scripted/scripted.ts';

/** The agents that the library brings, one of each kind. `env`: where programs are looked for. */
export function builtInAgents(clock: Clock, env = process.env): Readonly<Record<AgentKind, Agent>> {
  return {
    claude: createClaudeAgent({ clock, env }),
    command: createCommandAgent(clock),
    scripted: createScriptedAgent(clock),
  };
}
