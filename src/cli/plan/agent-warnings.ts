import type { Diagnostic } from '../../sdk/group/document/diagnostics.ts';
import type { SessionGroupDefinition } from '../../sdk/group/types.ts';
import type { ResolvedAgent } from '../../sdk/session/agent-config.ts';
import { capabilitiesOf } from '../../sdk/session/own/registered.ts';
import type { CliContext } from '../context.ts';

/** Warnings for the agents that sessions name and that can't start now; each is asked once. */
export async function agentWarnings(
  { config, sessions }: SessionGroupDefinition,
  { io, services }: CliContext,
): Promise<Diagnostic[]> {
  const asked = new Map<string, { readonly agent: ResolvedAgent; readonly path: Diagnostic['path'] }>();
  for (const [index, session] of sessions.entries()) {
    const agent = session.agent ?? config.agent;
    if (capabilitiesOf()(agent.kind).standsIn) continue; // always ready
    const path = session.agent ? ['sessions', index, 'agent'] : ['config', 'agent'];
    const key = JSON.stringify(agent);
    if (!asked.has(key)) asked.set(key, { agent, path });
  }
  const warnings = [...asked.values()].map(async ({ agent, path }): Promise<Diagnostic[]> => {
    const check = await services.checkAgent(agent.kind, io.env, agent);
    if (check.ok) return [];
    const message = `the agent ${agent.kind} is not ready: ${check.message}`;
    return [{ severity: 'warning', code: 'agent_not_ready', message, path, suggestion: check.hint }];
  });
  return (await Promise.all(warnings)).flat();
}
