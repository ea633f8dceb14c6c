import { AgentUnavailableError } from '../../errors.ts';
import type { Agent } from '../../session/agent.ts';
import type { GroupEngine } from '../engine/group-engine.ts';

/**
 * Asks each agent that the group uses whether it can start, before anything starts: once for each program and setting.
 * @throws AgentUnavailableError for the first that can't.
 */
export async function checkAgents({ state }: GroupEngine): Promise<void> {
  const checked = new Map<Agent, Set<string>>();
  for (const session of state.sessions.values()) {
    const agent = state.agentOf(session.id);
    const seen = checked.get(agent) ?? new Set();
    checked.set(agent, seen);
    if (!agent.check) continue;
    const key = JSON.stringify(session.agent);
    if (seen.has(key)) continue;
    seen.add(key);
    const check = await agent.check({ agent: session.agent });
    if (!check.ok) throw new AgentUnavailableError(check.code, check.message, { hint: check.hint });
  }
}
