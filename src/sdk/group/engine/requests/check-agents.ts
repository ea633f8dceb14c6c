import { AgentUnavailableError } from '../../../errors.ts';
import type { ResolvedAgent } from '../../../session/agent-config.ts';
import { AbsentAgent } from '../../../session/own/absent.ts';
import { readinessOf } from '../../../session/own/readiness.ts';
import type { GroupEngine } from '../group-engine.ts';

/**
 * Asks each agent that the group uses whether it can start, before anything starts: once for each program and setting.
 *
 * @returns whether all have said so; false once the signal has aborted.
 * @throws AgentUnavailableError for the first that can't, or doesn't answer in time.
 */
export async function checkAgents(
  { state, clock, attempts }: GroupEngine,
  signal: AbortSignal,
): Promise<boolean> {
  const seen = new Set<ResolvedAgent>();
  for (const id of state.sessions.keys()) {
    const { agent, asked } = state.readAgent(id);
    if (agent instanceof AbsentAgent) throw agent.problem;
    if (seen.has(asked)) continue; // the same object for the same settings
    seen.add(asked);
    if (!attempts.executor.here) continue; // who is asked to start it says so
    const check = await readinessOf(agent, asked, { clock, signal });
    if (!check) return false;
    if (!check.ok) throw new AgentUnavailableError(check.code, check.message, { hint: check.hint });
  }
  return true;
}
