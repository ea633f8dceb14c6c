import { systemClock } from '../../sdk/clock.ts';
import type { Agent, AgentCheck } from '../../sdk/session/agent.ts';
import { isBuiltIn, isOwn, type ResolvedAgent } from '../../sdk/session/agent-config.ts';
import { builtInAgents } from '../../sdk/session/built-in-agents.ts';
import { readOptions } from '../../sdk/session/own/options.ts';
import { readinessOf } from '../../sdk/session/own/readiness.ts';
import { registered } from '../../sdk/session/own/registered.ts';
import type { CliIo } from '../io.ts';
import { pluginAgents } from './plugin-agents.ts';

/** Asks an agent of this kind whether it can start, bounded in time; `asked` is as the definition has it. */
export async function checkAgent(
  kind: string,
  env: CliIo['env'],
  asked?: ResolvedAgent,
): Promise<AgentCheck> {
  const agent = isBuiltIn(kind)
    ? builtInAgents(systemClock, env)[kind]
    : registered(await pluginAgents(env), kind);
  const check = agent && (await readinessOf(agent, parsed(agent, asked), { clock: systemClock }));
  return check ?? { ok: false, code: 'agent_not_found', message: 'no plugin registers it', hint: ADD_PLUGIN };
}

const ADD_PLUGIN = 'Name its plugin under plugins in your config.yaml.';

function parsed(agent: Agent, asked: ResolvedAgent | undefined): ResolvedAgent | undefined {
  if (!asked || !isOwn(asked)) return asked;
  const read = readOptions(agent, asked.options);
  return read.ok ? { ...asked, options: read.value } : asked;
}
