import { AgentUnavailableError, textOfThrown } from '../../errors.ts';
import type { Agent, AgentCheck } from '../../session/agent.ts';
import type { ResolvedAgent } from '../../session/agent-config.ts';
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
    const check = await checkOf(agent, { agent: session.agent });
    if (!check.ok) throw new AgentUnavailableError(check.code, check.message, { hint: check.hint });
  }
}

/** An agent whose check throws, or answers neither yes nor no, can't start. */
async function checkOf(agent: Agent, asked: { readonly agent: ResolvedAgent }): Promise<AgentCheck> {
  try {
    const check = await agent.check?.(asked);
    if (typeof check?.ok === 'boolean') return check;
    throw new Error('it answered neither yes nor no');
  } catch (reason) {
    return {
      ok: false,
      code: 'agent_misbehaved',
      message: `the check of the agent (${agent.kind}) failed: ${textOfThrown(reason)}`,
      hint: 'Fix the agent: its check has to say whether it can start, and must not throw.',
    };
  }
}
